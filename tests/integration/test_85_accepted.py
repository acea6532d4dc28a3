"""Findings that somebody answers for, through the gateway and the command line."""
WITHOUT = "openapi: 3.0.3\ninfo: {title: A, version: 1.0.0}\npaths:\n  /a: {get: {responses: {'200': {description: x}}}}\n"
WITH = WITHOUT + "  /b: {get: {responses: {'200': {description: x}}}}\n"


def test_a_break_that_is_accepted_passes_until_it_is_withdrawn(stack, tmp_path):
    document = tmp_path / "openapi.yaml"
    stack.create_api("accepted")

    def push(text, sha, branch, code=0):
        document.write_text(text)
        return stack.plumb_json("push", document, "--api", "accepted", "--sha", sha, "--branch", branch, code=code)

    push(WITH, "aaaaaaa1", "main")
    finding = push(WITHOUT, "aaaaaaa2", "try", code=1)["findings"][0]["fingerprint"]
    said = stack.plumb_json("accept", "add", finding, "--api", "accepted", "--reason", "unused", "--expires", "2999-01-01")
    assert said["rule"] == "operation-removed" and said["author"] and not said["expired"]
    assert finding in stack.plumb("accept", "list", "--api", "accepted").stdout
    run = push(WITHOUT, "aaaaaaa3", "try")
    assert run["breaking"] == 0 and run["accepted_findings"] == [finding]
    assert "(1 accepted)" in stack.plumb("runs", "show", "aaaaaaa3", "--api", "accepted").stdout
    stack.plumb("accept", "withdraw", finding, "--api", "accepted")
    run = push(WITHOUT, "aaaaaaa4", "main", code=1)
    assert run["breaking"] == 1 and run["accepted"] == 0


def test_only_who_may_change_an_api_accepts_for_it(stack):
    stack.create_api("guarded")
    path = "/api/v1/apis/guarded/accepted"
    body = {"fingerprint": "dcb70ea63e028520", "reason": "r"}
    ci = stack.new_token("runs:write", "runs:read")
    assert stack.http("POST", path, body, token=ci).status == 403
    assert stack.http("POST", path, body, token=None).status == 401
    assert stack.http("POST", path, {**body, "fingerprint": "x"}).status == 422
    assert stack.http("POST", path, {**body, "expires": "soon"}).status == 422
    assert stack.http("POST", path, body).status == 201
    assert stack.http("POST", path, body).status == 200
    assert stack.http("GET", path, token=ci).json["accepted"][0]["fingerprint"] == body["fingerprint"]
    assert stack.http("DELETE", f"{path}/{body['fingerprint']}").status == 204
    assert stack.http("DELETE", f"{path}/{body['fingerprint']}").status == 404
