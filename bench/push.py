#!/usr/bin/python3
"""usage: push.py [--rounds N]        (PLUMB_FIXTURES names the folder with the documents)

A push of GitHub's description (12 MB) into the whole stack, as `make run` starts it: how long it takes, the peak memory
of each process, and how late other requests are meanwhile, compared with the same requests while nothing is pushed.
"""
import argparse
import http.client
import os
import pathlib
import threading
import time

import stacks
from measure import forget_peak, median, memory, report, spread

PROCESSES = ("api-gateway", "governance-engine.1", "artifact-publisher.1", "notifier.1", "auth.1")
PACE = 100  # other requests a second


class Others(threading.Thread):
    """Small requests at a steady pace on one connection; each is timed from its moment, not from when it was sent."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.stack, self.late, self.stopping = stack, [], threading.Event()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.port)
        begun = time.monotonic()
        while not self.stopping.is_set():
            at = begun + len(self.late) / PACE
            time.sleep(max(at - time.monotonic(), 0))
            connection.request("GET", "/api/v1/apis/other", headers={"Authorization": f"Bearer {self.stack.token}"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            self.late.append((time.monotonic() - at) * 1000)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join()

    def p99(self):
        return sorted(self.late)[int(len(self.late) * 0.99)]


def push(stack, document, number):
    begun = time.monotonic()
    answer = stack.http("POST", f"/api/v1/apis/github/runs?sha={number:07x}", document,
                        headers={"Content-Type": "application/json"})
    assert answer.status == 201, answer
    answered = time.monotonic() - begun
    stack.published("github", answer.json["seq"])
    return answered, time.monotonic() - begun


def round_of(stack, documents, number):
    """Two pushes, the second of which is compared with the first."""
    quiet, busy = Others(stack), Others(stack)
    with quiet:
        time.sleep(2)
    pids = {name: stack.pid(name) for name in PROCESSES}
    for pid in pids.values():
        forget_peak(pid)
    with busy:
        times = [push(stack, document, number * 2 + i) for i, document in enumerate(documents)]
    return {"answered_s": max(t[0] for t in times), "published_s": max(t[1] for t in times), "quiet_p99_ms": quiet.p99(),
            "busy_p99_ms": busy.p99(), "busy_max_ms": max(busy.late), "requests": len(busy.late),
            "peak_mb": {name: memory(pid)["peak"] for name, pid in pids.items()}}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options = options.parse_args()
    folder = pathlib.Path(os.environ.get("PLUMB_FIXTURES", "")) / "openapi" / "pairs" / "github"
    if not folder.is_dir():
        raise SystemExit("set PLUMB_FIXTURES to the folder that has openapi/pairs/github/")
    documents = [(folder / name).read_bytes() for name in ("base.json", "head.json")]
    with stacks.release(PLUMB_LIMIT_RATE="0") as stack:
        stack.up()
        stack.create_api("github")
        stack.create_api("other")
        runs = [round_of(stack, documents, number) for number in range(1, options.rounds + 1)]

    def of(field):
        return [run[field] for run in runs]
    rows = [("answered, s", spread(of("answered_s"))), ("published, s", spread(of("published_s"))),
            ("p99 of other requests, nothing pushed, ms", spread(of("quiet_p99_ms"))),
            ("p99 of other requests meanwhile, ms", spread(of("busy_p99_ms"))),
            ("the latest of them, ms", spread(of("busy_max_ms"))),
            *((f"peak MB, {name}", spread([run["peak_mb"][name] for run in runs], 0)) for name in PROCESSES)]
    sizes = " and ".join(f"{len(d) / 1e6:.1f}" for d in documents)
    report("push", f"whole stack, tcp on loopback, CURVE; documents of {sizes} MB in turn, uncompressed; {PACE} other requests "
           f"a second (GET of an api); medians of {options.rounds} rounds of two pushes", rows, {"rounds": runs})


if __name__ == "__main__":
    main()
