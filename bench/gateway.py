#!/usr/bin/python3
"""usage: gateway.py [--rounds N] [--seconds S]

api-gateway and a Call to a service, against nginx proxying to nginx: CPU time per request of all processes that serve
it.  The servers share one core and wrk has the other (one is shared where there is only one); interleaved.
"""
import argparse
import os
import re
import subprocess
import time
import urllib.error
import urllib.request

from measure import BIN, ROOT, Programs, children, cpu_seconds, free_port, median, report, spread

PATH = "/api/v1/apis/museum"
HEADERS = ("-H", "X-Request-Id: bench-1")
TOKEN = ("-H", "Authorization: Bearer plumb_0123456789abcdef0123456789abcdef")
CORES = os.cpu_count()


def contract(programs):
    """The contract, with getApi open to everybody: what is measured is the way, not auth."""
    text = (ROOT / "api" / "openapi.yaml").read_text()
    text, count = re.subn(r"(operationId: getApi\n\s+x-service: \S+\n\s+x-scope: )\S+", r"\1none", text)
    assert count == 1, "getApi is not where it was in api/openapi.yaml"
    path = programs.dir / "openapi.yaml"
    path.write_text(text)
    return path


class Ours:
    """The gateway and a backend that answers from memory, over one transport.  full: with a token (which the gateway
    remembers), a limit for each client (counted in the gateway) and a log line for each request, too."""

    def __init__(self, programs, transport, security, full=False):
        self.name = f"{transport}, {security}" + (", token, limit, request log" if full else "")
        self.headers = HEADERS + (TOKEN if full else ())
        self.programs, self.port = programs, free_port()
        at = programs.dir / f"{transport}-{security}"
        bind = f"tcp://127.0.0.1:{free_port()}" if transport == "tcp" else f"ipc://{at}:1"
        env = {"PLUMB_BIND": bind, "PLUMB_PEER_GOVERNANCE_ENGINE": bind,
               "PLUMB_PEER_AUTH": f"tcp://127.0.0.1:{free_port()}" if full else "", "PLUMB_KEYS_DIR": str(programs.dir / "keys"),
               "PLUMB_BUS_PLAINTEXT": "1" if security == "plain" else "0", "LOG_LEVEL": "INFO" if full else "WARNING",
               "PORT": str(self.port), "PLUMB_LIMIT_RATE": "10000" if full else "0", "PLUMB_LIMIT_BURST": "1000000", "PLUMB_CONTRACT": str(programs.dir / "openapi.yaml")}
        self.servers = [programs.start(BIN / program, env={**env, "PLUMB_HTTP_BIND": f"127.0.0.1:{free_port()}"}, cpu=0,
                                       log=f"{program}.log")
                        for program in ("bench_backend", "api-gateway")]
        if full:
            auth = {**env, "PLUMB_BIND": env["PLUMB_PEER_AUTH"], "BENCH_SERVICE": "auth"}
            programs.start(BIN / "bench_backend", env={**auth, "PLUMB_HTTP_BIND": f"127.0.0.1:{free_port()}"})
        programs.wait_port(self.port)


class Nginx:
    """nginx proxying to nginx, one worker each, keep-alive on both sides, no log."""

    CONF = """
daemon off; master_process off; error_log stderr crit; pid {dir}/{name}.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000; client_body_temp_path {dir}/b; proxy_temp_path {dir}/p;
  fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  upstream backend {{ server {upstream}; keepalive 256; keepalive_requests 1000000; }}
  server {{ listen {listen}; default_type application/json; location / {{ {location} }} }}
}}
"""

    def __init__(self, programs, transport, body):
        self.name, self.headers = f"nginx to nginx, {transport}", HEADERS
        self.port, back = free_port(), free_port()
        upstream = f"127.0.0.1:{back}" if transport == "tcp" else f"unix:{programs.dir}/nginx.sock"
        listen = upstream if transport != "tcp" else f"127.0.0.1:{back}"
        proxy = "proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_buffering on;"
        self.servers = [self.start(programs, f"{transport}-back", listen, upstream, f"return 200 '{body}';"),
                        self.start(programs, f"{transport}-front", f"127.0.0.1:{self.port}", upstream, proxy)]
        programs.wait_port(self.port)

    def start(self, programs, name, listen, upstream, location):
        path = programs.dir / f"{name}.conf"
        path.write_text(self.CONF.format(dir=programs.dir, name=name, listen=listen, upstream=upstream, location=location))
        return programs.start("nginx", "-p", programs.dir, "-c", path, cpu=0, log="nginx.log")


def fetch(programs, port, seconds=30):
    """The answer, once the backend is connected."""
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{PATH}") as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            if time.monotonic() > until:
                raise SystemExit(f"{error}\n{error.read().decode()}\n{programs.logs()}")
            time.sleep(0.1)


def load(side, seconds):
    """One run of wrk: requests a second, p99 and CPU microseconds a request of each server."""
    pids = [p for server in side.servers for p in children(server.pid)]
    before = [cpu_seconds(pid) for pid in pids]
    text = subprocess.run(["taskset", "-c", str(CORES - 1), "wrk", "-t1", "-c64", f"-d{seconds}s", "--latency", "--timeout", "20s", *side.headers,
                           f"http://127.0.0.1:{side.port}{PATH}"], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"{side.name}: {text}")
    requests = int(re.search(r"(\d+) requests in", text)[1])
    unit = {"us": 0.001, "ms": 1, "s": 1000}
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    cpu = [(cpu_seconds(pid) - was) / requests * 1e6 for pid, was in zip(pids, before)]
    return {"requests_per_s": requests / seconds, "p99_ms": float(late[1]) * unit[late[2]], "cpu_us": sum(cpu),
            "servers_cpu_us": cpu}


def measure(options):
    with Programs() as programs:
        subprocess.run([BIN / "plumb", "keys", "bus", "--dir", programs.dir / "keys"], check=True, capture_output=True)
        contract(programs)
        ours = [Ours(programs, "ipc", "plain"), Ours(programs, "tcp", "plain"), Ours(programs, "tcp", "CURVE"),
                Ours(programs, "tcp", "CURVE", full=True)]
        body = fetch(programs, ours[0].port)
        assert fetch(programs, ours[2].port) == body and "'" not in body.replace("museum's", "")
        body = body.replace("'", "\\'")
        sides = [Nginx(programs, "tcp", body), Nginx(programs, "unix", body), *ours]
        for side in sides:
            load(side, 1)
        results = {side.name: [] for side in sides}
        for _ in range(options.rounds):
            for side in sides:
                results[side.name].append(load(side, options.seconds))
                print(".", end="", flush=True)
    return results


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=3)
    options = options.parse_args()
    results = measure(options)
    base = [r["cpu_us"] for r in results["nginx to nginx, tcp"]]
    rows = []
    for name, runs in results.items():
        cpu = [r["cpu_us"] for r in runs]
        parts = " + ".join(f"{median([r['servers_cpu_us'][i] for r in runs]):.1f}"
                           for i in range(len(runs[0]["servers_cpu_us"])))
        rows.append((name, f"{spread([c / b for c, b in zip(cpu, base)])} of nginx tcp; CPU µs/request {spread(cpu, 1)} "
                     f"(back + front {parts}); {median([r['requests_per_s'] for r in runs]):.0f}/s, "
                     f"p99 {median([r['p99_ms'] for r in runs]):.1f} ms"))
    report("gateway", f"wrk -t1 -c64, GET of a small JSON; no token, limit or request log unless said; medians of {options.rounds} "
           f"interleaved rounds of {options.seconds} s", rows, results)


if __name__ == "__main__":
    main()
