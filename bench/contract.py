#!/usr/bin/python3
"""usage: contract.py [--rounds N] [--limit SECONDS] [--pair NAME] [--copies N]

Comparing two API descriptions: `plumb diff` against the tools that npm installs (peers/package.json), one after the
other in each round: wall, CPU time and peak memory of the process and its children; then plumb alone over documents of
1, 2, 4 and 8 copies, with paths and components under other names.  PLUMB_FIXTURES names the folder with the documents.
--pair measures one of the pairs, --copies 0 leaves the growth out (both for a machine that is quiet only shortly).
"""
import argparse
import json
import multiprocessing
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

from measure import BIN, ROOT, median, report, spread

PEERS = ROOT / "bench" / "peers"
PAIRS = {"github": 20, "stripe-yaml": 10, "openai-31": 10}  # how many times faster than the fastest peer: the goal
MEMORY = 250  # MiB, on the first of them


def commands(base, head):
    """How each tool compares and writes all that it found, to nowhere."""
    tools = PEERS / "node_modules" / ".bin"
    return {
        "plumb": [BIN / "plumb", "diff", base, head, "--format", "json", "--fail-on", "never"],
        "api-smart-diff": ["node", PEERS / "api-smart-diff.mjs", base, head],
        "@redocly/cli": [tools / "redocly", "diff", base, head, "--format", "json", "--fail-on", "none"],
        "@useoptic/optic": [tools / "optic", "diff", base, head, "--json"],
        "openapi-diff": [tools / "openapi-diff", base, head],
    }


def installed():
    if not (PEERS / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=PEERS, check=True)
    lock = json.loads((PEERS / "package-lock.json").read_text())["packages"]
    return {name: lock[f"node_modules/{name}"]["version"] for name in lock[""]["dependencies"] if name != "js-yaml"}


def quiet_environment():
    """No peer reports home, looks for updates or colours its output."""
    return {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "CI": "true",
            "OPTIC_TELEMETRY": "off", "OPTIC_ANALYTICS": "off", "NO_COLOR": "1", "NO_UPDATE_NOTIFIER": "1"}


