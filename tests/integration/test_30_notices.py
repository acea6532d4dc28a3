"""Notices: who gets which, signed, once, and again when the receiver was away."""
import json
import shutil
import subprocess

import pytest
from receiver import signed
from stack import ROOT, document, wait_for


def make_endpoint(stack, receiver, name, **settings):
    answer = stack.http("POST", "/api/v1/notify/endpoints",
                        {"name": name, "url": receiver.url, "kind": "webhook", "apis": [name], **settings})
    assert answer.status == 201, answer
    return answer.json["endpoint"], answer.json.get("secret")


def break_it(stack, api, n=1):
    """A run with a reason: an operation goes without a major increase."""
    stack.push(api, document("1.0.0", ("/a", "/b")), f"1234567{n}")
    return stack.push(api, document("1.0.1", ("/a",)), f"1234568{n}")


def test_a_bad_run_is_announced_signed_and_fits_the_schema(stack, receiver):
    import jsonschema
    stack.create_api("announce", stability_threshold=0)
    _, secret = make_endpoint(stack, receiver, "announce")
    run = break_it(stack, "announce")
    (path, headers, body), = wait_for(receiver.got, what="the notice")
    assert signed(headers, body, secret)
    payload = json.loads(body)
    jsonschema.validate(payload, json.loads((ROOT / "docs" / "governance_webhook.schema.json").read_text()))
    assert payload["event"] == "governance_notice" and payload["version"] == 1
    assert payload["reasons"] == ["semver_fail"] and payload["semver_status"] == "fail"
    assert payload["operations"] == {"added": 0, "removed": 1} and payload["sha"] == run["sha"]
    assert payload["api"] == "announce" and payload["run"] == run["id"] and "/status/announce/" in payload["url"]
    assert stack.get(payload["url"].removeprefix(stack.url)).status == 200


def test_the_npm_package_standardwebhooks_accepts_each_delivery(stack, receiver, tmp_path_factory):
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("npm")
    done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "standardwebhooks@1"], cwd=folder,
                          capture_output=True, text=True)
    if done.returncode:
        pytest.skip("the npm registry cannot be reached")
    stack.create_api("npm")
    _, secret = make_endpoint(stack, receiver, "npm")
    break_it(stack, "npm")
    stack.push("npm", document("1.0.2", ("/a",)), "12345690")
    deliveries = wait_for(lambda: receiver.got() if len(receiver.got()) >= 2 else None, what="two notices")
    script = ("const { Webhook } = require('standardwebhooks');"
              "const [secret, headers, body] = process.argv.slice(1);"
              "new Webhook(secret).verify(body, JSON.parse(headers));")
    for _, headers, body in deliveries:
        subprocess.run(["node", "-e", script, secret, json.dumps(headers), body.decode()], cwd=folder, check=True)
        assert subprocess.run(["node", "-e", script, secret, json.dumps(headers), body.decode() + " "], cwd=folder,
                              capture_output=True).returncode != 0


def test_a_recovery_is_told_once(stack, receiver):
    stack.create_api("recovery", stability_threshold=0)
    make_endpoint(stack, receiver, "recovery")
    break_it(stack, "recovery")
    stack.push("recovery", document("1.0.2", ("/a",)), "22222221")
    stack.push("recovery", document("1.0.3", ("/a",)), "22222222")
    wait_for(lambda: len(receiver.got()) >= 2, what="failure and recovery")
    reasons = sorted(json.loads(b)["reasons"] for _, _, b in receiver.got())
    assert reasons == [["semver_fail"], ["semver_recovered"]]


def test_a_receiver_that_fails_is_tried_again_with_the_same_id(stack, receiver):
    receiver.answer(500)
    receiver.answer(503)
    stack.create_api("retries")
    endpoint, secret = make_endpoint(stack, receiver, "retries")
    break_it(stack, "retries")
    wait_for(lambda: len(receiver.got()) == 3, what="three attempts")
    ids = {h["webhook-id"] for _, h, _ in receiver.got()}
    assert len(ids) == 1 and all(signed(h, b, secret) for _, h, b in receiver.got())

    def delivered():
        found = stack.get(f"/api/v1/notify/deliveries?endpoint={endpoint['id']}").json["deliveries"]
        return found[0] if found and found[0]["state"] == "delivered" else None
    delivery = wait_for(delivered, what="the delivery's end")
    detail = stack.plumb_json("deliveries", "show", delivery["id"])
    assert [a["status"] for a in detail["attempts"]] == [500, 503, 200]
    assert detail["payload"]["api"] == "retries"


