"""Two replicas of each service at once: everything once, or at least once with one id."""
import json
import threading

import pytest
from stack import document, persist, wait_for


def test_each_run_once_each_set_once_each_notice_with_one_id(pair, receiver):
    apis = [f"pair-{n}" for n in range(4)]
    answer = pair.http("POST", "/api/v1/notify/endpoints", {"name": "all", "url": receiver.url, "kind": "webhook"})
    assert answer.status == 201
    for api in apis:
        pair.create_api(api)
    failures = []

    def work(api):
        try:
            for n in range(6):
                paths = ("/a", "/b") if n % 2 == 0 else ("/a",)
                pair.push(api, document(f"1.0.{n}", paths), f"{n:07d}")
        except AssertionError as error:
            failures.append(error)
    threads = [threading.Thread(target=work, args=(api,)) for api in apis]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures
    notices = 0
    for api in apis:
        runs = pair.get(f"/api/v1/apis/{api}/runs").json["runs"]
        assert [r["seq"] for r in runs] == [6, 5, 4, 3, 2, 1]
        pair.published(api, 6)
        out = pair.dir / api
        pair.plumb("artifacts", "pull", "--api", api, "--out", out)
        done = pair.plumb("verify", "--checksums", out / "checksums.json", "--signature",
                          out / "checksums-signature.json", "--dir", out, "--chain")
        assert "6 sets form one chain" in done.stderr
        for run in runs:
            detail = pair.get(f"/api/v1/apis/{api}/runs/{run['id']}").json
            notices += bool(detail.get("reasons"))
    assert notices > 4
    wait_for(lambda: len({h["webhook-id"] for _, h, _ in receiver.got()}) >= notices, what=f"{notices} notices")
    by_run = {}
    for _, headers, body in receiver.got():
        by_run.setdefault(json.loads(body)["run"], set()).add(headers["webhook-id"])
    assert len(by_run) == notices and all(len(ids) == 1 for ids in by_run.values())


@pytest.mark.parametrize("key", [None, "the-same-key"], ids=["plain", "key"])
def test_the_same_push_fifty_times_in_parallel_is_one_run(pair, key):
    api = f"parallel-{'key' if key else 'plain'}"
    pair.create_api(api)
    seen, gate = [], threading.Barrier(50)

    def push():
        gate.wait()
        seen.append(persist(lambda: pair.http("POST", f"/api/v1/apis/{api}/runs?sha=7777777", document().encode(),
                                              headers={"Idempotency-Key": key} if key else None), 200, 201))
    threads = [threading.Thread(target=push) for _ in range(50)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(seen) == 50  # whoever found a queue full has come again
    assert len({a.json["id"] for a in seen}) == 1
    # Under a key whoever waits for the first gets its very answer.
    assert [a.status for a in seen].count(201) == 1 or key
    assert len(pair.get(f"/api/v1/apis/{api}/runs").json["runs"]) == 1
