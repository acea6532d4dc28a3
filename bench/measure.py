"""What all benchmarks share: CPU time and memory of processes, medians, what was measured where, the result."""
import datetime
import json
import os
import pathlib
import platform
import signal
import socket
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BIN = ROOT / "build" / "release" / "bin"
OUT = ROOT / "build" / "bench"


def cpu_seconds(pid):
    """User and system time of all threads of a process that are alive, to the nanosecond."""
    total = 0
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(path.read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass  # a thread that has just ended
    return total / 1e9


def memory(pid):
    """MiB of a process: resident now, its peak, and its share of pages that several have (PSS)."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    pss = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return {"rss": int(status["VmRSS"].split()[0]) / 1024, "peak": int(status["VmHWM"].split()[0]) / 1024,
            "pss": int(pss.split()[1]) / 1024}


def forget_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def children(pid):
    """A process and all below it."""
    found = [pid]
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            found += children(int(child))
    return found


def median(values):
    return statistics.median(values)


def spread(values, digits=2):
    """Median and range, as text."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def machine():
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    return {"date": datetime.datetime.now().isoformat(timespec="minutes"), "cpu": cpu, "cores": os.cpu_count(),
            "kernel": platform.release(), "load_average": os.getloadavg()[0], "commit": commit.strip(),
            "build": "release"}


def report(name, conditions, rows, result):
    """Print a table and leave everything in build/bench/NAME.json.  rows: (what, text)."""
    about = machine()
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{name}.json"
    path.write_text(json.dumps({"machine": about, "conditions": conditions, **result}, indent=1))
    print(f"\n{name}: {about['date']}, {about['cpu']}, {about['cores']} cores, load {about['load_average']:.1f}, "
          f"commit {about['commit']}")
    print(f"  {conditions}")
    width = max(len(what) for what, _ in rows)
    for what, text in rows:
        print(f"  {what:<{width}}  {text}")
    print(f"  ({path.relative_to(ROOT)})", flush=True)


class Programs:
    """Programs that end with the benchmark."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="plumb-bench.")
        self.dir = pathlib.Path(self.folder.name)
        os.chmod(self.dir, 0o755)
        self.running = []

    def start(self, *arguments, env=None, cpu=None, log=None, **more):
        if cpu is not None:
            arguments = ("taskset", "-c", str(cpu), *arguments)
        out = open(self.dir / (log or f"{pathlib.Path(str(arguments[0])).name}.log"), "ab")
        program = subprocess.Popen(list(map(str, arguments)), env={**os.environ, **(env or {})}, stdout=out, stderr=out,
                                   cwd=self.dir, **more)
        self.running.append(program)
        return program

    def stop(self, program, how=signal.SIGTERM):
        program.send_signal(how)
        program.wait(60)
        self.running.remove(program)

    def close(self):
        for program in reversed(list(self.running)):
            self.stop(program, signal.SIGINT)
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def wait_port(self, port, seconds=30):
        until = time.monotonic() + seconds
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if time.monotonic() > until:
                    raise SystemExit(f"nothing listens on port {port} after {seconds} s\n{self.logs()}")
                time.sleep(0.02)

    def logs(self):
        return "".join(f"--- {p.name}\n{p.read_text(errors='replace')[-800:]}" for p in self.dir.glob("*.log"))

    def postgres(self):
        """A Postgres of its own with the defaults, fsync included; returns its DSN and process."""
        programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        data, more = self.dir / "postgres", {}
        if os.getuid() == 0:
            import pwd
            user = pwd.getpwnam("postgres")
            more = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.dir, user.pw_uid, user.pw_gid)
        subprocess.run([programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, cwd=self.dir, **more)
        server = self.start(programs / "postgres", "-D", data, "-c", "listen_addresses=", "-c", "max_connections=200",
                            "-c", f"unix_socket_directories={self.dir}", **more)
        until = time.monotonic() + 60
        while subprocess.run([programs / "pg_isready", "-q", "-h", self.dir]).returncode:
            if time.monotonic() > until:
                raise SystemExit("Postgres does not start")
            time.sleep(0.1)
        return f"host={self.dir} user=postgres dbname=postgres", server
