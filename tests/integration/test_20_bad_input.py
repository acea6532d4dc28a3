"""Bad input: each with its own clear error, and no trace left."""
import gzip
import itertools

import pytest
from stack import document, wait_for

NAMES = itertools.count(1)
GOOD = document()


@pytest.fixture
def api(stack):
    name = f"bad-{next(NAMES)}"
    stack.create_api(name)
    return name


def refused(stack, api, body, status, slug, text, query="", sha="abcdef1", **kw):
    answer = stack.http("POST", f"/api/v1/apis/{api}/runs?sha={sha}{query}", body,
                        headers={"Content-Type": "application/yaml", **kw.pop("headers", {})}, **kw)
    assert answer.status == status, answer
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = answer.json
    assert problem["status"] == status and problem["type"].endswith(slug), problem
    said = (problem.get("detail", "") + " " + " ".join(v["text"] for v in problem.get("violations", []))).lower()
    assert text.lower() in said, problem
    assert stack.get(f"/api/v1/apis/{api}/runs").json["runs"] == []
    return problem


DOCUMENTS = {
    "empty": (b"", 422, "invalid", "document"),
    "binary": (bytes(range(256)) * 4, 400, "malformed", ""),
    "truncated JSON": (b'{"openapi": "3.1.0", "info": {"title": "x"', 400, "malformed", "line 1"),
    "invalid UTF-8": (GOOD.encode().replace(b"Things", b"Th\xffngs"), 400, "malformed", "utf-8"),
    "10 000 deep": (b'{"openapi":"3.1.0","x":' + b"[" * 10000 + b"]" * 10000 + b"}", 400, "malformed", "deep"),
    "duplicate members": (b'{"openapi":"3.1.0","openapi":"3.0.0"}', 400, "malformed", "openapi"),
    "not OpenAPI": (b'{"hello": "world"}', 422, "invalid", "openapi"),
    "a list": (b"[1, 2]", 422, "invalid", ""),
    "a reference to a file": (GOOD.replace("{description: fine}", "{$ref: 'other.yaml#/x'}").encode(), 422,
                              "invalid", "outside"),
    "a reference to a URL": (GOOD.replace("{description: fine}", "{$ref: 'http://127.0.0.1/x'}").encode(), 422,
                             "invalid", "outside"),
    "a reference to nothing": (GOOD.replace("{description: fine}", "{$ref: '#/components/responses/none'}").encode(),
                               422, "invalid", "/components/responses/none"),
    "a YAML bomb": (b"openapi: 3.1.0\n" + b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n".encode() for n in range(9)),
        400, "malformed", "alias"),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_an_unusable_document_is_refused(stack, api, kind):
    body, status, slug, text = DOCUMENTS[kind]
    refused(stack, api, body, status, slug, text)


def test_every_problem_of_a_document_is_named_with_its_place(stack, api):
    body = (b"openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  no-slash:\n    get:\n      responses: {}\n"
            b"  /x:\n    get:\n      responses:\n        '200': {$ref: '#/nowhere'}\n")
    problem = refused(stack, api, body, 422, "invalid", "")
    assert len(problem["violations"]) >= 2 and all(v["pointer"] and v["line"] for v in problem["violations"])


def test_a_reference_cycle_is_fine(stack, api):
    body = GOOD + ("components:\n  schemas:\n    Node:\n      type: object\n      properties:\n"
                   "        next: {$ref: '#/components/schemas/Node'}\n")
    assert stack.push(api, body, "abcdef1", status=201)["verdict"] == "stable"


def test_33_mib_are_too_large(stack, api):
    refused(stack, api, b"#" * (33 << 20), 413, "too-large", "")


def test_a_gzip_bomb_is_not_unpacked(stack, api):
    refused(stack, api, gzip.compress(b" " * (300 << 20)), 413, "too-large", "", headers={"Content-Encoding": "gzip"})


def test_gzip_that_is_none_is_refused(stack, api):
    refused(stack, api, b"\x1f\x8b not really", 400, "malformed", "gzip", headers={"Content-Encoding": "gzip"})


def test_gzip_is_accepted(stack, api):
    stack.push(api, gzip.compress(GOOD.encode()), "abcdef1", status=201, headers={"Content-Encoding": "gzip"})


def test_an_unknown_api_is_not_found(stack):
    answer = stack.http("POST", "/api/v1/apis/nowhere/runs?sha=abcdef1", GOOD.encode())
    assert answer.status == 404 and answer.json["type"].endswith("not-found") and "nowhere" in answer.json["detail"]


def test_without_a_token_nothing_is_pushed(stack, api):
    answer = stack.http("POST", f"/api/v1/apis/{api}/runs?sha=abcdef1", GOOD.encode(), token=None)
    assert answer.status == 401 and answer.json["type"].endswith("unauthenticated")
    assert "Bearer" in answer.headers["WWW-Authenticate"]
    answer = stack.http("POST", f"/api/v1/apis/{api}/runs?sha=abcdef1", GOOD.encode(), token="plt_wrong")
    assert answer.status == 401
    assert stack.get(f"/api/v1/apis/{api}/runs").json["runs"] == []


def test_a_token_needs_the_scope(stack, api):
    token = stack.new_token("runs:read")
    answer = stack.http("POST", f"/api/v1/apis/{api}/runs?sha=abcdef1", GOOD.encode(), token=token)
    assert answer.status == 403 and "runs:write" in answer.json["detail"]
    assert stack.get(f"/api/v1/apis/{api}/runs", token=token).json["runs"] == []


def test_a_token_of_another_api_is_refused(stack, api):
    stack.create_api("elsewhere")
    token = stack.new_token("runs:read", "runs:write", apis=["elsewhere"])
    answer = stack.http("POST", f"/api/v1/apis/{api}/runs?sha=abcdef1", GOOD.encode(), token=token)
    assert answer.status == 403
    assert [a["api"] for a in stack.get("/api/v1/apis", token=token).json["apis"]] == ["elsewhere"]
    assert stack.get(f"/api/v1/apis/{api}/runs").json["runs"] == []


def test_a_revoked_token_is_refused(stack, api):
    made = stack.plumb_json("tokens", "create", "short-lived", "--scope", "runs:read")
    assert stack.get("/api/v1/apis", token=made["secret"]).status == 200
    stack.plumb("tokens", "revoke", made["token"]["id"])
    wait_for(lambda: stack.get("/api/v1/apis", token=made["secret"]).status == 401, what="the revocation")


def test_nobody_can_give_away_more_than_they_have(stack):
    token = stack.new_token("tokens:admin")
    answer = stack.http("POST", "/api/auth/tokens", {"name": "x", "scopes": ["runs:write"]}, token=token)
    assert answer.status == 403 and "runs:write" in answer.json["detail"]


def test_another_document_under_the_same_sha_is_a_conflict(stack, api):
    stack.push(api, GOOD, "abcdef1", status=201)
    answer = stack.http("POST", f"/api/v1/apis/{api}/runs?sha=abcdef1", document("9.9.9").encode())
    assert answer.status == 409 and answer.json["type"].endswith("conflict")
    assert len(stack.get(f"/api/v1/apis/{api}/runs").json["runs"]) == 1


@pytest.mark.parametrize("query,where", [("", "sha"), ("?sha=short", "sha"), ("?sha=abcdef1&committed_at=yesterday", "committed_at"),
                                         ("?sha=abcdef1&nonsense=1", "nonsense")])
def test_parameters_are_checked_and_named(stack, api, query, where):
    answer = stack.http("POST", f"/api/v1/apis/{api}/runs{query}", GOOD.encode())
    assert answer.status == 400
    assert any(where in v["pointer"] for v in answer.json["violations"]), answer.json


def test_a_body_that_breaks_the_contract_names_each_violation(stack):
    answer = stack.http("PUT", "/api/v1/apis/violations", {"visibility": "secret", "window": 0, "surprise": 1})
    assert answer.status == 422
    pointers = {v["pointer"] for v in answer.json["violations"]}
    assert {"/visibility", "/window"} <= pointers and len(answer.json["violations"]) >= 3
    assert stack.get("/api/v1/apis/violations").status == 404


@pytest.mark.parametrize("body,status", [(b"{", 400), (b'{"title":"a","title":"b"}', 400), (b"[]", 422), (b"", 400)])
def test_a_body_that_is_no_object_is_refused(stack, body, status):
    answer = stack.http("PUT", "/api/v1/apis/unreadable", body, headers={"Content-Type": "application/json"})
    assert answer.status == status and answer.json["status"] == status


def test_wrong_media_type_method_and_path(stack):
    assert stack.http("PUT", "/api/v1/apis/x", b"a=b", headers={"Content-Type": "text/csv"}).status == 415
    answer = stack.http("DELETE", "/api/v1/apis")
    assert answer.status == 405 and "GET" in answer.headers["Allow"]
    assert stack.get("/api/v1/nothing").status == 404
    assert stack.get("/api/v1/apis", headers={"Accept": "image/png"}).status == 406
    assert stack.get("/status/..%2f..%2fetc/passwd").status in (400, 404)


def test_answers_carry_the_security_headers_and_no_server(stack):
    for path in ("/health", "/api/v1/apis", "/nothing", "/openapi.json"):
        answer = stack.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Content-Security-Policy"]
        assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers
        assert answer.headers["X-Request-ID"]
    assert stack.get("/health", headers={"X-Request-ID": "mine-1"}).headers["X-Request-ID"] == "mine-1"


def test_a_private_api_shows_nothing_to_strangers(stack):
    stack.create_api("hidden", visibility="private")
    stack.push("hidden", GOOD, "abcdef1")
    stack.published("hidden", 1)
    for path in ("/status/hidden/", "/status/hidden/openapi.json", "/status/hidden/stability-badge.json"):
        assert stack.get(path, token=None).status in (401, 404), path
        assert stack.get(path).status == 200, path
    stack.create_api("hidden", visibility="badges")
    wait_for(lambda: stack.get("/status/hidden/stability-badge.json", token=None).status == 200, what="visibility")
    assert stack.get("/status/hidden/openapi.json", token=None).status in (401, 404)
