"""`plumb diff` and its kin on files: formats, exit statuses, baselines, documents of several files."""
import json
import os
import subprocess
import xml.etree.ElementTree as ET

import pytest
from offline import plumb
from stack import BIN

API = """openapi: 3.0.3
info: {{title: 'Pets & <co>', version: {version}}}
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {{name: limit, in: query, schema: {{type: integer, maximum: {most}}}}}
      responses:
        '200': {{description: ok}}
{more}"""
SECOND = "  /more:\n    get:\n      responses: {'200': {description: ok}}\n"


@pytest.fixture
def pair(tmp_path):
    base, head = tmp_path / "base.yaml", tmp_path / "head.yaml"
    base.write_text(API.format(version="1.0.0", most=100, more=""))
    head.write_text(API.format(version="1.0.1", most=50, more=SECOND))
    return base, head


def test_the_exit_status_follows_fail_on(pair, tmp_path):
    base, head = pair
    plumb("diff", base, head, code=1)
    plumb("diff", base, head, "--fail-on", "never", code=0)
    plumb("diff", head, head, "--fail-on", "warn", code=0)
    plumb("diff", base, tmp_path / "none.yaml", code=2)
    plumb("diff", base, code=2)
    plumb("diff", base, head, "--format", "pdf", code=2)
    assert "deeper than 3" in plumb("diff", base, head, "--max-depth", "3", code=2)
    assert "more than 9 values" in plumb("diff", base, head, "--max-nodes", "9", code=2)
    plumb("diff", base, head, "--max-nodes", "-1", code=2)
    assert plumb("diff", base, "-", "--format", "json", stdin=head.read_text(), code=1)


def breaking(report):
    return next(f for f in report["findings"] if f["level"] == "error")


def test_json_and_yaml_say_the_same(pair, tmp_path):
    base, head = pair
    report = json.loads(plumb("diff", base, head, "--format", "json", code=1))
    assert set(report) >= {"version", "base", "head", "summary", "operations", "semver", "findings"}
    assert report["summary"]["breaking"] == 1 and report["semver"]["required"] == "major"
    assert report["operations"]["added"] == [{"method": "GET", "path": "/more"}]
    assert breaking(report)["location"]["head"]["line"] == 8
    yaml = plumb("diff", base, head, "--format", "yaml", code=1)
    schema = json.dumps({"const": report})  # our own reader understands what our writer wrote
    (tmp_path / "report.yaml").write_text(yaml)
    plumb("validate", "--schema", "-", "--data", tmp_path / "report.yaml", stdin=schema)


def test_text_fits_a_terminal_and_is_plain_in_a_file(pair):
    base, head = pair
    text = plumb("diff", base, head, code=1)
    lines = text.replace(str(base), "b").replace(str(head), "h").splitlines()
    assert max(map(len, lines)) <= 80 and "\033" not in text
    assert "GET /pets" in text and f"{head}:8" in text


