"""What is secret stays where it belongs: a whole run at the highest log level, with everything that can go wrong with a
secret in hand; then all logs, the whole database and all of Redis are searched for each of them."""
import base64
import os
import re
import subprocess

import pytest
from stack import Stack, document, wait_for

WRONG = "plumb_wrongwrongwrongwrongwrongwrongwrong00"  # a token that was never valid
IN_PATH, IN_QUERY = "T0PATHxPATHxPATHxPATHxPATH", "keyQUERYxQUERYxQUERYxQUERYx"
GIVEN = "whsec_" + base64.b64encode(b"a signing secret that we chose!!").decode()


@pytest.fixture(scope="module")
def loud():
    s = Stack(LOG_LEVEL="DEBUG", NOTIFY_SCHEDULE="0.1,0.1", PLUMB_DEFAULT_VISIBILITY="public")
    try:
        yield s.up()
    finally:
        s.close()


def kept_secrets(stack):
    """The files that hold the stack's own secrets, by name."""
    run = stack.run_dir
    found = {name: (run / name).read_text().strip() for name in ("admin-token", "postgres-password", "secret-key")}
    found["signing-key"] = max((run / "signing-key").read_text().split("\n"), key=len)
    for path in (run / "keys").glob("*_secret"):
        found[path.name] = re.search(r'secret-key = "(.+)"', path.read_text())[1]
    assert len(found) > 6 and all(len(text) >= 20 for text in found.values()), found.keys()
    return found


def drive(stack, receiver):
    """Use every secret, rightly and wrongly; those that came into being on the way."""
    stack.create_api("loud", stability_threshold=0)
    made = {"token": stack.new_token("runs:read", "runs:write")}
    answer = stack.http("POST", "/api/auth/tokens", {"name": "twice", "scopes": ["runs:read"]}, headers={"Idempotency-Key": "k1"})
    made["token with a key"] = next(v for v in answer.json.values() if isinstance(v, str) and len(v) > 30)
    assert stack.http("POST", "/api/auth/tokens", {"name": "twice", "scopes": ["runs:read"]},
                      headers={"Idempotency-Key": "k1"}).status == 409
    for token in (WRONG, made["token"] + "x"):
        assert stack.get("/api/v1/apis", token=token).status == 401
    assert stack.get(f"/api/v1/apis?access_token={WRONG}").status == 400
    assert stack.get(f"/status/loud/{WRONG}").status in (401, 404)
    stack.http("POST", "/api/v1/notify/endpoints", {"name": "credentials", "kind": "webhook",
                                                    "url": f"http://user:{IN_QUERY}@127.0.0.1/"})
    stack.http("POST", "/api/v1/notify/endpoints", f'{{"url": "{IN_QUERY}", "secret": "{GIVEN}", '.encode(),
               headers={"Content-Type": "application/json"})
    secret_path = f"/hook/{IN_PATH}?key={IN_QUERY}"
    for name, url in (("good", receiver.url.replace("/hook", secret_path)), ("closed", f"http://127.0.0.1:1{secret_path}"),
                      ("nowhere", f"http://nowhere.invalid{secret_path}"), ("forbidden", f"http://169.254.169.254{secret_path}")):
        answer = stack.http("POST", "/api/v1/notify/endpoints",
                            {"name": name, "url": url, "kind": "webhook", "apis": ["loud"], "secret": GIVEN})
        if answer.status == 201 and name == "good":
            rotated = stack.http("POST", f"/api/v1/notify/endpoints/{answer.json['endpoint']['id']}/rotate-secret")
            made["rotated secret"] = rotated.json["secret"]
    receiver.answer(500, {}, f"no {secret_path} here".encode())
    receiver.answer(302, {"Location": secret_path}, b"")
    receiver.answer(400, {"Retry-After": "0"}, secret_path.encode())
    stack.push("loud", document("1.0.0", ("/a", "/b")), "1234567a", token=made["token"])
    stack.push("loud", document("1.0.1", ("/a",)), "1234567b", token=made["token"])
    wait_for(lambda: len(receiver.got()) >= 3, 60, "three attempts")
    wait_for(lambda: all(d["state"] in ("delivered", "dead", "suppressed") for d in
                         stack.get("/api/v1/notify/deliveries?limit=100").json["deliveries"]), 60, "the end of the deliveries")
    return made


def forms(text):
    """How a text may be written: as it is, in hex (bytea), in base64 at each of the three offsets."""
    raw = text.encode()
    yield raw
    yield raw.hex().encode()
    for skip in range(3):
        yield base64.b64encode(raw[skip:])[:(len(raw) - skip) // 3 * 4]


def dump(stack):
    """Everything there is in the database, and in Redis."""
    word = dict(w.split("=", 1) for w in (stack.run_dir / "postgres.dsn").read_text().replace("'", "").split())
    newest = sorted(os.listdir("/usr/lib/postgresql"), key=int)[-1]
    text = subprocess.run([f"/usr/lib/postgresql/{newest}/bin/pg_dumpall", "-h", word["host"], "-U", word["user"]],
                          env={**os.environ, "PGPASSWORD": word["password"]}, capture_output=True, check=True).stdout
    redis = ["redis-cli", "-s", f"{word['host']}/redis.sock"]
    keys = subprocess.run([*redis, "--scan"], capture_output=True, check=True).stdout.split()
    return text, b"\n".join(keys + [subprocess.run([*redis, "get", k], capture_output=True, check=True).stdout for k in keys])


def holders(text, places):
    return [place for place, data in places.items() if any(form in data for form in forms(text))]


def test_no_log_line_row_or_key_holds_a_secret(loud, receiver):
    secrets = {**kept_secrets(loud), **drive(loud, receiver), "wrong token": WRONG, "path": IN_PATH, "query": IN_QUERY,
               "given secret": GIVEN, "given secret, decoded": "a signing secret that we chose!!"}
    database, redis = dump(loud)
    places = {path.name: path.read_bytes() for path in (loud.run_dir / "logs").glob("*.log")}
    places.update(database=database, redis=redis)
    assert {"governance-engine.1.log", "database"} <= set(holders("loud", places)), (holders("loud", places), list(places))
    assert any(b"level=debug" in data for data in places.values()), "not the highest log level"
    found = {name: holders(text, places) for name, text in secrets.items()}
    assert not any(found.values()), {name: where for name, where in found.items() if where}


def test_a_crash_would_leave_no_core(loud):
    for process in ("api-gateway", "auth.1", "notifier.1"):
        limits = open(f"/proc/{loud.pid(process)}/limits").read()
        assert re.search(r"Max core file size\s+0\s+0\s", limits), limits
