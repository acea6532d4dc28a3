"""Answers that are kept for others (x-cache): through the public door, shared by gateways, ended by events."""
import re

from stack import document, wait_for


def metric(stack, name):
    """The sum of its series on the public /metrics that have these labels."""
    return sum(float(line.rsplit(" ", 1)[1]) for line in stack.get("/metrics").body.decode().splitlines()
               if line.startswith(name))


def kept(stack, path, **kw):
    """The second answer of two that are alike, once it was kept (Redis may be slow for a moment)."""
    def asked():
        answer = stack.get(path, **kw)
        return answer if answer.headers.get("X-Cache") == "HIT" else None
    return wait_for(asked, what=f"{path} being kept")


def test_a_page_is_kept_says_so_and_ends_when_the_next_is_published(stack):
    stack.create_api("kept")
    stack.push("kept", document(), "aaaaaaa1")
    stack.published("kept", 1)
    first = kept(stack, "/status/kept/checksums.json", token=None)
    assert first.status == 200 and re.fullmatch(r"[0-9]+", first.headers["Age"])
    again = stack.get("/status/kept/checksums.json", token=None, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304 and "X-Cache" in again.headers
    stack.push("kept", document("1.1.0", ("/things", "/more")), "bbbbbbb2")
    stack.published("kept", 2)
    wait_for(lambda: stack.get("/status/kept/checksums.json", token=None).headers["ETag"] != first.headers["ETag"],
             what="the next page")
    assert metric(stack, 'gateway_cache_invalidations_total{event="artifacts.published"}') >= 1
    assert metric(stack, 'gateway_cache_total{route="/status/{api}/{file}",result="hit"}') >= 1


def test_achievements_are_those_that_the_token_may_see_kept_or_not(stack):
    stack.create_api("mine")
    stack.create_api("theirs")
    for api in ("mine", "theirs"):
        stack.push(api, document(), "ccccccc3")
    tokens = {api: stack.new_token("runs:read", apis=(api,)) for api in ("mine", "theirs")}
    for _ in range(2):
        for api, token in tokens.items():
            seen = kept(stack, "/api/achievements", token=token).json["achievements"]
            assert {a["api"] for a in seen} <= {api}
    assert stack.get("/api/achievements", token=None).status == 401


def test_a_client_may_ask_for_none_of_ours(stack):
    stack.create_api("fresh")
    stack.push("fresh", document(), "ddddddd4")
    stack.published("fresh", 1)
    kept(stack, "/status/fresh/checksums.json", token=None)
    answer = stack.get("/status/fresh/checksums.json", token=None, headers={"Cache-Control": "no-cache"})
    assert answer.status == 200 and answer.headers["X-Cache"] == "BYPASS" and "Age" not in answer.headers


def test_lists_of_artifacts_say_how_the_api_is_as_its_other_answers_do(stack):
    """AMB-62: the same three fields, whichever service answers."""
    stack.create_api("governed")
    stack.push("governed", document("1.2.3"), "eeeeeee5")
    stack.published("governed", 1)
    stack.push("governed", b"", "eeeeeee6", "&placeholder_reason=nothing")
    stack.published("governed", 2)
    names = ("X-API-Version", "X-Governance-Status", "X-Schema-SHA256")
    engine, publisher = (stack.get(f"/api/v1/apis/governed{rest}").headers for rest in ("", "/artifacts"))
    assert [publisher[n] for n in names] == [engine[n] for n in names]
    assert publisher["X-API-Version"] == "1.2.3" and publisher["X-Governance-Status"] == "placeholder"
