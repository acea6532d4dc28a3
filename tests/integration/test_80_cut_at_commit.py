"""A connection to Postgres that is cut exactly between COMMIT and its answer (RULINGS 45): nobody knows
what became of the transaction, and whoever repeats it ends where one try without a cut would have."""
import json

import pytest
from stack import document, persist, wait_for

BOTH = pytest.mark.parametrize("when", ["after", "before"])


def is_whole(single, api, runs):
    """So many runs, one set each, all of one chain."""
    assert [r["seq"] for r in single.get(f"/api/v1/apis/{api}/runs").json["runs"]] == list(range(runs, 0, -1))
    assert single.published(api, runs)["seq"] == runs
    out = single.dir / api
    single.plumb("artifacts", "pull", "--api", api, "--out", out)
    done = single.plumb("verify", "--checksums", out / "checksums.json", "--signature",
                     out / "checksums-signature.json", "--dir", out, "--chain")
    assert f"{runs} sets form one chain" in done.stderr


@BOTH
@pytest.mark.parametrize("key", [False, True], ids=["plain", "key"])
def test_a_push_is_one_run(single, cutter, when, key):
    api = f"push-{when}-{'key' if key else 'plain'}"
    single.create_api(api)

    def push():
        return single.http("POST", f"/api/v1/apis/{api}/runs?sha=1111111", document().encode(),
                        headers={"Idempotency-Key": api} if key else None)
    cutter.arm("governance", r"INSERT INTO run \(", when)
    first = push()
    cutter.wait()
    assert first.status == 503 or key, first
    answers = ([] if first.status == 503 else [first]) + [persist(push, 200, 201), persist(push, 200, 201)]
    assert len({a.json["id"] for a in answers}) == 1
    # What was committed is found by whoever asks again; what was not is recorded then, once.
    assert [a.status for a in answers].count(201) == (when == "before")
    is_whole(single, api, 1)


@BOTH
def test_an_api_is_one_api(single, cutter, when):
    cutter.arm("governance", r"INSERT INTO api \(", when)
    persist(lambda: single.http("PUT", f"/api/v1/apis/api-{when}", {"title": "One"}), 200, 201)
    cutter.wait()
    apis = single.plumb_json("api", "list")["apis"]
    assert [a["title"] for a in apis if a["api"] == f"api-{when}"] == ["One"]


@BOTH
@pytest.mark.parametrize("key", [False, True], ids=["plain", "key"])
def test_an_endpoint_is_one_endpoint(single, cutter, receiver, when, key):
    name = f"endpoint-{when}-{key}"

    def create():
        return single.http("POST", "/api/v1/notify/endpoints", {"name": name, "url": receiver.url, "kind": "webhook"},
                        headers={"Idempotency-Key": name} if key else None)
    cutter.arm("notifier", r"INSERT INTO endpoints", when)
    first = create()
    cutter.wait()
    assert first.status == 503 or key, first
    again = first if first.status != 503 else persist(create, 201, 409)
    # Its secret was in an answer that nobody got: it is not shown twice, but can be made anew.
    assert again.status == (201 if when == "before" else 409), again
    found = [e for e in single.get("/api/v1/notify/endpoints").json["endpoints"] if e["name"] == name]
    assert len(found) == 1
    answer = single.http("POST", f"/api/v1/notify/endpoints/{found[0]['id']}/rotate-secret")
    assert answer.status == 200 and answer.json["secret"], answer
    single.http("DELETE", f"/api/v1/notify/endpoints/{found[0]['id']}")


@BOTH
def test_a_token_made_under_a_key_is_one_token_and_its_revocation_is_sure(single, cutter, when):
    name = f"token-{when}"

    def create():
        return single.http("POST", "/api/auth/tokens", {"name": name, "scopes": ["runs:read"]},
                        headers={"Idempotency-Key": name})
    cutter.arm("auth", r"INSERT INTO token ", when)
    first = create()
    cutter.wait()
    again = first if first.status != 503 else persist(create, 201, 409)
    assert again.status == (201 if when == "before" else 409), again
    found = [t for t in single.get("/api/auth/tokens").json["tokens"] if t["name"] == name]
    assert len(found) == 1
    secret = single.new_token("runs:read")
    assert single.get("/api/v1/apis", token=secret).status == 200
    token = single.get("/api/auth/tokens").json["tokens"][0]["id"]
    cutter.arm("auth", r"UPDATE token SET revoked_at", when)
    persist(lambda: single.http("DELETE", f"/api/auth/tokens/{token}"), 204)
    cutter.wait()
    wait_for(lambda: single.get("/api/v1/apis", token=secret).status == 401, what="the revocation")


@BOTH
def test_what_happens_behind_a_push_happens_once(single, cutter, receiver, when):
    """Each transaction between the push and its notice is cut once."""
    api = f"behind-{when}"
    single.create_api(api)
    answer = single.http("POST", "/api/v1/notify/endpoints",
                      {"name": api, "url": receiver.url, "kind": "webhook", "apis": [api]})
    assert answer.status == 201
    steps = [("governance", r"INSERT INTO feed "), ("publisher", r"INSERT INTO job "),
             ("publisher", r"INSERT INTO artifact_set "), ("publisher", r"INSERT INTO feed "),
             ("notifier", r"INSERT INTO deliveries "), ("notifier", r"INSERT INTO published_runs"),
             ("notifier", r"UPDATE attempts")]
    if when == "before":  # a claim whose COMMIT was answered to nobody has to run out: 20 s
        steps.append(("notifier", r"INSERT INTO attempts"))
    runs = {}
    for n, (role, statement) in enumerate(steps):
        cutter.arm(role, statement, when)
        run = single.push(api, document(f"1.0.{n}", ("/a", "/b") if n % 2 == 0 else ("/a",)), f"{n:07d}")
        cutter.wait()
        runs[run["id"]] = run
    is_whole(single, api, len(steps))
    wanted = {r for r in runs if single.get(f"/api/v1/apis/{api}/runs/{r}").json.get("reasons")}
    assert len(wanted) >= len(steps) // 2

    def told():
        ids = {}
        for _, headers, body in receiver.got():
            ids.setdefault(json.loads(body)["run"], set()).add(headers["webhook-id"])
        return ids if set(ids) >= wanted else None
    ids = wait_for(told, what="every notice")
    assert set(ids) == wanted and all(len(i) == 1 for i in ids.values())
    deliveries = single.get(f"/api/v1/notify/deliveries?api={api}&limit=100").json["deliveries"]
    assert sorted(d["run"] for d in deliveries) == sorted(wanted)
