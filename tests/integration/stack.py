"""Starts and stops the whole product the way `make run` does, on ports and folders of its own."""
import fcntl
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRESET = os.environ.get("PLUMB_PRESET", "dev")
BIN = ROOT / "build" / PRESET / "bin"
FIXTURES = os.environ.get("PLUMB_FIXTURES")


TAKEN = []  # locks on the bases of this process's stacks


def all_free(ports):
    sockets = []
    try:
        for port in ports:
            sockets.append(socket.socket())
            sockets[-1].bind(("127.0.0.1", port))
        return True
    except OSError:
        return False
    finally:
        for s in sockets:
            s.close()


def free_base(count=100):
    """A run of ports for the services of one stack, below those that the kernel gives to clients.  It is locked against
    other test runs on this machine: a process that is down for a moment must find its port free again."""
    folder = pathlib.Path(tempfile.gettempdir()) / "plumb-test-ports"
    folder.mkdir(exist_ok=True)
    bases = list(range(12000, 32700, count))
    for n in range(len(bases)):
        base = bases[(os.getpid() * 7 + n) % len(bases)]
        lock = open(folder / str(base), "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        if all_free(range(base, base + count)):
            TAKEN.append(lock)
            return base
        lock.close()
    raise RuntimeError("no free ports")


def wait_for(question, seconds=60, what="it"):
    """Ask until the answer is true; the answer, or a failure that names what was waited for."""
    until = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.05)


def persist(ask, *fine):
    """Ask as `plumb` does until it is no longer "try again"; the last answer."""
    def answered():
        answer = ask()
        return answer if answer.status not in (429, 502, 503, 504) else None
    answer = wait_for(answered, 60, "an answer")
    assert answer.status in fine, answer
    return answer


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


def services():
    """Each service with a schema, as tools/stack has it: {"governance-engine": "governance", ...}."""
    text = (ROOT / "tools" / "stack").read_text()
    return dict(re.findall(r"^ +service ([a-z-]+) \d+ ([a-z]+)", text, re.M))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Stack:
    def __init__(self, **settings):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="plumb-it."))
        os.chmod(self.dir, 0o755)
        base = free_base()
        # Not one that the kernel gives to clients: it could be theirs before the gateway starts.
        self.port, self.spare_port = base + 99, base + 98
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {**os.environ, "PORT": str(self.port), "PLUMB_RUN_DIR": str(self.dir / "run"),
                    "PLUMB_PORT_BASE": str(base), "PLUMB_PRESET": PRESET, "PLUMB_DEMO": "0",
                    "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1", "HOME": str(self.dir), **settings}
        for name in ("PLUMB_URL", "PLUMB_TOKEN"):
            self.env.pop(name, None)
        self.run_dir = self.dir / "run"

    def make(self, *arguments, check=True):
        return subprocess.run([ROOT / "tools" / "stack", *arguments], env=self.env, cwd=ROOT, check=check,
                              capture_output=True, text=True)

    def up(self):
        done = self.make("up", "--detach", check=False)
        if done.returncode:
            raise AssertionError(f"the stack does not start:\n{done.stdout}{done.stderr}\n{self.logs()}")
        self.token = (self.run_dir / "admin-token").read_text().strip()
        return self

    def down(self):
        self.make("stop", check=False)

    def close(self):
        self.down()
        self.make("reset", check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def logs(self, lines=30):
        text = ""
        for path in sorted((self.run_dir / "logs").glob("*.log")):
            text += f"--- {path.name}\n" + "".join(path.read_text(errors="replace").splitlines(True)[-lines:])
        return text

    def row(self, process):
        """What the supervisor says of it: name, state, pid, ..."""
        for line in (self.run_dir / "status").read_text().splitlines():
            fields = line.split("\t")
            if fields[0] == process:
                return fields
        raise KeyError(process)

    def state(self, process):
        return self.row(process)[1]

    def pid(self, process):
        return int(self.row(process)[2])

    # ---- the public doors: the command line and HTTP ----

    def plumb(self, *arguments, code=0, stdin=None, **env):
        done = subprocess.run([BIN / "plumb", *map(str, arguments)], env={**self.env, **env}, cwd=self.dir,
                              input=stdin, capture_output=True, text=True, timeout=300)
        assert code is None or done.returncode == code, \
            f"plumb {' '.join(map(str, arguments))} exited {done.returncode}, not {code}\n{done.stdout}{done.stderr}"
        return done

    def plumb_json(self, *arguments, code=0):
        return json.loads(self.plumb(*arguments, "--format", "json", code=code).stdout)

    def http(self, method, path, body=None, token="admin", headers=None, timeout=60):
        headers = dict(headers or {})
        if token == "admin":
            token = self.token
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        elif body is not None:
            headers.setdefault("Content-Type", "application/yaml")
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        opener = urllib.request.build_opener(NoRedirect)
        try:
            with opener.open(request, timeout=timeout) as reply:
                return Answer(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def get(self, path, **kw):
        return self.http("GET", path, **kw)

    def new_token(self, *scopes, apis=()):
        arguments = [f for s in scopes for f in ("--scope", s)] + [f for a in apis for f in ("--api", a)]
        return self.plumb("tokens", "create", "test", *arguments).stdout.strip()

    def create_api(self, name, **settings):
        answer = self.http("PUT", f"/api/v1/apis/{name}", settings)
        assert answer.status in (200, 201), answer
        return answer.json

    def push(self, api, document, sha, query="", status=(200, 201), **kw):
        if isinstance(document, str):
            document = document.encode()
        answer = self.http("POST", f"/api/v1/apis/{api}/runs?sha={sha}{query}", document,
                           headers={"Content-Type": "application/yaml", **kw.pop("headers", {})}, **kw)
        assert answer.status in (status if isinstance(status, tuple) else (status,)), answer
        return answer.json

    def published(self, api, seq, seconds=60):
        """Wait until the artifacts of run number seq (or a later one) are the current set."""
        def current():
            answer = self.get(f"/api/v1/apis/{api}/artifacts")
            return answer.json if answer.status == 200 and answer.json.get("seq", 0) >= seq else None
        return wait_for(current, seconds, f"artifacts of {api} run {seq}")


def document(version="1.0.0", paths=("/things",), title="Things"):
    """A small OpenAPI document, as YAML, one GET a path."""
    lines = ["openapi: 3.1.0", f"info: {{title: {title}, version: {version}}}", "paths:"]
    for path in paths:
        lines += [f"  {path}:", "    get:", f"      operationId: get{path.strip('/').replace('/', '_') or 'root'}",
                  "      responses:", "        '200': {description: fine}"]
    return "\n".join(lines) + "\n"
