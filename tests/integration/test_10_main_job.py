"""The main job, through the public doors: a pushed document becomes judged, signed, published, announced."""
import csv
import json
import pathlib
import re
import shutil
import subprocess

import pytest
from stack import ROOT, document, wait_for

EXAMPLE = ROOT / "examples" / "history"


def tsv(path):
    with open(path, newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def test_the_example_history_is_judged_as_written_beside_it(stack):
    stack.plumb("replay", EXAMPLE, "--api", "example", "--create")
    runs = stack.plumb_json("runs", "list", "--api", "example", "--limit", "0")["runs"]
    expected = tsv(EXAMPLE / "expected.tsv")
    assert len(runs) == len(expected) == len(tsv(EXAMPLE / "index.tsv"))
    for run, wanted in zip(reversed(runs), expected):
        where = f"run {run['seq']}"
        assert run["verdict"] == wanted["verdict"], where
        assert run["semver_status"] == wanted["semver"], where
        assert run["policy"] == wanted["policy"], where
        assert abs(run["stability_ratio"] - float(wanted["ratio"])) < 0.005, where


def replay_fixture(stack, fixtures, name, count):
    folder = fixtures / "openapi" / "history" / name
    api = f"{name}-history"
    stack.plumb("replay", folder, "--api", api, "--create")
    runs = stack.plumb_json("runs", "list", "--api", api, "--limit", "0")["runs"]
    shas = [row["sha"] for row in tsv(folder / "index.tsv")]
    assert [r["sha"] for r in reversed(runs)] == shas and len(runs) == count
    assert [r["seq"] for r in reversed(runs)] == list(range(1, count + 1))
    stack.published(api, count, 180)
    out = stack.dir / f"status-{name}"
    stack.plumb("artifacts", "pull", "--api", api, "--out", out)
    done = stack.plumb("verify", "--checksums", out / "checksums.json", "--signature",
                       out / "checksums-signature.json", "--dir", out, "--chain", "--api", api)
    assert done.stdout.strip() == "VERIFY_OK" and f"{count} sets" in done.stderr
    history = (out / "stability-history.jsonl").read_text().splitlines()
    assert [json.loads(line)["sha"] for line in history] == shas


@pytest.mark.parametrize("name,count", [("museum", 15), ("discord", 24), ("twilio-verify", 128)])
def test_a_real_history_is_recorded_in_order_and_verifies(stack, fixtures, name, count):
    replay_fixture(stack, fixtures, name, count)


def test_a_second_replay_records_nothing_new(stack):
    stack.plumb("replay", EXAMPLE, "--api", "again", "--create")
    before = stack.plumb_json("runs", "list", "--api", "again", "--limit", "0")["runs"]
    stack.plumb("replay", EXAMPLE, "--api", "again")
    assert stack.plumb_json("runs", "list", "--api", "again", "--limit", "0")["runs"] == before


def test_push_says_what_broke_and_exits_1(stack, tmp_path):
    stack.create_api("exit-codes")
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(document("1.0.0", ("/things", "/others")))
    new.write_text(document("1.1.0", ("/things",)))
    stack.plumb("push", old, "--api", "exit-codes", "--sha", "aaaaaaa1", "--branch", "main", code=0)
    done = stack.plumb("push", new, "--api", "exit-codes", "--sha", "aaaaaaa2", "--branch", "main", code=1)
    assert "/others" in done.stdout and "fail" in done.stdout and "2.0.0" in done.stdout
    again = stack.plumb_json("push", new, "--api", "exit-codes", "--sha", "aaaaaaa2", code=1)
    assert again["created"] is False and again["semver"]["status"] == "fail" and again["breaking"] == 1
    assert "::error file=" in stack.plumb("push", new, "--api", "exit-codes", "--sha", "aaaaaaa2", "--format",
                                          "github", code=1).stdout
    assert "`operation-removed`" in stack.plumb("push", new, "--api", "exit-codes", "--sha", "aaaaaaa2", "--format",
                                      "markdown", code=1).stdout
    stack.plumb("push", tmp_path / "none.yaml", "--api", "exit-codes", "--sha", "aaaaaaa3", code=2)
    stack.plumb("push", new, "--api", "exit-codes", code=2, GITHUB_SHA="")
    stack.plumb("push", new, "--api", "exit-codes", "--sha", "aaaaaaa3", code=2, PLUMB_URL="http://127.0.0.1:1")


def test_a_placeholder_is_a_run_and_the_real_document_replaces_it(stack):
    stack.create_api("placeholders")
    run = stack.plumb_json("push", "--api", "placeholders", "--sha", "bbbbbbb1", "--placeholder", "export failed")
    assert run["verdict"] == "placeholder" and run["metrics"]["extensions"]["placeholder_streak"] == 1
    run = stack.push("placeholders", document(), "bbbbbbb1", status=201)
    assert run["seq"] == 2 and run["verdict"] == "stable"
    assert run["metrics"]["extensions"]["placeholder_streak"] == 0


def test_another_branch_is_a_preview_and_leaves_the_record_alone(stack):
    stack.create_api("previews")
    stack.push("previews", document("1.0.0", ("/a", "/b")), "ccccccc1")
    run = stack.push("previews", document("1.0.0", ("/a",)), "ccccccc2", "&branch=feature")
    assert run["preview"] and run["verdict"] == "breaking"
    run = stack.push("previews", document("1.0.0", ("/a", "/b")), "ccccccc3")
    assert run["metrics"]["window_total_count"] == 2 and run["metrics"]["window_stability_ratio"] == 1


ARTIFACTS = {"stability-metrics.json", "governance-summary.json", "operations-classification.json",
             "semver-validation.json", "milestone-summary.json", "checksums.json", "index.html", "openapi.json",
             "stability-history.jsonl", "checksums-signature.json", "checksums-pubkey.txt", "checksums-badge.json",
             "payload-version-badge.json", "placeholder-streak-badge.json", "governance-summary-badge.json",
             "governance-combined-badge.json", "stability-badge.json", "milestone-badge.json"}


def test_the_full_artifact_set_is_published_and_served(stack):
    stack.create_api("artifacts")
    stack.push("artifacts", document(), "ddddddd1")
    listed = {a["path"]: a for a in stack.published("artifacts", 1)["artifacts"]}
    assert ARTIFACTS <= set(listed)
    for path in ARTIFACTS:
        answer = stack.get(f"/status/artifacts/{path}", token=None)
        assert answer.status == 200 and len(answer.body) == listed[path]["size"], path
        assert answer.headers["ETag"] and answer.headers["Last-Modified"] and answer.headers["Cache-Control"]
        cached = stack.get(f"/status/artifacts/{path}", token=None, headers={"If-None-Match": answer.headers["ETag"]})
        assert cached.status == 304 and cached.body == b""
    checksums = stack.get("/status/artifacts/checksums.json").json
    assert list(checksums) and checksums["algorithm"] == "sha256" and checksums["count"] == len(checksums["artifacts"])
    assert not {a["path"] for a in checksums["artifacts"]} & {"checksums.json", "index.html", "checksums-badge.json"}
    badge = stack.get("/status/artifacts/placeholder-streak-badge.json").json
    assert badge["schemaVersion"] == 1 and badge["color"] == "brightgreen"


def test_an_independent_program_accepts_the_signature(stack):
    """RULINGS 8 and 9, from their text: node's own crypto over a payload made here."""
    stack.create_api("signed")
    stack.push("signed", document(), "eeeeeee1")
    stack.published("signed", 1)
    node = shutil.which("node")
    if not node:
        pytest.skip("node is not installed")
    checksums = stack.get("/status/signed/checksums.json").json
    signature = stack.get("/status/signed/checksums-signature.json").json
    key = stack.get("/status/signed/checksums-pubkey.txt").body.decode().strip()
    payload = json.dumps({"aggregate_sha256": checksums["aggregate_sha256"],
                          "artifacts": [{"path": a["path"], "sha256": a["sha256"]} for a in
                                        sorted(checksums["artifacts"], key=lambda a: a["path"])],
                          "count": checksums["count"]}, separators=(",", ":"), sort_keys=True)
    script = """
        const [payload, sig, key] = process.argv.slice(1);
        const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key, 'base64')]);
        const pub = crypto.createPublicKey({key: der, format: 'der', type: 'spki'});
        process.exit(crypto.verify(null, Buffer.from(payload), pub, Buffer.from(sig, 'base64')) ? 0 : 1);"""
    assert subprocess.run([node, "-e", script, payload, signature["signature"], key]).returncode == 0
    assert subprocess.run([node, "-e", script, payload + " ", signature["signature"], key]).returncode == 1


def test_verify_finds_a_changed_file(stack):
    stack.create_api("tampered")
    stack.push("tampered", document(), "fffffff1")
    stack.published("tampered", 1)
    out = stack.dir / "tampered"
    stack.plumb("artifacts", "pull", "--api", "tampered", "--out", out)
    arguments = ("verify", "--checksums", out / "checksums.json", "--signature", out / "checksums-signature.json",
                 "--dir", out)
    assert stack.plumb(*arguments).stdout == "VERIFY_OK\n"
    (out / "openapi.json").write_text("{}")
    done = stack.plumb(*arguments, code=1)
    assert "openapi.json" in done.stderr and done.stdout == ""


def test_a_pull_right_after_a_push_has_that_run(stack):
    stack.create_api("pull-now")
    out = stack.dir / "pull-now"
    for n in range(4):
        stack.push("pull-now", document(f"1.0.{n}"), f"fefefef{n}")
        stack.plumb("artifacts", "pull", "--api", "pull-now", "--out", out)
        last = (out / "stability-history.jsonl").read_text().splitlines()[-1]
        assert json.loads(last)["sha"] == f"fefefef{n}"
    own = ("--checksums", out / "checksums.json", "--signature", out / "checksums-signature.json")
    assert "4 sets" in stack.plumb("verify", *own, "--chain").stderr
    stack.create_api("pull-other")
    stack.push("pull-other", document(), "fefefef9")
    stack.published("pull-other", 1)
    assert "none of the published" in stack.plumb("verify", *own, "--chain", "--api", "pull-other", code=1).stderr


def test_the_status_page_needs_no_script_and_names_every_artifact(stack):
    stack.create_api("page", title="<script>alert(1)</script> & co")
    stack.push("page", document(title="Fine <b>print</b>"), "abababa1")
    stack.published("page", 1)
    answer = stack.get("/status/page/", token=None)
    page = answer.body.decode()
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/html")
    assert "<script" not in page and 'http-equiv="refresh" content="300"' in page
    for name in ARTIFACTS - {"index.html"}:
        assert f'href="{name}"' in page or f'href="./{name}"' in page, name
    csp = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in csp and not re.search(r'\sstyle="', page)


def test_diff_works_offline(stack, tmp_path):
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(document("1.0.0", ("/a", "/b")))
    new.write_text(document("2.0.0", ("/a",)))
    environment = {"PLUMB_URL": "http://127.0.0.1:1"}
    done = stack.plumb("diff", old, new, "--format", "json", code=1, **environment)
    diff = json.loads(done.stdout)
    assert diff["version"] == 1 and diff["summary"]["breaking"] == 1
    assert diff["operations"]["removed"] == [{"method": "GET", "path": "/b"}]
    assert diff["semver"]["required"] == "major"
    assert json.loads(stack.plumb("diff", old, old, "--format", "json").stdout)["findings"] == []
    stack.plumb("diff", old, tmp_path / "none.yaml", code=2)


def test_milestones_of_an_api_are_summed_up(stack):
    stack.create_api("milestones", milestones={"categories": [
        {"name": "Docs", "weight": 1, "milestones": [{"name": "a", "complete": True}, {"name": "b"}]},
        {"name": "Code", "weight": 3, "milestones": [{"name": "c", "complete": True}]}]})
    stack.push("milestones", document(), "acacaca1")
    stack.published("milestones", 1)
    summary = stack.get("/status/milestones/milestone-summary.json").json
    assert abs(summary["percent"] - 87.5) < 0.01
    assert "88" in stack.get("/status/milestones/milestone-badge.json").json["message"] or \
        "87.5" in stack.get("/status/milestones/milestone-badge.json").json["message"]


def test_an_issue_opens_once_and_closes_by_itself(stack):
    stack.create_api("issues", placeholder_streak_alert_threshold=2)
    stack.push("issues", document(), "adadad01")
    for n in (2, 3, 4):
        stack.plumb("push", "--api", "issues", "--sha", f"adadad0{n}", "--placeholder", "broken")
    issues = [i for i in stack.get("/api/v1/apis/issues/issues").json["issues"] if i["kind"] == "placeholder_streak"]
    assert len(issues) == 1 and issues[0]["state"] == "open"
    stack.push("issues", document(), "adadad05")
    issues = [i for i in stack.get("/api/v1/apis/issues/issues").json["issues"] if i["kind"] == "placeholder_streak"]
    assert [i["state"] for i in issues] == ["closed"]


def test_the_default_api_is_served_at_the_root(stack):
    stack.create_api("demo", visibility="public")
    stack.push("demo", document(title="Root"), "aeaeaea1")
    stack.published("demo", 1)
    assert stack.get("/status/governance-summary.json", token=None).status == 200
    assert stack.get("/governance-summary.json", token=None).status == 200
    assert stack.get("/openapi.json", token=None).json["info"]["title"] == "Plumbline"
    assert stack.get("/", token=None).status in (302, 303, 307, 308)
    wait_for(lambda: stack.get("/status/demo", token=None).headers.get("Location", "").endswith("/status/demo/"))


def test_scripts_carry_the_names_the_requirements_give(stack, tmp_path):
    names = {p.name for p in (ROOT / "scripts").iterdir()}
    assert {"generate_signing_keypair", "verify_checksums_signature", "diff_openapi_schema"} <= names
    pair = subprocess.run([ROOT / "scripts" / "generate_signing_keypair", "--json"], env=stack.env,
                          capture_output=True, text=True, check=True)
    assert set(json.loads(pair.stdout)) >= {"private_key", "public_key"}
    assert pathlib.Path(ROOT / "docs" / "governance_webhook.schema.json").exists()
