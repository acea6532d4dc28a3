#!/usr/bin/python3
"""usage: chaos.py [--kills N] [--seed N] [--pause SECONDS] [--cut SHARE] [--outage SECONDS] [--apis N] [--keep]

Two replicas of everything, work from all sides, kill -9 at random moments; then a program reads
the history of what was acknowledged and says whether all of it is true.  Exits 1 if not.
"""
import argparse
import pathlib
import random
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

from check import Checker  # noqa: E402
from cutter import Cutter  # noqa: E402
from history import History  # noqa: E402
from killer import Killer  # noqa: E402
from load import Pusher, Replay, Tokens  # noqa: E402
from receiver import Receiver  # noqa: E402
from sampler import Sampler  # noqa: E402
from stack import Stack, document  # noqa: E402

SETTLE = 120       # seconds without getting on, while all that was begun ends
FINISH = 180       # seconds for a worker to get its last answer
PAUSES = "0.5,0.5,1,1,2,2,4,4,8,8,16,16,16,16"  # of the notifier: more tries than the receiver has failures


def arguments():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=40)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options.add_argument("--pause", type=float, default=1.5, help="mean seconds between two kills")
    options.add_argument("--cut", type=float, default=0.002, help="share of COMMITs whose answer is swallowed")
    options.add_argument("--outage", type=float, default=0, help="seconds without a database, at the end of the kills")
    options.add_argument("--apis", type=int, default=3)
    options.add_argument("--keep", action="store_true", help="leave the stack's folder (logs, database) behind")
    return options.parse_args()


def prepare(stack, history, receiver, apis):
    answer = stack.http("POST", "/api/v1/notify/endpoints", {"name": "chaos", "url": receiver.url, "kind": "webhook"})
    assert answer.status == 201, answer
    for api in apis:
        stack.create_api(api)
        run = stack.push(api, document(), "0000000")
        history.acknowledged(api, "0000000", "document", 201, run)
    return answer.json["endpoint"]["id"]


def torment(stack, history, receiver, cutter, options, apis):
    """Work, kill and cut together; who killed what."""
    workers = [Pusher(stack, history, options.seed + n, f"pusher {n}", api)
               for n, api in enumerate(apis * 2)]
    workers += [Replay(stack, history, options.seed, "replay"), Tokens(stack, history, options.seed, "tokens")]
    killer = Killer(stack, history, receiver, options.seed, options.kills, options.pause)
    for worker in workers:
        worker.start()
    try:
        killer.run()
        if options.outage:
            history.log(f"outage of {options.outage} s")
            cutter.outage(options.outage)
    finally:
        cutter.chance = 0
        killer.end.set()
        for worker in workers:
            worker.stopping.set()
    until = time.monotonic() + FINISH
    for worker in workers:
        worker.join(max(until - time.monotonic(), 0))
        history.expect(not worker.is_alive(), f"{worker.name} got no answer in {FINISH} s")
    return killer.done


def test(stack, history, receiver, options):
    apis = [f"chaos-{n}" for n in range(options.apis)]
    stack.up()
    endpoint = prepare(stack, history, receiver, apis)
    sampler, checker = Sampler(stack, history), Checker(stack, history, receiver)
    cutter = Cutter(stack, options.cut, random.Random(options.seed))
    sampler.start()
    begun = time.monotonic()
    done = torment(stack, history, receiver, cutter, options, apis)
    tormented = time.monotonic() - begun
    history.count("cuts", cutter.cuts)
    settled = checker.settle(SETTLE)
    sampler.end.set()
    sampler.join()
    print(f"killed in {tormented:.0f} s: " + ", ".join(f"{n} {name}" for name, n in sorted(done.items())) +
          f"; at rest after {settled:.0f} s; {sampler.taken} samples of the feeds; slowest answer "
          f"{history.slowest[0]:.1f} s ({history.slowest[1][:60]})")
    checker.all(endpoint)


def main():
    options = arguments()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="plumb-chaos."))
    print(f"seed {options.seed}, {options.kills} kills, history in {folder}/history.log", flush=True)
    receiver = Receiver()
    stack = Stack(PLUMB_REPLICAS="2", NOTIFY_SCHEDULE=PAUSES, PLUMB_DEFAULT_VISIBILITY="public")
    with open(folder / "history.log", "w") as log:
        history = History(log)
        try:
            test(stack, history, receiver, options)
        finally:
            receiver.close()
            if options.keep or history.violations:
                stack.down()
                print(f"the stack's folder is {stack.dir}")
            else:
                stack.close()
    for text in history.violations[:20]:
        print(f"  {text[:400]}")
    counts = history.counts
    print(f"chaos: seed {options.seed}: {counts.get('kills', 0)} kills, {counts.get('stops', 0)} stops, "
          f"{counts.get('cuts', 0)} commits cut, "
          f"{counts.get('acknowledged', 0)} acknowledged, {counts.get('cut off', 0)} cut off, "
          f"{counts.get('runs', 0)} runs, {counts.get('events', 0)} events, {counts.get('notices', 0)} notices, "
          f"{counts.get('checks', 0)} checks, {len(history.violations)} violations")
    return 1 if history.violations else 0


if __name__ == "__main__":
    sys.exit(main())
