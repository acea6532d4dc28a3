#!/usr/bin/python3
"""usage: soak.py SECONDS [--share 0.7]

Mixed traffic at a share of what the running product can do: no error, and no growth of memory or descriptors.  Reads with
a token, a status page, redirects and paths that do not exist at a fixed rate, and a push every other second.  Exits with 1
after an error, or if a process holds more than a tenth (and 8 MiB, 16 descriptors) more at the end than after a fifth.
"""
import argparse
import json
import os
import subprocess
import sys
import threading
import time

import stacks
from measure import BIN, ROOT, children, memory, report

MIX = (("an api, with token", "/api/v1/apis/soak", 0.6, True), ("a status page", "/status/soak/", 0.2, False),
       ("a redirect", "/", 0.1, False), ("nothing", "/api/v1/nothing", 0.1, False))


def offer(stack, path, token, seconds, rate):
    command = [BIN / "plumb-offer", "-s", str(seconds), "-r", str(rate), "-c", "16", "-p", path]
    if token:
        command += ["-H", f"Authorization: Bearer {stack.token}"]
    return subprocess.Popen([*map(str, command), str(stack.port)], stdout=subprocess.PIPE, text=True)


def results(offers):
    return [json.loads(o.communicate()[0]) for o in offers]


def most(stack):
    """Requests a second of the mix at which the part that is served the worst has no more room, when each client asks
    as fast as it is answered."""
    loads = [offer(stack, path, token, 5, 0) for _, path, _, token in MIX]
    return min(r["good"] / r["seconds"] / share for r, (_, _, share, _) in zip(results(loads), MIX))


def look(stack):
    """(MiB, descriptors) of each process, Postgres with its backends."""
    found = {}
    for line in (stack.run_dir / "status").read_text().splitlines():
        name, state, pid = line.split("\t")[:3]
        if state != "ready":
            continue
        pids = children(int(pid))
        try:
            found[name] = (sum(memory(p)["pss"] for p in pids), sum(len(os.listdir(f"/proc/{p}/fd")) for p in pids))
        except (FileNotFoundError, ProcessLookupError):
            pass  # a backend of Postgres that has just ended: the next look
    return found


def push(stack, until, counts):
    documents = sorted((ROOT / "examples" / "history").glob("*.yaml"))
    number = 0
    while time.monotonic() < until:
        number += 1
        done = stack.plumb("push", documents[number % len(documents)], "--api", "soak", "--sha", f"{number:07x}", code=None)
        counts["pushes"] += 1
        counts["failed"] += done.returncode not in (0, 1)
        time.sleep(2)


def run(options, stack):
    stack.plumb("api", "create", "soak", "--title", "Soak", "--visibility", "public")
    assert stack.get("/api/v1/apis/soak").status == 200
    best = most(stack)
    rate = best * options.share
    until, looks, counts = time.monotonic() + options.seconds, [], {"pushes": 0, "failed": 0}
    pushes = threading.Thread(target=push, args=(stack, until - 3, counts))
    pushes.start()
    loads = [offer(stack, path, token, options.seconds, rate * share) for _, path, share, token in MIX]
    while time.monotonic() < until:
        looks.append(look(stack))
        time.sleep(min(10, options.seconds / 20))
    pushes.join()
    return best, rate, counts, looks, results(loads)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--share", type=float, default=0.7)
    options = parser.parse_args()
    with stacks.release(PLUMB_LIMIT_RATE="100000", PLUMB_LIMIT_BURST="1000000", LOG_LEVEL="WARNING") as stack:
        stack.up()
        best, rate, counts, looks, got = run(options, stack)
    rows, bad = [], counts["failed"]
    for (name, _, _, _), r in zip(MIX, got):
        errors = r["failed"] + r["limited"] + r["unavailable"] + r["other"]
        bad += errors
        rows.append((name, f"{r['good']} answered, {errors} errors, {r['late']} had to wait, p50 {r['p50']:.1f} p99 {r['p99']:.1f} max {r['max']:.0f} ms"))
    rows.append(("pushes", f"{counts['pushes']}, {counts['failed']} failed"))
    for name in looks[-1]:
        early, late = looks[len(looks) // 5].get(name), looks[-1][name]
        if early is None:
            continue
        grew = late[0] > early[0] * 1.1 + 8 or late[1] > early[1] * 1.1 + 16
        bad += grew
        rows.append((name, f"{early[0]:.1f} to {late[0]:.1f} MiB, {early[1]} to {late[1]} descriptors{' GREW' if grew else ''}"))
    report("soak", f"{options.seconds:.0f} s at {rate:.0f} requests a second, {options.share:.0%} of {best:.0f}", rows,
           {"best_per_s": best, "looks": looks, "results": [{k: v for k, v in r.items() if k != "tenths"} for r in got]})
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
