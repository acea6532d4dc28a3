#!/usr/bin/env python3
"""usage: tests/witness/metamorphic.py PLUMB [largest bytes]

Real documents (in $PLUMB_FIXTURES/openapi), rewritten so that no set of values changes: `plumb
diff` must find nothing, between a document and itself, and between it and its rewriting; and the
same pair must give the same bytes each time.
"""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml

def schemas(document):
    components = document.get("components", {}).get("schemas")
    return components if components is not None else document.get("definitions", {})


def walk(node, change):
    if isinstance(node, dict):
        change(node)
        for value in list(node.values()):
            walk(value, change)
    elif isinstance(node, list):
        for value in node:
            walk(value, change)


def wrapped(document):
    """Each reusable schema becomes an allOf of itself."""
    named = schemas(document)
    for name, schema in list(named.items()):
        if isinstance(schema, dict) and "discriminator" not in schema:
            named[name] = {"allOf": [schema]}
    return document


def renamed(document):
    """Each reusable schema gets another name."""
    named = schemas(document)
    prefix = "#/components/schemas/" if "components" in document else "#/definitions/"

    def change(node):
        target = node.get("$ref")
        if isinstance(target, str) and target.startswith(prefix):
            node["$ref"] = prefix + "Renamed" + target[len(prefix):]
        mapping = node.get("mapping")
        if isinstance(mapping, dict):
            for key, value in mapping.items():
                if isinstance(value, str) and value.startswith(prefix):
                    mapping[key] = prefix + "Renamed" + value[len(prefix):]

    if any(isinstance(s, dict) and "discriminator" in s for s in named.values()):
        return None  # the names of schemas are values there
    for name in list(named):
        named["Renamed" + name] = named.pop(name)
    walk(document, change)
    return document


def reordered(document):
    """Members, required names and listed values the other way round."""
    def turn(node):
        if isinstance(node, dict):
            return {key: turn(value) for key, value in reversed(list(node.items()))}
        return [turn(value) for value in node] if isinstance(node, list) else node

    def change(node):
        for key in ("enum", "required"):
            if isinstance(node.get(key), list):
                node[key] = node[key][::-1]

    document = turn(document)
    walk(document, change)
    return document


def bounded(document):
    """Bounds that say nothing."""
    def change(node):
        if node.get("type") == "string" and "minLength" not in node and "in" not in node:
            node["minLength"] = 0
        if node.get("type") == "array" and "minItems" not in node and "in" not in node:
            node["minItems"] = 0

    walk(document, change)
    return document


def findings(plumb, base, head):
    run = subprocess.run([plumb, "diff", base, head, "--format", "json", "--fail-on", "never"],
                         capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{base}: {run.stderr.strip()}")
    return run.stdout


def check(plumb, path, folder):
    text = path.read_text()
    document = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, yaml.CSafeLoader)
    document = json.loads(json.dumps(document, default=str))
    base = folder / "base.json"
    base.write_text(json.dumps(document))
    wrong = 0
    for rewrite in (None, wrapped, renamed, reordered, bounded):
        made = document if rewrite is None else rewrite(copy.deepcopy(document))
        if made is None:
            continue
        head = folder / "head.json"
        head.write_text(json.dumps(made))
        found = json.loads(findings(plumb, base, head))["findings"]
        if found:
            wrong += 1
            name = rewrite.__name__ if rewrite else "itself"
            print(f"{path} {name}: {len(found)} findings, such as {found[0]['level']} {found[0]['id']}: {found[0]['text'][:150]}")
    return wrong


def main():
    plumb, largest = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    root = pathlib.Path(os.environ["PLUMB_FIXTURES"]) / "openapi"
    paths = sorted(p for p in root.rglob("*") if p.suffix in (".json", ".yaml", ".yml") and p.stat().st_size <= largest)
    with tempfile.TemporaryDirectory() as folder:
        wrong = sum(check(plumb, path, pathlib.Path(folder)) for path in paths)
    for pair in sorted((root / "pairs").iterdir()):
        base, head = sorted(pair.iterdir())[:2]
        if base.stat().st_size <= largest and len({findings(plumb, base, head) for _ in range(10)}) > 1:
            wrong += 1
            print(f"{pair}: not the same bytes each time")
    print(f"{len(paths)} documents, {wrong} rewritings that were not silent")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
