"""`plumb validate`: the gateway's validator for anyone, one value or a stream of them."""
import json

from offline import plumb


def ask(*questions, code=0, **more):
    lines = "".join((q if isinstance(q, str) else json.dumps(q)) + "\n" for q in questions)
    return [json.loads(line) for line in plumb("validate", "--batch", *more.get("args", ()), stdin=lines,
                                               code=code).splitlines()]


def test_the_exit_status_is_the_answer(tmp_path):
    schema, good, bad = tmp_path / "s.yaml", tmp_path / "good.json", tmp_path / "bad.yaml"
    schema.write_text("type: object\nproperties:\n  a: {type: integer}\n")
    good.write_text('{"a": 1}')
    bad.write_text("b: 1\na: x\n")
    assert "valid" in plumb("validate", "--schema", schema, "--data", good)
    assert f"{bad}:2:4: /a type: expected integer, found string" in plumb(
        "validate", "--schema", schema, "--data", bad, code=1)
    assert "could not read" in plumb("validate", "--schema", schema, "--data", tmp_path / "none", code=2)
    schema.write_text("type: foo\n")
    assert 'there is no type "foo"' in plumb("validate", "--schema", schema, "--data", good, code=2)
    answer = json.loads(plumb("validate", "--schema", "-", "--data", bad, "--format", "json",
                              stdin='{"required":["c"]}', code=1))
    assert answer["errors"][0]["keyword"] == "required"


def test_a_schema_inside_of_an_api_description_is_named_by_its_pointer(tmp_path):
    api, data = tmp_path / "api.yaml", tmp_path / "pet.json"
    api.write_text("openapi: 3.0.3\ncomponents:\n  schemas:\n    Pet: {type: string, nullable: true}\n")
    data.write_text("null")
    plumb("validate", "--schema", f"{api}#/components/schemas/Pet", "--data", data)
    plumb("validate", "--schema", f"{api}#/components/schemas/Pet", "--data", data, "--dialect", "oas31", code=1)


def test_a_batch_answers_each_line_in_order():
    first, second, third = ask({"schema": {"type": "string"}, "data": 1}, {"schema": True, "data": None},
                               {"schema": {"enum": [1]}, "data": 1.0, "dialect": "4"})
    assert (first["valid"], second, third["valid"]) == (False, {"valid": True, "errors": []}, True)
    assert first["errors"] == [{"pointer": "", "keyword": "type", "text": "expected string, found integer"}]


def test_what_cannot_be_judged_says_so_and_costs_the_exit_status():
    answers = ask({"schema": {"type": "foo"}, "data": 1}, "{", {"schema": {}}, {"schema": {}, "data": 1}, code=None)
    assert [a.get("unusable", False) for a in answers] == [True, True, True, False]
    assert "validate" in plumb("validate", "--batch", "--schema", "x", code=2)


def test_formats_assert_unless_the_dialect_only_annotates_them():
    question = {"schema": {"format": "date"}, "data": "tomorrow"}
    for extra, valid in [({}, True), ({"formats": "assert"}, False), ({"dialect": "oas31"}, False),
                         ({"dialect": "4"}, False), ({"dialect": "oas30", "formats": "annotate"}, True)]:
        assert ask({**question, **extra})[0]["valid"] is valid, extra


def test_references_lead_only_to_documents_that_are_known(tmp_path):
    (tmp_path / "parts" / "deep").mkdir(parents=True)
    (tmp_path / "parts" / "deep" / "n.json").write_text('{"type": "integer"}')
    question = {"schema": {"$ref": "http://x.test/s/deep/n.json"}, "data": "x"}
    assert "outside of the document" in ask(question, code=2)[0]["errors"][0]["text"]
    known = ("--known", f"http://x.test/s/={tmp_path / 'parts'}")
    assert ask(question, args=known)[0]["errors"][0]["keyword"] == "type"
    assert ask({"schema": {"$ref": "https://json-schema.org/draft/2020-12/schema"}, "data": {"type": 1}},
               args=known)[0]["valid"] is False
