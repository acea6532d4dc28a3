"""Research inputs through the gateway: submit, find, assign, review, approve; two clients at once; two replicas."""
import os
import signal
import threading
import urllib.parse

import pytest
from stack import Stack, wait_for


@pytest.fixture(scope="module")
def pair():
    s = Stack(PLUMB_REPLICAS="2")
    try:
        yield s.up()
    finally:
        s.close()


def submit(stack, title, **more):
    headers = more.pop("headers", None)
    answer = stack.http("POST", "/api/bridge/inputs", {"title": title, "problem": "It is slow.", "impact": 5, **more},
                        headers=headers)
    assert answer.status == 201, answer
    return answer


def put(stack, path, body, etag=None, **kw):
    return stack.http("PUT", path, body, headers={"If-Match": etag} if etag else None, **kw)


def test_an_input_becomes_an_experiment_with_a_history(pair):
    made = submit(pair, "Warm the cache", tags=["cache"], hypothesis="Misses cost most.")
    at = made.headers["Location"]
    assert made.json["status"] == "submitted" and pair.get(at).json == made.json
    assert put(pair, f"{at}/owner", {"owner": "grace"}).json["owner"] == "grace"
    assert put(pair, f"{at}/status", {"status": "rejected"}).status == 409
    assert put(pair, f"{at}/status", {"status": "in_review", "comment": "worth a look"}).status == 200
    approved = pair.http("POST", f"{at}/approve", {"comment": "go"})
    assert approved.status == 201 and approved.json["status"] == "planned" and approved.json["owner"] == "grace"
    experiment = approved.headers["Location"]
    assert pair.http("POST", f"{at}/approve", {}).status == 409
    assert put(pair, f"{experiment}/status", {"status": "running"}).status == 200
    assert put(pair, f"{experiment}/status", {"status": "concluded"}).status == 422
    done = put(pair, f"{experiment}/status", {"status": "concluded", "outcome": "confirmed", "conclusion": "Twice as fast."})
    assert done.status == 200 and done.json["concluded_at"]
    assert pair.get(at).json["experiment"] == done.json["id"]
    changes = pair.get(f"{at}/history").json["changes"]
    assert [(c["field"], c.get("after")) for c in changes] == [
        ("created", "Warm the cache"), ("owner", "grace"), ("status", "in_review"), ("status", "approved"),
        ("experiment", "planned"), ("experiment", "running"), ("experiment", "concluded: confirmed")]
    assert changes[2]["comment"] == "worth a look" and all(c["actor"].startswith("token:") for c in changes)
    page = pair.get(f"{at}/markdown")
    assert page.headers["Content-Type"].startswith("text/markdown") and b"# Warm the cache" in page.body


def test_of_two_clients_that_edit_at_once_one_gets_412_and_nothing_is_lost(pair):
    made = submit(pair, "Edited twice")
    at, etag = made.headers["Location"], made.headers["ETag"]
    statuses = []

    def edit(n):
        statuses.append(pair.http("PATCH", at, {"impact": n}, headers={"If-Match": etag}).status)
    threads = [threading.Thread(target=edit, args=(n,)) for n in (1, 2, 3, 4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(statuses) == [200, 412, 412, 412]
    now = pair.get(at)
    assert now.json["version"] == 2 and len(pair.get(f"{at}/history").json["changes"]) == 2
    assert pair.get(at, headers={"If-None-Match": now.headers["ETag"]}).status == 304


def test_a_retried_submission_is_one_input(pair):
    key = {"Idempotency-Key": "bridge-once"}
    first = submit(pair, "Once", headers=key)
    assert submit(pair, "Once", headers=key).json["id"] == first.json["id"]


def test_inputs_are_found_page_by_page(pair):
    made = [submit(pair, f"Findable {n}", tags=["needle"], impact=n % 10 + 1, owner="ada" if n % 2 else "").json["id"]
            for n in range(7)]
    found, cursor = [], ""
    while cursor is not None:
        page = pair.get(f"/api/bridge/inputs?tag=needle&limit=3&sort=created{cursor}").json
        found += [i["id"] for i in page["inputs"]]
        cursor = f"&cursor={urllib.parse.quote(page['next_cursor'])}" if "next_cursor" in page else None
    assert found == made
    assert len(pair.get("/api/bridge/inputs?tag=needle&owner=ada").json["inputs"]) == 3
    assert len(pair.get("/api/bridge/inputs?tag=needle&owner=").json["inputs"]) == 4
    assert [i["impact"] for i in pair.get("/api/bridge/inputs?q=findable&sort=-impact").json["inputs"]] == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("method,path,body,status", [
    ("GET", "/api/bridge/inputs/nobody", None, 404),
    ("GET", "/api/bridge/inputs?status=lost", None, 400),
    ("GET", "/api/bridge/inputs?sort=size", None, 400),
    ("GET", "/api/bridge/inputs?limit=0", None, 400),
    ("GET", "/api/bridge/inputs?cursor=x", None, 400),
    ("GET", "/api/bridge/experiments/nobody", None, 404),
    ("POST", "/api/bridge/inputs", {"title": "x", "problem": "y"}, 422),
    ("POST", "/api/bridge/inputs", {"title": "x", "problem": "y", "impact": 11}, 422),
    ("POST", "/api/bridge/inputs", {"title": "x", "problem": "y", "impact": 5, "tags": ["Not A Tag"]}, 422),
    ("POST", "/api/bridge/inputs", {"title": "x", "problem": "y", "impact": 5, "status": "approved"}, 422),
    ("PUT", "/api/bridge/inputs/nobody/status", {"status": "approved"}, 422),
    ("PUT", "/api/bridge/inputs/nobody/status", {"status": "in_review"}, 404),
    ("PATCH", "/api/bridge/inputs/nobody", {}, 422),
])
def test_what_does_not_fit_is_refused_with_a_problem(pair, method, path, body, status):
    answer = pair.http(method, path, body)
    assert answer.status == status and answer.json["type"].startswith("urn:plumbline:problem:"), answer


def test_reading_writing_and_approving_are_three_scopes(pair):
    reader, writer = pair.new_token("bridge:read"), pair.new_token("bridge:read", "bridge:write")
    at = submit(pair, "Guarded").headers["Location"]
    assert pair.get(at, token=reader).status == 200
    assert pair.http("PATCH", at, {"impact": 1}, token=reader).status == 403
    assert pair.http("PATCH", at, {"impact": 1}, token=writer).status == 200
    assert put(pair, f"{at}/status", {"status": "in_review"}, token=writer).status == 403


def test_the_counts_survive_a_restart_and_agree_over_replicas(pair):
    def metric(name):
        for line in pair.get("/metrics", token=None).body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return None
    submit(pair, "Counted", owner="only-me")
    wait_for(lambda: metric('bridge_inputs_by_owner{owner="only-me"}') == 1, what="the gauge")
    page = pair.get("/api/bridge/inputs?limit=500").json["inputs"]
    wait_for(lambda: metric("bridge_inputs_total") == len(page), what=f"{len(page)} inputs")
    for replica in ("research-bridge.1", "research-bridge.2"):
        old = pair.pid(replica)
        os.kill(old, signal.SIGTERM)
        wait_for(lambda: pair.pid(replica) != old, what="a new process")
    wait_for(lambda: metric("bridge_inputs_total") == len(page), what="the same count after the restart")
