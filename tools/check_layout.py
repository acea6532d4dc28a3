#!/usr/bin/env python3
"""Keeps the map true: what README and STYLE promise a newcomer is checked here.

Prints one line per broken rule and exits 1; says nothing when all is well.
"""
import pathlib
import re
import subprocess
import sys

MAX_FILE, MAX_FUNCTION, MAX_MAIN = 400, 60, 40
SERVICE_FILES = ["README.md", "CMakeLists.txt", "main.c", "settings.c"]

root = pathlib.Path(__file__).resolve().parent.parent
complaints = []


def complain(path, text):
    complaints.append(f"{path.relative_to(root)}: {text}")


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", *patterns], cwd=root, capture_output=True, text=True, check=True)
    return [root / line for line in out.stdout.splitlines() if (root / line).exists()]


def check_sizes(paths):
    for path in paths:
        lines = path.read_text().count("\n")
        if lines > MAX_FILE:
            complain(path, f"{lines} lines; split it by topic (limit {MAX_FILE})")
    out = subprocess.run(["ctags", "--languages=C", "--kinds-C=f", "--fields=+ne", "-f-",
                          *[str(p) for p in paths if p.suffix == ".c"]],
                         capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        first, last = re.search(r"line:(\d+)", line), re.search(r"end:(\d+)", line)
        name, path = line.split("\t")[:2]
        if first and last and int(last[1]) - int(first[1]) >= MAX_FUNCTION:
            complain(pathlib.Path(path), f"{name}() is {int(last[1]) - int(first[1]) + 1} lines (limit {MAX_FUNCTION})")


def check_service(folder):
    for name in SERVICE_FILES:
        if not (folder / name).exists():
            complain(folder, f"has no {name}")
            return
    readme = (folder / "README.md").read_text()
    for path in sorted(folder.glob("*.c")):
        if not path.stem.endswith(("_test", "_fake")) and f"`{path.name}`" not in readme:
            complain(folder / "README.md", f"does not mention {path.name}")
    for name in re.findall(r"`(\w+\.c)`", readme):
        if not (folder / name).exists():
            complain(folder / "README.md", f"mentions {name}, which is not here")
    if (folder / "dispatch.c").exists():
        for method in re.findall(r'PL_CALL\w*\(\s*"([\w.]+)"', (folder / "dispatch.c").read_text()):
            if f"`{method}`" not in readme:
                complain(folder / "README.md", f"does not list {method}")
    for migration in sorted((folder / "migrations").glob("*.sql")):
        if migration.name not in (folder / "CMakeLists.txt").read_text():
            complain(migration, "is not in CMakeLists.txt")
    if (folder / "main.c").read_text().count("\n") > MAX_MAIN:
        complain(folder / "main.c", f"is wiring only (limit {MAX_MAIN} lines)")
    for path in sorted(folder.glob("*.c")):
        if not path.name.startswith("store") and not path.stem.endswith("_test") and '#include "pl_pg.h"' in path.read_text():
            complain(path, "speaks SQL; only store*.c may")


def check_endpoints():
    """An operation needs its row in the service that answers, an rpc its row in some service."""
    rows = {path.parent.name: set(re.findall(r'PL_CALL\w*\(\s*"\w+\.(\w+)"', path.read_text()))
            for path in (root / "services").glob("*/dispatch.c")}
    contract = root / "api" / "openapi.yaml"
    for name, service in re.findall(r"operationId: (\w+)\n\s+x-service: ([\w-]+)", contract.read_text()):
        call = name[0].upper() + name[1:]
        if call not in rows.get(service, set()):
            complain(contract, f"{name}: services/{service}/dispatch.c has no row for {call}")
    for path in sorted((root / "proto").glob("*.proto")):
        if path.stem == "envelope":
            continue  # answered by every process itself
        for call in re.findall(r"\brpc (\w+)", path.read_text()):
            if not any(call in calls for calls in rows.values()):
                complain(path, f"rpc {call} has no row in any dispatch.c")


def check_header(path):
    if not path.read_text().startswith("/*"):
        complain(path, "does not begin by saying what it is")


sources = tracked("common/*.c", "common/*.h", "services/*.c", "services/*.h", "tools/*.c", "tools/*.h")
check_sizes(sources + tracked("*.py"))
for header in (p for p in sources if p.suffix == ".h"):
    check_header(header)
for service in sorted((root / "services").iterdir()):
    if service.is_dir():
        check_service(service)
check_endpoints()
print("\n".join(complaints), end="\n" if complaints else "")
sys.exit(bool(complaints))
