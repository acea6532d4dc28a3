#!/usr/bin/env python3
"""usage: tests/witness/metamorphic.py PLUMB [--share N] [--seconds N] [--largest BYTES] [--only REWRITING] [NAME ...]

Real documents (in $PLUMB_FIXTURES/openapi): `plumb diff` finds nothing between a document and itself, nor between it
and a rewriting of it that changes no set of values (rewrites.py); a way from A over B to C loses nothing that breaks
from A to C.  --share 10: each tenth of these, in an order that is the same each time; --seconds: stop then, and say how far it came.
"""
import argparse
import copy
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import yaml

import rewrites


def compare(plumb, base, head):
    run = subprocess.run([plumb, "diff", base, head, "--format", "json", "--fail-on", "never"], cwd="/tmp",
                         capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{base}: {run.stderr.strip()}")
    return json.loads(run.stdout)["findings"]


def read(path):
    text = path.read_text()
    document = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, yaml.CSafeLoader)
    return json.loads(json.dumps(document, default=str))


def check_rewriting(plumb, path, rewrite, folder):
    """A complaint, or None."""
    base, head = folder / "base.json", folder / "head.json"
    document = read(path)
    base.write_text(json.dumps(document))
    if rewrite:
        document = rewrite(copy.deepcopy(document))
        if document is None:
            return None
    head.write_text(json.dumps(document))
    found = compare(plumb, base, head)
    if not found:
        return None
    one = next((f for f in found if f["level"] == "error"), found[0])
    return (f"{path} {rewrite.__name__ if rewrite else 'itself'}: {len(found)} findings, such as {one['level']} "
            f"{one['id']}: {one['text'][:200]} at {one['location']['base']} {one['location']['head']}")


def broken_operations(findings):
    """What breaks: (method, path with its parameters' names left out) of each operation that an error hits."""
    return {(hit["method"], rewrites.re.sub(r"\{[^}]*\}", "{}", hit["path"]))
            for f in findings if f["level"] == "error" for hit in f.get("hits", [])}


def check_way(plumb, way):
    first, second, whole = (broken_operations(compare(plumb, *pair)) for pair in (way[:2], way[1:], way[::2]))
    lost = whole - first - second
    if not lost:
        return None
    return f"{way[0]} to {way[2].name} over {way[1].name}: {len(lost)} operations break, but on neither part of the way: {min(lost)}"


def ways(root):
    """Three documents of one history each: neighbours, and such as are far from each other."""
    for folder in sorted((root / "history").iterdir()):
        rows = (folder / "index.tsv").read_text().splitlines()
        names = [folder / row.split("\t")[0] for row in rows]
        names = [name for name in names if name.is_file()]
        for step in (1, 5, 20):
            for i in range(0, len(names) - 2 * step, step):
                yield names[i], names[i + step], names[i + 2 * step]


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("plumb", type=pathlib.Path)
    options.add_argument("names", nargs="*")
    options.add_argument("--share", type=int, default=1)
    options.add_argument("--seconds", type=float, default=1e9)
    options.add_argument("--largest", type=int, default=1 << 30)
    options.add_argument("--only")
    options = options.parse_intermixed_args()
    plumb, root = options.plumb.resolve(), pathlib.Path(os.environ["PLUMB_FIXTURES"]) / "openapi"
    paths = sorted(p for p in root.rglob("*") if p.suffix in (".json", ".yaml", ".yml") and
                   p.stat().st_size <= options.largest)
    jobs = [(check_rewriting, plumb, path, rewrite) for path in paths for rewrite in (None, *rewrites.ALL)]
    jobs += [(check_way, plumb, way) for way in ways(root) if max(p.stat().st_size for p in way) <= options.largest]
    random.Random(4).shuffle(jobs)
    jobs = [job for job in jobs if all(name in str(job[2]) for name in options.names) and
            (not options.only or (len(job) == 4 and job[3] and job[3].__name__ == options.only) or
             (options.only == "ways" and job[0] is check_way))]
    until, done, wrong = time.monotonic() + options.seconds, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for job in jobs[::options.share]:
            if time.monotonic() > until:
                break
            complaint = job[0](*job[1:], *([pathlib.Path(folder)] if job[0] is check_rewriting else []))
            done += 1
            if complaint:
                wrong += 1
                print(complaint, flush=True)
    print(f"{done} of {len(jobs)} checks on {len(paths)} documents, {wrong} that were not silent")
    return 1 if wrong or not done else 0


if __name__ == "__main__":
    sys.exit(main())
