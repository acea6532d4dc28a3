"""Limits of `plumb diff` are settings that their errors name; `--stats` says what a comparison asked and cost."""
import json
import os
import pathlib
import subprocess

import pytest
from offline import plumb
from stack import BIN

API = """openapi: 3.0.3
info: {{title: t, version: 1.0.0}}
paths:
  /pets:
    post:
      requestBody:
        content:
          application/json:
            schema: {{type: object, properties: {{name: {{type: string, maxLength: {longest}}}, born: {{type: integer}}}}}}
      responses: {{'200': {{description: ok}}}}
"""
PAIRS = pathlib.Path(os.environ.get("PLUMB_FIXTURES", "/nowhere")) / "openapi" / "pairs"


@pytest.fixture
def pair(tmp_path):
    base, head = tmp_path / "base.yaml", tmp_path / "head.yaml"
    base.write_text(API.format(longest=10))
    head.write_text(API.format(longest=5))
    return base, head


def run(*args, cwd=None):
    return subprocess.run([BIN / "plumb", "diff", *map(str, args)], capture_output=True, text=True, cwd=cwd, env={**os.environ, "NO_COLOR": "1"})


@pytest.mark.parametrize("name, value, says", [
    ("max-bytes", 40, "(max-bytes)"), ("max-depth", 3, "nested deeper than 3 levels (max-depth)"),
    ("max-nodes", 9, "more than 9 values (max-nodes)")])
def test_a_limit_of_documents_is_named_by_its_error(pair, name, value, says):
    assert says in plumb("diff", *pair, f"--{name}", value, code=2)


def test_the_limit_of_aliases_is_named_by_its_error(pair):
    pair[0].write_text(pair[0].read_text() + "x-a: &a [1, 2, 3]\nx-b: [*a, *a]\n")
    assert "(max-aliases)" in plumb("diff", *pair, "--max-aliases", 5, code=2)
    plumb("diff", *pair, "--max-aliases", 8, code=1)


@pytest.mark.parametrize("name", ["max-steps", "max-total-steps"])
def test_too_few_steps_leave_a_question_open_and_the_finding_names_the_setting(pair, tmp_path, name):
    by_flag = run(*pair, f"--{name}", 1, "--format", "json", "--fail-on", "never")
    found = json.loads(by_flag.stdout)
    assert [f for f in found["summary"]["unknown"] if f"({name})" in f]
    assert all(f["level"] != "error" for f in found["findings"])
    (tmp_path / ".plumbline.yaml").write_text(f"limits: {{ {name}: 1 }}\n")
    assert run(*pair, "--format", "json", "--fail-on", "never", cwd=tmp_path).stdout == by_flag.stdout
    assert run(*pair, f"--{name}", 100000, cwd=tmp_path).returncode == 1  # what is said by hand wins


def test_memory_of_the_search_does_not_change_what_is_found(pair):
    assert run(*pair, "--max-memory", 1).stdout == run(*pair).stdout != ""


def test_limits_of_the_settings_are_checked(pair, tmp_path):
    for text, says in (("limits: 5", "must be an object"), ("limits: {max-step: 5}", 'no limit "max-step"'),
                       ("limits: {max-steps: 0}", "must be a positive number")):
        (tmp_path / ".plumbline.yaml").write_text(text + "\n")
        refused = run(*pair, cwd=tmp_path)
        assert refused.returncode == 2 and says in refused.stderr
    plumb("diff", *pair, "--max-steps", "-1", code=2)


def test_stats_are_on_standard_error_and_leave_the_report_alone(pair):
    with_stats, without = (run(*pair, "--format", "json", *more) for more in (["--stats"], []))
    assert with_stats.stdout == without.stdout and without.stderr == ""
    stats = json.loads(with_stats.stderr)["stats"]
    assert (stats["asked"], stats["refuted"], stats["contained"], stats["unknown"]) == (2, 2, 0, {})  # the text, and what it is in
    assert stats["schema_pairs"] >= 1 and stats["steps"] > 0 and stats["peak_memory_kib"] > 0
    assert "2 asked about: 0 contained, 2 refuted, 0 unknown" in run(*pair, "--stats").stderr


@pytest.mark.skipif(not PAIRS.is_dir(), reason="PLUMB_FIXTURES is not set")
@pytest.mark.parametrize("name", ["museum", "docker-engine", "openai-31", "stripe-yaml", "github"])
def test_at_most_one_question_of_a_hundred_stays_open(name):
    base, head = sorted((PAIRS / name).iterdir())
    summary = json.loads(run(base, head, "--format", "json", "--fail-on", "never").stdout)["summary"]
    unknown = sum(summary["unknown"].values())
    assert unknown * 100 <= summary["schema_pairs"], summary["unknown"]