def run(command, limit):
    """(wall, CPU, MiB, "" or why it does not count).  Exit 1 is how some say that something breaks."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as answer:
        begun = time.monotonic()
        child = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=answer, stderr=said,
                                 env=quiet_environment(), cwd="/tmp", start_new_session=True)
        timer = threading.Timer(limit, os.killpg, (child.pid, signal.SIGKILL))
        timer.start()
        _, status, used = os.wait4(child.pid, 0)
        timer.cancel()
        wall = time.monotonic() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        words = said.read().decode(errors="replace")
        answered = os.fstat(answer.fileno()).st_size > 0
    wrong = ""
    if child.returncode == -signal.SIGKILL and wall >= limit:
        wrong = f"not ready after {limit} s"
    elif child.returncode not in (0, 1) or "heap out of memory" in words:
        wrong = "out of memory" if "heap" in words else f"fails ({child.returncode})"
    elif not answered:
        wrong = f"fails: no answer, exit {child.returncode}"
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, wrong


def compare(fixtures, pairs, rounds, limit):
    """Interleaved: each round runs every tool once on each pair; what failed once is left out of the next rounds."""
    found, failed = {}, {}
    for _ in range(rounds):
        for pair in pairs:
            base, head = sorted((fixtures / "pairs" / pair).iterdir())
            for tool, command in commands(base, head).items():
                if (pair, tool) in failed:
                    continue
                *figures, wrong = run(command, limit)
                if wrong:
                    failed[pair, tool] = wrong
                else:
                    found.setdefault((pair, tool), []).append(figures)
    return found, failed


def renamed(document, copy):
    """The document, with its paths and its components under other names."""
    text = json.dumps(document)
    for section in document.get("components", {}):
        text = text.replace(f'"#/components/{section}/', f'"#/components/{section}/Copy{copy}')
    made = json.loads(text)
    made["paths"] = {f"/copy{copy}{path}": item for path, item in made["paths"].items()}
    for section, named in made.get("components", {}).items():
        made["components"][section] = {f"Copy{copy}{name}": value for name, value in named.items()}
    return made


def multiplied(path, times):
    document = json.loads(path.read_text())
    many = {**document, "paths": dict(document["paths"]),
            "components": {section: dict(named) for section, named in document.get("components", {}).items()}}
    for copy in range(1, times):
        more = renamed(document, copy)
        many["paths"].update(more["paths"])
        for section, named in more["components"].items():
            many["components"][section].update(named)
    return many


def write_copies(fixtures, folder, sizes):
    for n in sizes:
        for side in ("base", "head"):
            made = multiplied(fixtures / "pairs" / "github" / f"{side}.json", n)
            (folder / f"{side}{n}.json").write_text(json.dumps(made, indent=1))


def growth(fixtures, rounds, most):
    """Sizes interleaved; (copies, figures) each."""
    sizes = [n for n in (1, 2, 4, 8) if n <= most]
    found = {n: [] for n in sizes}
    with tempfile.TemporaryDirectory(prefix="plumb-bench.") as folder:
        # elsewhere: what this process once held would count as memory of the programs that it starts
        maker = multiprocessing.Process(target=write_copies, args=(fixtures, pathlib.Path(folder), sizes))
        maker.start()
        maker.join()
        for _ in range(rounds):
            for n in sizes:
                names = [pathlib.Path(folder) / f"{side}{n}.json" for side in ("base", "head")]
                *figures, wrong = run(commands(*names)["plumb"] + ["--max-nodes", 50_000_000], 300)
                assert not wrong, wrong
                found[n].append((sum(name.stat().st_size for name in names) / 2**20, *figures))
    return found


def ratio_row(pair, goal, found):
    ours = found[pair, "plumb"]
    peers = {tool: median([f[0] for f in figures]) for (where, tool), figures in found.items()
             if where == pair and tool != "plumb"}
    if not peers:
        return f"goal of {pair}", "no peer is ready"
    best = min(peers, key=peers.get)
    times = [theirs[0] / mine[0] for theirs, mine in zip(found[pair, best], ours)]
    return f"goal of {pair}", f"{spread(times, 1)} times faster than {best}; wanted {goal}"


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--limit", type=int, default=60, help="seconds for one comparison")
    options.add_argument("--copies", type=int, default=8)
    options.add_argument("--pair", choices=[*PAIRS, "none"], help="only this one")
    options = options.parse_args()
    fixtures = pathlib.Path(os.environ["PLUMB_FIXTURES"]) / "openapi"
    rows, result = [], {}
    pairs = {pair: goal for pair, goal in PAIRS.items() if options.pair in (None, pair)}
    result["versions"] = installed()
    found, failed = compare(fixtures, pairs, options.rounds, options.limit)
    for pair, goal in pairs.items():
        for (where, tool), figures in found.items():
            if where == pair:
                wall, cpu, memory = zip(*figures)
                rows.append((f"{pair}, {tool}", f"{spread(wall)} s, CPU {spread(cpu)} s, {max(memory):.0f} MiB"))
        rows += [(f"{pair}, {tool}", why) for (where, tool), why in failed.items() if where == pair]
        rows.append(ratio_row(pair, goal, found))
    if "github" in pairs:
        rows.append(("goal of memory", f"{max(f[2] for f in found['github', 'plumb']):.0f} MiB; wanted {MEMORY}"))
    result["found"] = {f"{pair} {tool}": figures for (pair, tool), figures in found.items()}
    result["failed"] = {f"{pair} {tool}": why for (pair, tool), why in failed.items()}
    grown = growth(fixtures, options.rounds, options.copies)
    for n, figures in grown.items():
        size, wall, cpu, memory = zip(*figures)
        rows.append((f"github, {n} copies, {size[0]:.0f} MiB", f"{spread(wall)} s, CPU {spread(cpu)} s "
                     f"({median(cpu) / size[0] * 1000:.1f} ms a MiB), {max(memory):.0f} MiB"))
    result["growth"] = grown
    report("contract", f"{options.rounds} interleaved rounds; each program from start to exit, all findings written as JSON "
           "to a file; medians (least–most)", rows, result)


if __name__ == "__main__":
    main()
