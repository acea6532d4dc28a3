"""A Redis and some gateways that share its limits, alone: no service stands behind them."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration"))
from stack import free_base  # noqa: E402

BIN = ROOT / "build" / os.environ.get("PLUMB_PRESET", "release") / "bin"


ports = iter(())  # left of a run that is locked against other tests


def free_port():
    """Not one that the kernel gives to clients: it could be theirs before it is bound."""
    global ports
    port = next(ports, None)
    if port is None:
        base = free_base()
        ports = iter(range(base + 1, base + 100))
        port = base
    return port


def wait_for(question, what, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = question()
        if answer:
            return answer
        time.sleep(0.005)
    raise AssertionError(f"waited {seconds} s for {what}")


def policy(rate, burst, **more):
    return json.dumps({"policies": [{"name": "client", "rate": rate, "burst": burst, **more}]})


class Redis:
    def __init__(self, folder, name="redis", env=None, options=()):
        self.path, self.folder, self.env, self.options = folder / f"{name}.sock", folder, env, options
        self.start()

    def start(self, *options):
        program = shutil.which("redis-server") or "/usr/bin/redis-server"
        self.path.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", self.path, "--save", "", "--dir", self.folder,
             *self.options, *options],
            stdout=subprocess.DEVNULL, env={**os.environ, **(self.env or {})})
        wait_for(lambda: self.say("PING") is not None, "Redis")

    def say(self, *words, timeout=5):
        """The reply in the text of the protocol; None if there is none."""
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(timeout)
                s.connect(str(self.path))
                s.sendall(b"*%d\r\n" % len(words) + b"".join(
                    b"$%d\r\n%s\r\n" % (len(str(w)), str(w).encode()) for w in words))
                return s.recv(65536).decode()
        except OSError:
            return None

    def info(self, name):
        return int(re.search(rf"{name}:(\d+)", self.say("INFO")).group(1))

    def keys(self):
        return int(self.say("DBSIZE")[1:])

    def signal(self, what):
        self.process.send_signal(what)

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()


class Gateway:
    def __init__(self, fleet, env=None, wrapper=()):
        self.port, self.http = free_port(), free_port()
        self.log = fleet.folder / f"gateway-{self.port}.log"
        self.process = subprocess.Popen(
            [*wrapper, BIN / "api-gateway"], stdout=open(self.log, "w"), stderr=subprocess.STDOUT,
            env={**os.environ, "PLUMB_BUS_PLAINTEXT": "1", "LOG_LEVEL": "ERROR",
                 "PLUMB_REDIS": f"unix:{fleet.redis_path}", "PLUMB_LIMITS": str(fleet.file),
                 "PORT": str(self.port), "PLUMB_HTTP_BIND": f"127.0.0.1:{self.http}",
                 **fleet.env, **(env or {})})

    def metric(self, name):
        """The sum of what begins with that name; None if nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/metrics", timeout=5) as r:
                text = r.read().decode()
        except OSError:
            return None
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))

    def get(self, path="/", headers=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers or {})
        try:
            return urllib.request.build_opener(NoRedirect).open(request, timeout=10)
        except urllib.error.HTTPError as answer:
            return answer

    def rss(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) * 1024


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Fleet:
    """with Fleet(limits, gateways) as fleet: fleet.offer(...)"""

    def __init__(self, limits, count=1, env=None, redis_env=None, redis_options=(), wrappers=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="plumb-limits-"))
        self.file = self.folder / "limits.yaml"
        self.env = env or {}
        self.limits(limits)
        self.redis = Redis(self.folder, env=redis_env, options=redis_options)
        self.redis_path = self.folder / "current.sock"  # a link, so that another may take its place
        self.redis_path.symlink_to(self.redis.path)
        self.gateways = [Gateway(self, *(wrappers[i] if wrappers else ())) for i in range(count)]
        for gateway in self.gateways:
            wait_for(lambda g=gateway: self.is_up(g), "a gateway")

    @staticmethod
    def is_up(gateway):
        return gateway.metric('gateway_breaker_transitions_total{dependency="redis",to="closed"}')

    @staticmethod
    def is_open(gateway):
        return gateway.metric('gateway_breaker_open{dependency="redis"}') >= 1

    def limits(self, text):
        """Swapped in as Kubernetes swaps a ConfigMap."""
        version = self.folder / f"limits-{time.monotonic_ns()}"
        version.write_text(text)
        link = self.folder / "next"
        link.symlink_to(version)
        link.rename(self.file)

    def start_offer(self, seconds, rate=0, connections=4, gateways=None, **more):
        command = [BIN / "plumb-offer", "-s", str(seconds), "-r", str(rate), "-c", str(connections)]
        for name, value in more.items():
            command += [f"-{name}", str(value)]
        return subprocess.Popen(command + [str(g.port) for g in gateways or self.gateways],
                                stdout=subprocess.PIPE, text=True)

    def offer(self, seconds, **how):
        return self.result(self.start_offer(seconds, **how))

    @staticmethod
    def result(process):
        return json.loads(process.communicate()[0])

    def calls(self):
        return sum(g.metric("gateway_limit_redis_calls_total ") for g in self.gateways)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for gateway in self.gateways:
            gateway.process.kill()
            gateway.process.wait()
        self.redis.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
