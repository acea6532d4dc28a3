#!/usr/bin/env python3
"""usage: login.py [--rounds N] [--seconds S]

Logins a second through the whole stack, against a bare loop of Argon2id on all cores; the processor time of one login
and of one hash; and the p99 of other requests alone and beside logins. Rounds of both alternate, so that a machine that
is busy with something else is busy with both; the ratio of processor times is the steadier of the two. On a kernel with
sched_autogroup each session has its own share of a busy machine, so there only that one says something. Six
accounts, a client each, log in again and again, which no person does: they may have any number of sessions here.
"""
import argparse
import http.client
import json
import os
import pathlib
import subprocess
import threading
import time
import urllib.parse

import stacks

LOOP = pathlib.Path(__file__).resolve().parents[1] / "build" / "release" / "bin" / "argon2_loop"


def connect(base):
    return http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=60)


def ask(door, method, path, body=None, token=None):
    headers = {"Content-Type": "application/json"} if body else {}
    if token:
        headers["Authorization"] = "Bearer " + token
    door.request(method, path, json.dumps(body) if body else None, headers)
    answer = door.getresponse()
    return answer.status, answer.read()


def logins(base, people, seconds):
    done, until = [], time.monotonic() + seconds

    def work(who):
        door = connect(base)
        while time.monotonic() < until:
            status, _ = ask(door, "POST", "/api/auth/login", who)
            done.append(status)
    threads = [threading.Thread(target=work, args=(who,)) for who in people]
    started = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return done.count(200) / (time.monotonic() - started), len(done) - done.count(200)


def others(base, token, stop, times):
    door = connect(base)
    while not stop.is_set():
        started = time.monotonic()
        ask(door, "GET", "/api/v1/apis", token=token)
        times.append(time.monotonic() - started)
        time.sleep(0.01)


def p99(times):
    return sorted(times)[int(len(times) * 0.99)] * 1000 if times else float("nan")


def processor(root):
    """Seconds of processor time that a process and all below it have used so far."""
    parents, used = {}, {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(name)], used[int(name)] = int(fields[1]), int(fields[11]) + int(fields[12])
    total = 0
    for pid in parents:
        at = pid
        while at and at != root:
            at = parents.get(at, 0)
        total += used[pid] if at == root else 0
    return total / os.sysconf("SC_CLK_TCK")


def quiet_and_busy(options, people, token):
    """One round: other requests alone, then beside logins."""
    found = []
    for run in (lambda: time.sleep(options.seconds) or (0, 0), lambda: logins(options.base, people, options.seconds)):
        stop, times = threading.Event(), []
        side = threading.Thread(target=others, args=(options.base, token, stop, times))
        side.start()
        before = processor(options.supervisor)
        rate, failed = run()
        cost = processor(options.supervisor) - before
        stop.set()
        side.join()
        found.append((rate, failed, p99(times), cost))
    return found


def one_round(options, people, token):
    said = subprocess.run([LOOP, str(options.seconds)], capture_output=True, text=True, check=True).stdout
    bare, each = map(float, said.split())
    quiet, busy = quiet_and_busy(options, people, token)
    cost = (busy[3] - quiet[3]) * 1000 / (busy[0] * options.seconds)
    print(f"bare {bare:6.2f}/s, {each:5.2f} ms of processor   logins {busy[0]:6.2f}/s ({100 * busy[0] / bare:5.1f} %), "
          f"{cost:5.2f} ms of processor each ({100 * each / cost:5.1f} %), {busy[1]} not 200   "
          f"GET p99 alone {quiet[2]:6.1f} ms, beside logins {busy[2]:6.1f} ms", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with stacks.release(PLUMB_LIMIT_RATE="0", LOG_LEVEL="WARNING", PLUMB_SESSIONS_PER_USER="0") as stack:
        stack.up()
        options.base = stack.url
        options.supervisor = int((stack.run_dir / "supervisor.pid").read_text())
        who = {"login": "admin", "password": (stack.run_dir / "admin-password").read_text().strip()}
        answer = ask(connect(options.base), "POST", "/api/auth/login", who)
        token = json.loads(answer[1])["access_token"]
        people = [{"login": f"person{i}", "password": who["password"]} for i in range(6)]
        for person in people:
            status, said = ask(connect(options.base), "POST", "/api/auth/users", {**person, "roles": ["viewer"]}, token)
            assert status == 201, said
        for _ in range(options.rounds):
            one_round(options, people, token)


main()
