#!/usr/bin/python3
"""usage: sampler.py [--rounds N] [--targets N]

CPU per probe of the latency sampler, kept alive and fresh, against prometheus-blackbox-exporter probing the same nginx in turn;
then many targets at their usual interval: scheduler lag, missed slots, memory per target.
"""
import argparse
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.request

import stacks
from measure import Programs, cpu_seconds, free_port, median, memory, report, spread

SETTLE = 4  # seconds before a measurement
SECONDS = 6  # of one

NGINX = """daemon off; pid {dir}/pid; error_log /dev/null; worker_processes 1; user root;
events {{ worker_connections 20000; }}
http {{ access_log off; keepalive_timeout 3600; keepalive_requests 1000000000;
  client_body_temp_path {dir}; proxy_temp_path {dir}; fastcgi_temp_path {dir}; uwsgi_temp_path {dir}; scgi_temp_path {dir};
  server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ return 200 "up"; }} }} }}
"""
BLACKBOX = "modules:\n  plain:\n    prober: http\n    timeout: 5s\n    http: {preferred_ip_protocol: ip4}\n"


def metrics(stack):
    port = int(stack.env["PLUMB_PORT_BASE"]) + 62
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as reply:
        return dict(line.rsplit(" ", 1) for line in reply.read().decode().splitlines() if not line.startswith("#"))


def probes(found):
    return sum(float(v) for k, v in found.items() if k.startswith("internal_service_latency_attempts_total{"))


def missed(found):
    return sum(float(v) for k, v in found.items() if k.startswith("latency_slots_missed_total{"))


def lag(before, after):
    """The bound of the bucket that holds the p99 of the scheduler's lag, in ms."""
    prefix = 'latency_scheduler_lag_seconds_bucket{le="'
    counts = [(float(k[len(prefix):-2]), float(v) - float(before.get(k, 0))) for k, v in after.items() if k.startswith(prefix)]
    counts.sort()
    return next((1000 * bound for bound, count in counts if count >= 0.99 * counts[-1][1]), 0)


def probe(stack, url, count, interval_ms, fresh):
    targets = [{"name": f"t{n}", "url": url, "interval_ms": interval_ms, "fresh": fresh} for n in range(count)]
    answer = stack.http("POST", "/admin/latency-targets", {"targets": targets}, timeout=120)
    assert answer.status == 200, answer


def watch(stack, pid, seconds):
    """Probes, CPU seconds, what /metrics said before and after."""
    before, cpu = metrics(stack), cpu_seconds(pid)
    time.sleep(seconds)
    used, after = cpu_seconds(pid) - cpu, metrics(stack)
    return probes(after) - probes(before), used, before, after


def ours(stack, pid, url, fresh):
    probe(stack, url, 1000, 500, fresh)
    time.sleep(SETTLE)
    count, used, _, _ = watch(stack, pid, SECONDS)
    probe(stack, url, 1, 60000, False)
    return 1e6 * used / count


def theirs(port, process, url):
    """wrk asks it to probe; its metrics page is part of what a probe costs there, as in its use."""
    cpu = cpu_seconds(process.pid)
    said = subprocess.run(["wrk", "-t1", "-c16", f"-d{SECONDS}s", f"http://127.0.0.1:{port}/probe?module=plain&target={url}"],
                          capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(process.pid) - cpu
    count = next(int(line.split()[0]) for line in said.splitlines() if "requests in" in line)
    return 1e6 * used / count


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--targets", type=int, default=5000)
    options = options.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="plumb-bench."))
    kept, fresh, other = [], [], []
    try:
        with Programs() as programs, stacks.release(LATENCY_SAMPLE_TARGETS="none:http://127.0.0.1:1/") as stack:
            port, peer = free_port(), free_port()
            (folder / "nginx.conf").write_text(NGINX.format(dir=folder, port=port))
            (folder / "blackbox.yml").write_text(BLACKBOX)
            programs.start("nginx", "-c", folder / "nginx.conf")
            exporter = programs.start("prometheus-blackbox-exporter", f"--config.file={folder}/blackbox.yml",
                                      f"--web.listen-address=127.0.0.1:{peer}", "--log.level=error")
            programs.wait_port(port)
            programs.wait_port(peer)
            url = f"http://127.0.0.1:{port}/"
            stack.up()
            pid = stack.pid("latency-sampler.1")
            idle = memory(pid)["rss"]
            for _ in range(options.rounds):
                kept.append(ours(stack, pid, url, False))
                other.append(theirs(peer, exporter, url))
                fresh.append(ours(stack, pid, url, True))
            probe(stack, url, options.targets, 15000, False)
            time.sleep(20)
            count, used, before, after = watch(stack, pid, 15)
            held = memory(pid)["rss"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows = [("CPU us a probe, kept alive", spread(kept)), ("CPU us a probe, new connection each time", spread(fresh)),
            ("CPU us a probe, prometheus-blackbox-exporter", spread(other)),
            ("kept alive, probes per CPU second, of the exporter's", f"{median(other) / median(kept):.1f} times"),
            ("new connections, of the exporter's", f"{median(other) / median(fresh):.1f} times"),
            (f"{options.targets} targets at 15 s: probes", f"{count:.0f} in 15 s, {100 * used / 15:.1f} % of a core"),
            ("scheduler lag p99, ms (bound of its bucket)", f"{lag(before, after):g}"),
            ("slots missed meanwhile", f"{missed(after) - missed(before):.0f}"),
            ("memory a target, kB (with its connection)", f"{1024 * (held - idle) / options.targets:.1f}")]
    report("sampler", f"http to nginx on loopback, release build; medians of {options.rounds} rounds in turn", rows,
           {"kept_us": kept, "fresh_us": fresh, "exporter_us": other, "targets": options.targets, "idle_mb": idle, "held_mb": held})


if __name__ == "__main__":
    main()