def test_sarif_points_at_lines_and_names_its_rules(pair):
    base, head = pair
    run = json.loads(plumb("diff", base, head, "--format", "sarif", code=1))["runs"][0]
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    worst = next(r for r in run["results"] if r["level"] == "error")
    assert rules[worst["ruleIndex"]] == worst["ruleId"]
    place = worst["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("/head.yaml") and place["region"]["startLine"] == 8
    assert worst["relatedLocations"][0]["message"]["text"] == "before" and worst["partialFingerprints"]
    assert len(set(rules)) == len(rules)


def test_sarif_meets_its_schema(pair, tmp_path):
    """SARIF_SCHEMA names the standard's sarif-schema-2.1.0.json; no package that CI has carries it."""
    schema = os.environ.get("SARIF_SCHEMA")
    if not schema:
        pytest.skip("SARIF_SCHEMA names no file")
    plumb("diff", *pair, "--format", "sarif", "--output", tmp_path / "out.sarif", code=1)
    plumb("validate", "--schema", schema, "--data", tmp_path / "out.sarif")


def test_flow_style_is_yaml_and_broken_json_is_told_as_json(tmp_path):
    document = tmp_path / "flow.yaml"
    document.write_text("{openapi: 3.0.3, info: {title: t, version: 1.0.0}, # said\n paths: {}}\n")
    plumb("lint", document)
    document.write_text("{openapi: 3.0.3,\n info: {title: t, version: 1.0.0}, paths: }}\n")
    assert f"{document}:2:" in plumb("lint", document, code=1)
    document.write_text('{"openapi": "3.0.3",\n "info": {}, "paths": {},}\n')
    assert f"{document}:2:" in plumb("lint", document, code=1)


def test_junit_counts_failures(pair):
    base, head = pair
    root = ET.fromstring(plumb("diff", base, head, "--format", "junit", code=1))
    assert root.attrib["failures"] == "1" and len(root.findall(".//failure")) == 1
    assert len(root.findall(".//testcase")) == int(root.attrib["tests"])
    same = ET.fromstring(plumb("diff", base, base, "--format", "junit"))
    assert same.attrib["tests"] == "1" and same.attrib["failures"] == "0"


def test_html_is_one_page_with_excerpts_and_escapes_what_documents_say(pair, tmp_path):
    base, head = pair
    out = tmp_path / "changes.html"
    assert plumb("diff", base, head, "--format", "html", "--output", out, code=1) == ""
    page = out.read_text()
    assert "Pets &amp; &lt;co&gt;" in page and "<co>" not in page
    assert page.count('class="here"') >= 2 and "maximum: 50" in page and "maximum: 100" in page
    assert "http" not in page.replace("http-equiv", "") and "<script" not in page


def test_github_and_markdown_name_the_line(pair):
    base, head = pair
    assert f"::error file={head},line=8,col=" in plumb("diff", base, head, "--format", "github", code=1)
    assert "head.yaml:8`" in plumb("changelog", base, head)


def test_only_breaking_lists_less_and_counts_the_same(pair):
    base, head = pair
    full = json.loads(plumb("diff", base, head, "--format", "json", code=1))
    less = json.loads(plumb("diff", base, head, "--format", "json", "--only", "breaking", code=1))
    assert less["summary"] == full["summary"]
    assert {f["level"] for f in less["findings"]} == {"error"} < {f["level"] for f in full["findings"]}


def test_levels_and_accepted_findings_come_from_files(pair, tmp_path):
    base, head = pair
    finding = breaking(json.loads(plumb("diff", base, head, "--format", "json", code=1)))
    rules, ignore = tmp_path / "rules.yaml", tmp_path / "ignore.yaml"
    rules.write_text(f"{finding['id']}: warn\n")
    plumb("diff", base, head, "--rules", rules, code=0)
    plumb("diff", base, head, "--rules", rules, "--fail-on", "warn", code=1)
    rules.write_text("no-such-rule: warn\n")
    assert "no-such-rule" in plumb("diff", base, head, "--rules", rules, code=2)
    ignore.write_text(f"- {{fingerprint: '{finding['fingerprint']}', author: Ada, reason: agreed}}\n")
    plumb("diff", base, head, "--ignore", ignore, code=0)
    (tmp_path / ".plumbline.yaml").write_text("ignore: ignore.yaml\n")
    plumb("diff", base, head, cwd=tmp_path, code=0)
    ignore.write_text("- {fingerprint: x}\n")
    plumb("diff", base, head, "--ignore", ignore, code=2)


def test_prefixes_are_taken_off(tmp_path):
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(API.format(version="1.0.0", most=100, more=""))
    new.write_text(old.read_text().replace("/pets", "/v1/pets"))
    plumb("diff", old, new, code=1)
    plumb("diff", old, new, "--strip-prefix-head", "/v1", code=0)


def test_bump_says_what_the_version_must_be(pair):
    base, head = pair
    text = plumb("bump", base, head, code=1)
    assert text.startswith("1.0.0 → 1.0.1, needs 2.0.0") and "maximum" in text
    assert plumb("bump", base, head, "--format", "next-version") == "2.0.0\n"
    assert plumb("bump", base, base).startswith("1.0.0 → 1.0.0, needs no new version")


def test_lint_finds_every_problem_at_once(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("openapi: 3.1.0\ninfo: {title: T, version: v}\npaths: {}\ncomponents:\n  schemas:\n"
                   "    A: {type: objekt}\n    B: {pattern: '('}\n    C: {properties: {x: {minLength: -1}}}\n")
    answer = json.loads(plumb("lint", bad, "--format", "json", code=1))
    assert answer["comparable"] is True  # all but these schemas
    assert [(p["line"], p["pointer"]) for p in answer["problems"]] == [
        (6, "/components/schemas/A/type"), (7, "/components/schemas/B/pattern"),
        (8, "/components/schemas/C/properties/x/minLength")]
    assert [p["text"].split(":")[0] for p in answer["problems"]] == ["`type`", "`pattern`", "`minLength`"]
    assert "3 schemas are not valid" in plumb("lint", bad, code=1)
    bad.write_text("openapi: 3.1.0\ninfo: {}\npaths: {a: {}}\n")
    said = plumb("lint", bad, code=1)
    assert "not comparable" in said and said.count(f"{bad}:") == 4
    bad.write_text("openapi: 3.2.0\ninfo: {title: T, version: v}\npaths: {}\n")
    assert "not compared yet" in plumb("lint", bad)
    assert "deeper" in plumb("lint", bad, "--max-depth", "1", code=1)
    bad.write_text("{")
    plumb("lint", bad, code=1)
    plumb("lint", tmp_path / "none", code=2)


@pytest.fixture
def tree(tmp_path):
    """A document of several files, with a cycle, in a git repository."""
    files = {
        "api/openapi.yaml": "openapi: 3.0.3\ninfo: {title: T, version: 1.0.0}\npaths:\n"
                            "  /a: {$ref: paths/a.yaml}\ncomponents:\n  schemas:\n    Own: {type: string}\n",
        "api/paths/a.yaml": "post:\n  requestBody:\n    content:\n      application/json:\n"
                            "        schema: {$ref: '../schemas/pet.yaml#/Pet'}\n"
                            "  responses: {'200': {description: ok}}\n",
        "api/schemas/pet.yaml": "Pet:\n  type: object\n  properties:\n    name: {type: string, maxLength: 10}\n"
                                "    parent: {$ref: '#/Pet'}\n    own: {$ref: '../openapi.yaml#/components/schemas/Own'}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for args in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *args], check=True)
    return tmp_path


def test_a_document_of_several_files_is_one_and_names_the_file_of_each_finding(tree):
    plumb("diff", "git:HEAD:api/openapi.yaml", "api/openapi.yaml", cwd=tree, code=0)
    pet = tree / "api/schemas/pet.yaml"
    pet.write_text(pet.read_text().replace("maxLength: 10", "maxLength: 5"))
    report = json.loads(plumb("diff", "git:HEAD", "api/openapi.yaml", "--format", "json", cwd=tree, code=1))
    place = breaking(report)["location"]
    assert place["head"]["file"] == "api/schemas/pet.yaml" == place["base"]["file"]
    assert (place["head"]["line"], place["head"]["pointer"]) == (4, "/Pet/properties/name")
    assert "revision" in plumb("diff", "git:-x:a", "api/openapi.yaml", cwd=tree, code=2)
    plumb("diff", "git:nowhere:api/openapi.yaml", "api/openapi.yaml", cwd=tree, code=2)


def test_flatten_writes_a_document_that_needs_no_other_file(tree, tmp_path):
    for form in ("json", "yaml"):
        out = tmp_path / f"flat.{form}"
        plumb("flatten", "api/openapi.yaml", "--format", form, "--output", out, cwd=tree)
        assert "pet.yaml" not in out.read_text() and "#/components/schemas/Pet" in out.read_text()
        assert "no difference" in plumb("diff", tree / "api/openapi.yaml", out)
    assert json.loads(plumb("flatten", "api/openapi.yaml", "--format", "json", "--sorted", cwd=tree))


@pytest.mark.parametrize("reference, why", [
    ("../../secret.yaml", "not below"), ("/etc/passwd", "not below"), ("http://x.test/a.yaml", "nothing is fetched"),
    ("file:///etc/passwd", "nothing is fetched"), ("link.yaml", "link out"), ("none.yaml", "could not read"),
    ("../schemas/pet.yaml#/Cat", "leads nowhere"), ("%2e%2e/%2e%2e/secret.yaml", "not below")])
def test_only_files_below_the_folder_are_read(tree, reference, why):
    (tree / "secret.yaml").write_text("type: string\n")
    (tree / "api/paths/link.yaml").symlink_to(tree / "secret.yaml")
    path = tree / "api/paths/a.yaml"
    path.write_text(path.read_text().replace("../schemas/pet.yaml#/Pet", reference))
    said = plumb("lint", "api/openapi.yaml", cwd=tree, code=1)
    assert why in said and "api/paths/a.yaml:5:" in said


def test_rules_are_explained():
    first = plumb("rules", "list").split()[0]
    assert "what to do" in plumb("rules", "explain", first)
    plumb("rules", "explain", "no-such-rule", code=2)


@pytest.fixture
def folder(tmp_path):
    """Two descriptions with components of the same names, and files that are none."""
    def write(name, path, pet, security):
        (tmp_path / "apis" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "apis" / name).write_text(
            f"openapi: 3.0.3\ninfo: {{title: {name}, version: 1.0.0}}\n{security}paths:\n  {path}:\n    post:\n"
            "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}\n"
            "      responses: {'200': {description: ok}}\n"
            "components:\n  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}\n"
            f"  schemas:\n    Pet: {pet}\n")
    write("a.yaml", "/a", "{type: object, properties: {a: {type: string, maxLength: 9}}}", "security: [{key: []}]\n")
    write("sub/b.yaml", "/b", "{type: object, properties: {b: {type: integer, maximum: 9}}}", "")
    (tmp_path / "apis" / "values.yaml").write_text("replicas: 2\n")
    return tmp_path / "apis"


def test_a_folder_of_documents_is_composed(folder, tmp_path):
    flat = json.loads(plumb("flatten", folder, "--format", "json"))
    assert set(flat["paths"]) == {"/a", "/b"} and set(flat["components"]["schemas"]) == {"Pet", "Pet_2"}
    assert flat["paths"]["/a"]["post"]["security"] == [{"key": []}] and flat["security"] == []
    subprocess.run(["sh", "-c", "git init -q . && git add -A && git -c user.name=t -c user.email=t@x.test commit -qm 1"],
                   cwd=tmp_path, check=True)
    plumb("diff", "git:HEAD:apis", "apis", cwd=tmp_path, code=0)
    part = folder / "sub/b.yaml"
    part.write_text(part.read_text().replace("maximum: 9", "maximum: 8"))
    report = json.loads(plumb("diff", "git:HEAD:apis", "apis", "--format", "json", cwd=tmp_path, code=1))
    place = breaking(report)["location"]["head"]
    assert (place["file"], place["line"]) == ("apis/sub/b.yaml", 11)
    assert breaking(report)["operation"]["path"] == "/b"


def test_limits_hold_for_each_file_of_a_folder(folder):
    said = plumb("diff", folder, folder, "--max-depth", "5", code=2)
    assert "a.yaml" in said and "5" in said
    plumb("diff", folder, folder, "--max-depth", "50")


def test_what_cannot_be_composed_says_so(folder):
    part = folder / "sub/b.yaml"
    whole = part.read_text()
    part.write_text(whole.replace("  /b:", "  /a:"))
    assert "apis/sub/b.yaml:5:" in plumb("lint", folder, code=1).replace(str(folder.parent) + "/", "")
    part.write_text(whole.replace("X-Key", "X-Other"))
    assert "security scheme" in plumb("lint", folder, code=1)
    part.write_text(whole.replace("3.0.3", "3.1.0"))
    assert "versions of OpenAPI" in plumb("lint", folder, code=1)
    part.write_text("openapi: [")
    plumb("diff", folder, folder, code=2)
    part.unlink()
    (folder / "a.yaml").unlink()
    assert "no API description" in plumb("lint", folder, code=2)


def test_several_baselines_of_the_same_major_all_count(tmp_path):
    names = []
    for version, most in (("0.9.0", 500), ("1.0.0", 100), ("1.1.0", 80), ("1.2.0", 80)):
        names.append(tmp_path / f"{version}.yaml")
        names[-1].write_text(API.format(version=version, most=most, more=""))
    assert plumb("diff", *names, code=2)
    plumb("diff", "--transitive", *names[2:], code=0)
    report = json.loads(plumb("diff", "--transitive", *names, "--format", "json", code=1))
    assert [c["base"]["version"] for c in report["comparisons"]] == ["1.0.0", "1.1.0"]
    assert "against" in plumb("diff", "--transitive", *names, code=1)


def test_witnesses_are_questions_that_any_validator_answers(pair, tmp_path):
    base, head = pair
    lines = [json.loads(line) for line in plumb("witness", base, head).splitlines()]
    said = plumb("witness", base, head, "--check-with", f"{BIN / 'plumb'} validate --batch")
    assert f"{len(lines) // 2} witnesses, {len(lines)} answers, 0 refuted" in said
    assert {(line["side"], line["expected"]) for line in lines} == {("base", True), ("head", False)}
    assert "refuted" in plumb("witness", base, head, "--check-with", "sed 's/.*/{\"valid\":true}/'", code=1)
    assert "not of the form" in plumb("witness", base, head, "--check-with", "sed 's/.*/what/'", code=2)
