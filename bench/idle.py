#!/usr/bin/python3
"""usage: idle.py [--rounds N]

How long the whole stack takes to be ready, from nothing and again; what each process holds when nothing happens.
"""
import argparse
import time

import stacks
from measure import children, median, memory, report, spread

SETTLE = 3  # seconds after which it is idle


def timed(function):
    begun = time.monotonic()
    function()
    return time.monotonic() - begun


def look(stack):
    """MiB of each process; Postgres with all of its backends."""
    found = {}
    for line in (stack.run_dir / "status").read_text().splitlines():
        name, state, pid = line.split("\t")[:3]
        if state == "ready":
            each = [memory(p) for p in children(int(pid))]
            found[name] = {kind: sum(m[kind] for m in each) for kind in ("pss", "rss")}
    supervisor = int((stack.run_dir / "supervisor.pid").read_text())
    found["plumb-supervisor"] = memory(supervisor)
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options = options.parse_args()
    first, again, held = [], [], []
    for _ in range(options.rounds):
        with stacks.release() as stack:
            first.append(timed(stack.up))
            stack.down()
            again.append(timed(stack.up))
            time.sleep(SETTLE)
            held.append(look(stack))
    rows = [("ready, from nothing (initdb, keys, migrations), s", spread(first)), ("ready, started again, s", spread(again))]
    for name in held[0]:
        rows.append((f"MB, {name}", f"{median([h[name]['pss'] for h in held]):.1f} its share (PSS), "
                     f"{median([h[name]['rss'] for h in held]):.1f} resident"))
    rows.append(("MB, everything", f"{median([sum(m['pss'] for m in h.values()) for h in held]):.1f} (PSS)"))
    report("idle", f"one replica of each service, tcp on loopback, CURVE; medians of {options.rounds} rounds", rows,
           {"first_s": first, "again_s": again, "memory": held})


if __name__ == "__main__":
    main()
