#!/usr/bin/python3
"""usage: soak.py SECONDS [--share 0.7]

Mixed traffic at a share of what the running product can do: no error, no restart, no growth of memory or descriptors.

Requests at a fixed rate: reads with a token, status pages, redirects, paths that do not exist. Beside them people: pushes
(with their notices to a receiver), sessions from login to logout, research inputs. Each process's own memory and
descriptors are looked at throughout; through those of the second half a straight line is laid, and what it rises in that
half is what the process grew. Prints its progress, then a table and the verdict, and ends with 1
after an error, a restart, or growth beyond SPARE.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time

import stacks
from measure import BIN, ROOT, children, median, report
from receiver import Receiver

# name, path, share of the requests, with a token, the answer that is right
MIX = (("an api, with token", "/api/v1/apis/soak", 0.4, True, 200),
       ("its runs, with token", "/api/v1/apis/soak/runs?limit=5", 0.2, True, 200),
       ("a status page", "/status/soak/", 0.2, False, 200),
       ("a redirect", "/", 0.1, False, 302),
       ("nothing", "/api/v1/nothing", 0.1, True, 404))
CONNECTIONS = 40
WAITING = 5                 # times as many at a fixed rate, so that who has to wait is sent none the less
PROBE_S = 6                 # how long the maximum is looked for
SPARE = ((2, 0.05), (8, 0.05))  # what may be gained in the second half: MiB and descriptors, and that part of what there was


def offer(stack, part, seconds, rate):
    _, path, share, token, status = part
    command = [BIN / "plumb-offer", "-s", seconds, "-r", rate, "-c", round(CONNECTIONS * share * (WAITING if rate else 1)), "-p", path, "-e", status]
    if token:
        command += ["-H", f"Authorization: Bearer {stack.token}"]
    return subprocess.Popen([*map(str, command), str(stack.port)], stdout=subprocess.PIPE, text=True)


def results(offers):
    return [json.loads(o.communicate()[0]) for o in offers]


def most(stack):
    """Requests of the mix a second when every client asks as fast as it is answered, with connections by their shares; what
    is served the worst decides."""
    loads = [offer(stack, part, PROBE_S, 0) for part in MIX]
    return min(r["good"] / r["seconds"] / part[2] for r, part in zip(results(loads), MIX))


def own_memory(pid):
    """MiB of heap and stacks, what forks share divided among them: neither files nor Postgres's buffers, which fill."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Pss_Anon:")) / 1024


def look(stack):
    """{process: (MiB, descriptors, pid)}, Postgres with its backends."""
    found = {}
    for line in (stack.run_dir / "status").read_text().splitlines():
        name, state, pid = line.split("\t")[:3]
        if state == "done" or not int(pid):
            continue
        size = files = 0
        for p in children(int(pid)):
            try:
                files += len(os.listdir(f"/proc/{p}/fd"))
                size += own_memory(p)
            except (FileNotFoundError, ProcessLookupError):
                pass  # a backend of Postgres that has just ended
        found[name] = (size, files, int(pid))
    return found