def test_what_is_never_accepted_ends_as_dead_and_can_be_replayed(stack, receiver):
    for _ in range(8):
        receiver.answer(500, body=b"broken")
    stack.create_api("dead")
    endpoint, _ = make_endpoint(stack, receiver, "dead")
    break_it(stack, "dead")

    def in_state(state):
        found = stack.get(f"/api/v1/notify/deliveries?endpoint={endpoint['id']}&state={state}").json["deliveries"]
        return found[0] if found else None
    dead = wait_for(lambda: in_state("dead"), what="the dead letter")
    assert dead["last_error"]
    with receiver.lock:
        receiver.answers.clear()
    stack.plumb("deliveries", "replay", dead["id"])
    wait_for(lambda: in_state("delivered"), what="the replayed delivery")


def test_410_disables_the_endpoint(stack, receiver):
    receiver.answer(410)
    stack.create_api("gone")
    endpoint, _ = make_endpoint(stack, receiver, "gone")
    break_it(stack, "gone")

    def disabled():
        shown = stack.get(f"/api/v1/notify/endpoints/{endpoint['id']}").json
        return shown if not shown["enabled"] else None
    assert "410" in wait_for(disabled, what="the endpoint's end")["disabled_reason"]


def test_slack_and_teams_hear_only_of_changes(stack, receiver):
    stack.create_api("channels")
    make_endpoint(stack, receiver, "slack", kind="slack", apis=["channels"], url=receiver.url + "/slack")
    make_endpoint(stack, receiver, "teams", kind="teams", apis=["channels"], url=receiver.url + "/teams")
    stack.push("channels", document("1.0.0", ("/a", "/b", "/c")), "33333331")
    stack.push("channels", document("1.0.0", ("/a", "/b")), "33333332")
    wait_for(lambda: len(receiver.got()) == 2, what="both channels")
    stack.push("channels", document("1.0.0", ("/a",)), "33333333")
    stack.push("channels", document("1.0.1", ("/a",)), "33333334")
    wait_for(lambda: len(receiver.got()) == 4, what="the recovery in both")
    slack = [json.loads(b) for p, _, b in receiver.got() if p.endswith("/slack")]
    teams = [json.loads(b) for p, _, b in receiver.got() if p.endswith("/teams")]
    assert len(slack) == len(teams) == 2
    assert all(m["text"] and m["blocks"] for m in slack)
    card = teams[0]["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive" and card["content"]["type"] == "AdaptiveCard"


def test_a_secret_or_a_whole_url_is_never_shown(stack, receiver):
    url = receiver.url + "?sig=very-secret-value-1234"
    endpoint, secret = make_endpoint(stack, receiver, "secrets", url=url)
    shown = stack.get(f"/api/v1/notify/endpoints/{endpoint['id']}").body.decode()
    assert "very-secret" not in shown and secret not in shown
    assert "very-secret-value" not in stack.logs(100000)


def test_rotation_signs_with_both_secrets(stack, receiver):
    stack.create_api("rotate")
    endpoint, old = make_endpoint(stack, receiver, "rotate")
    new = stack.http("POST", f"/api/v1/notify/endpoints/{endpoint['id']}/rotate-secret").json["secret"]
    break_it(stack, "rotate")
    (_, headers, body), = wait_for(receiver.got, what="the notice")
    assert old != new and signed(headers, body, old) and signed(headers, body, new)


def test_an_endpoint_can_be_tested_and_changed(stack, receiver):
    endpoint, _ = make_endpoint(stack, receiver, "tested")
    attempt = stack.http("POST", f"/api/v1/notify/endpoints/{endpoint['id']}/test").json
    assert attempt["status"] == 200 and len(receiver.got()) == 1
    changed = stack.http("PATCH", f"/api/v1/notify/endpoints/{endpoint['id']}", {"enabled": False}).json
    assert changed["enabled"] is False
    assert stack.http("DELETE", f"/api/v1/notify/endpoints/{endpoint['id']}").status == 204
    assert stack.get(f"/api/v1/notify/endpoints/{endpoint['id']}").status == 404
