#!/usr/bin/env python3
"""Writes docs/METRICS.md from the lines that declare metrics; --check fails when it is not current."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "METRICS.md"
ROW = re.compile(r'^PL_(?:COLLECTED\(\s*\w+,\s*)?(COUNTER|GAUGE|HISTOGRAM)(?:\(\s*\w+)?,\s*"(\w+)",\s*((?:"[^"]*"\s*)+),\s*"([\w,]*)"\s*(?:,\s*\w+\s*)?\)',
                 re.M)
HEAD = """# Metrics

Written by `tools/metrics_doc.py` from the lines that declare them; `make check` says when it is not current.
Every process serves its own on internal HTTP (`/metrics`). Histograms are in seconds.

| Name | Kind | Labels | What | Declared in |
|---|---|---|---|---|
"""


def rows():
    for path in sorted([*ROOT.glob("common/*.c"), *ROOT.glob("services/*/*.c")]):
        if path.stem.endswith(("_test", "_fixture", "_fake")):
            continue
        for kind, name, text, labels in ROW.findall(path.read_text()):
            said = "".join(re.findall(r'"([^"]*)"', text)).replace("|", "\\|")
            yield (f"| `{name}` | {kind.lower()} | {labels.replace(',', ', ') or '–'} | {said} "
                   f"| `{path.relative_to(ROOT)}` |\n")


page = HEAD + "".join(sorted(rows()))
if "--check" not in sys.argv[1:]:
    PAGE.write_text(page)
elif not PAGE.exists() or PAGE.read_text() != page:
    sys.exit("docs/METRICS.md is not current: run tools/metrics_doc.py")
