"""Documents of several files, and baselines of the user's own, through a running product."""
import json
import subprocess

import pytest


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "openapi.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: Files, version: 1.0.0}\npaths:\n  /a: {$ref: parts/a.yaml}\n")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/a.yaml").write_text(
        "get:\n  parameters: [{$ref: 'limit.yaml#/limit'}]\n  responses: {'200': {description: ok}}\n")
    (tmp_path / "parts/limit.yaml").write_text("limit: {name: limit, in: query, schema: {type: integer, maximum: 9}}\n")
    subprocess.run(["sh", "-c", "git init -q . && git add -A && git -c user.name=t -c user.email=t@x.test commit -qm 1"],
                   cwd=tmp_path, check=True)
    return tmp_path


def test_several_files_arrive_as_one_document(stack, tree):
    stack.create_api("files")
    stack.plumb("push", tree / "openapi.yaml", "--api", "files", "--sha", "aaaaaaa1", "--branch", "main")
    part = tree / "parts/limit.yaml"
    part.write_text(part.read_text().replace("9", "5"))
    run = stack.plumb_json("push", tree / "openapi.yaml", "--api", "files", "--sha", "aaaaaaa2", code=1)
    assert run["verdict"] == "breaking"
    published = json.loads(stack.plumb("artifacts", "get", "openapi.json", "--api", "files").stdout)
    assert "parts/" not in json.dumps(published)
    part.unlink()
    said = stack.plumb("push", tree / "openapi.yaml", "--api", "files", "--sha", "aaaaaaa3", code=2)
    assert "parts/a.yaml:2:" in said.stderr


def test_a_base_of_ones_own_is_compared_first(stack, tree):
    stack.create_api("bases")
    part, file, git = tree / "parts/limit.yaml", tree / "openapi.yaml", {"GIT_DIR": str(tree / ".git")}
    part.write_text(part.read_text().replace("9", "5"))
    push = ("push", file, "--api", "bases", "--branch", "main", "--base")
    said = stack.plumb(*push, "git:HEAD:openapi.yaml", "--sha", "bbbbbbb1", code=1, **git)
    assert "maximum" in said.stdout  # the first run itself breaks nothing
    stack.plumb(*push, "git:HEAD:openapi.yaml", "--sha", "bbbbbbb2", "--fail-on", "never", code=0, **git)
    stack.plumb(*push, "git:nowhere:openapi.yaml", "--sha", "bbbbbbb3", code=2, **git)


def test_what_is_not_compared_is_said_with_the_verdict(stack, tmp_path):
    stack.create_api("next")
    document = tmp_path / "next.yaml"
    document.write_text("openapi: 3.2.0\ninfo: {title: N, version: 1.0.0}\npaths: {}\n")
    run = stack.plumb_json("push", document, "--api", "next", "--sha", "ccccccc1", "--branch", "main")
    assert run["semver"]["status"] != "ok" and "not compared yet" in run["semver"]["messages"][-1]