class People:
    """Threads that use the product as people do, each with what it did and what went wrong."""

    def __init__(self, stack, until):
        self.stack, self.until = stack, until
        self.done = {"pushes": 0, "sessions": 0, "inputs": 0}
        self.errors = []
        self.threads = [threading.Thread(target=self.work, args=each)
                        for each in ((self.push, "pushes", 2), (self.session, "sessions", 1), (self.input, "inputs", 0.5))]
        for thread in self.threads:
            thread.start()

    def work(self, what, name, pause):
        while time.monotonic() < self.until:
            try:
                what(self.done[name])
                self.done[name] += 1
            except Exception as error:  # whatever it is, it is an error of the product's or of ours
                self.errors.append(f"{name}: {error!r}"[:300])
            time.sleep(pause)

    def expect(self, status, *how, **more):
        answer = self.stack.http(*how, **more)
        assert answer.status == status, f"{how[:2]}: {answer}"
        return answer.json if answer.body else None

    def push(self, number):
        documents = sorted((ROOT / "examples" / "history").glob("*.yaml"))
        done = self.stack.plumb("push", documents[number % len(documents)], "--api", "soak", "--sha", f"{number:07x}", code=None)
        assert done.returncode in (0, 1), done.stderr

    def session(self, _):
        password = (self.stack.run_dir / "admin-password").read_text().strip()
        tokens = self.expect(200, "POST", "/api/auth/login", {"login": "admin", "password": password}, token=None)
        self.expect(200, "GET", "/api/auth/me", token=tokens["access_token"])
        tokens = self.expect(200, "POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}, token=None)
        self.expect(204, "POST", "/api/auth/logout", token=tokens["access_token"])

    def input(self, number):
        self.expect(201, "POST", "/api/bridge/inputs", {"title": f"Input {number}", "problem": "It is slow.", "impact": 5})
        self.expect(200, "GET", "/api/bridge/inputs?limit=5")

    def join(self):
        for thread in self.threads:
            thread.join()


def run(options, stack):
    stack.plumb("api", "create", "soak", "--title", "Soak", "--visibility", "public")
    first = sorted((ROOT / "examples" / "history").glob("*.yaml"))[0]
    stack.plumb("push", first, "--api", "soak", "--sha", "abcdef0", code=None)
    stack.published("soak", 1)
    best = most(stack)
    rate = best * options.share
    print(f"at most {best:.0f} requests a second; {rate:.0f} for {options.seconds:.0f} s from now", flush=True)
    started = time.monotonic()
    people, looks, said = People(stack, started + options.seconds - 3), [], 0
    loads = [offer(stack, part, options.seconds, rate * part[2]) for part in MIX]
    while time.monotonic() < started + options.seconds:
        now = look(stack)
        looks.append((time.monotonic() - started, now))
        if time.monotonic() > said + min(60, options.seconds / 8):
            said = time.monotonic()
            print(f"{looks[-1][0]:6.0f} s  {sum(p[0] for p in now.values()):7.1f} MiB  {sum(p[1] for p in now.values()):5} descriptors  "
                  f"{', '.join(f'{n} {what}' for what, n in people.done.items())}, {len(people.errors)} of them failed", flush=True)
        time.sleep(min(10, options.seconds / 40))
    people.join()
    return best, rate, people, looks, results(loads)


def rise(points):
    """How much a straight line through (time, value) rises from its first point to its last, and where it begins. Of the
    slopes between any two points the median (Theil and Sen): a look in the middle of a password's hash bends nothing."""
    slope = median([(b - a) / (u - t) for i, (t, a) in enumerate(points) for u, b in points[i + 1:]])
    return slope * (points[-1][0] - points[0][0]), median([v - slope * (t - points[0][0]) for t, v in points])


def judge_process(name, looks):
    """A row about it, and what is wrong with it."""
    half = [(t, found[name]) for t, found in looks if name in found and t >= looks[-1][0] / 2]
    if len(half) < 3:
        return (name, "gone"), [f"{name} is gone"]
    text, wrong = [], []
    for i, unit in ((0, "MiB"), (1, "descriptors")):
        gained, begun = rise([(t, seen[i]) for t, seen in half])
        text.append(f"{begun:.1f} {unit} {gained:+.1f}")
        if gained > SPARE[i][0] + SPARE[i][1] * begun:
            wrong.append(f"{name} gained {gained:.1f} {unit}")
    if len({found[name][2] for _, found in looks if name in found}) > 1:
        wrong.append(f"{name} was restarted")
    return (name, ", ".join(text) + " in the second half" + ("  WRONG" if wrong else "")), wrong


def judge(people, looks, got):
    rows, wrong = [], list(people.errors)
    for part, r in zip(MIX, got):
        errors = {kind: r[kind] for kind in ("failed", "limited", "unavailable", "other") if r[kind]}
        wrong += [f"{part[0]}: {count} {kind}" for kind, count in errors.items()]
        rows.append((part[0], f"{r['good']} answered {part[4]}, {sum(errors.values())} errors, {r['late']} had to wait, "
                              f"p50 {r['p50']:.1f} p99 {r['p99']:.1f} max {r['max']:.0f} ms"))
    rows.append(("people", ", ".join(f"{n} {what}" for what, n in people.done.items()) + f", {len(people.errors)} errors"))
    for name in looks[-1][1]:
        row, bad = judge_process(name, looks)
        rows.append(row)
        wrong += bad
    return rows, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--share", type=float, default=0.7)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    hook = Receiver()
    with stacks.release(PLUMB_LIMIT_RATE="100000", PLUMB_LIMIT_BURST="1000000", LOG_LEVEL="WARNING") as stack:
        stack.up()
        stack.plumb("endpoints", "create", "soak", "--url", hook.url)
        best, rate, people, looks, got = run(options, stack)
    rows, wrong = judge(people, looks, got)
    rows.insert(len(MIX) + 1, ("notices", f"{len(hook.got())} heard"))
    hook.close()
    report("soak", f"{options.seconds:.0f} s at {rate:.0f} requests a second, {options.share:.0%} of {best:.0f}", rows,
           {"best_per_s": best, "looks": looks, "wrong": wrong,
            "results": [{k: v for k, v in r.items() if k != "tenths"} for r in got]})
    for what in wrong[:20]:
        print(f"  wrong: {what}")
    print("VERDICT: " + (f"{len(wrong)} wrong" if wrong else "no error, no restart, no growth"), flush=True)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
