"""Accounts through the public door: sessions, tokens, locks, keys, and what ends them."""
import base64
import json
import os
import threading
import xml.etree.ElementTree as xml

import psycopg2
import pytest
from cutter import superuser
from stack import Stack, document, wait_for

GOOD = "a horse, a battery and a staple"
WRONG = "this is not the password of anybody"


@pytest.fixture(scope="module")
def door():
    """Two of each service, a grace that no slow machine uses up, limits that do not stand in the way of guesses."""
    s = Stack(PLUMB_REPLICAS="2", PLUMB_LIMIT_RATE="2000", PLUMB_LIMIT_BURST="4000", PLUMB_REFRESH_GRACE_SECONDS="300",
              PLUMB_LOCK_ADDRESS_FAILURES="100000", PLUMB_HASH_KIB="1024", PLUMB_DEFAULT_VISIBILITY="public")
    try:
        yield s.up()
    finally:
        s.close()


def post(door, path, body=None, token=None, **kw):
    return door.http("POST", f"/api/auth/{path}", body, token=token, **kw)


def login(door, user="admin", password=None, **kw):
    password = password or (door.run_dir / "admin-password").read_text().strip()
    return post(door, "login", {"login": user, "password": password}, **kw)


@pytest.fixture
def admin(door):
    answer = wait_for(lambda: (a := login(door)).status == 200 and a, what="the first administrator")
    return answer.json


def new_user(door, admin, name, *roles, password=GOOD):
    answer = post(door, "users", {"login": name, "password": password, "roles": list(roles)}, admin["access_token"])
    assert answer.status == 201, answer
    return answer.json


def me(door, token, **kw):
    return door.get("/api/auth/me", token=token, **kw)


def metric(door, name):
    for line in door.get("/metrics", token=None).body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[-1])
    return 0


def test_the_administrators_password_is_a_file_for_its_owner_and_the_role_has_every_scope(door, admin):
    for name in ("admin-password", "auth-keys"):
        assert os.stat(door.run_dir / name).st_mode & 0o777 == 0o600
    scopes = door.get("/openapi.json", token=None).json["components"]["schemas"]["Scopes"]["items"]["enum"]
    assert sorted(me(door, admin["access_token"]).json["scopes"]) == sorted(scopes)


def test_roles_decide_what_a_session_may_do_and_nobody_rises_by_themselves(door, admin):
    viewer = new_user(door, admin, "vera", "viewer")
    token = login(door, "vera", GOOD).json["access_token"]
    assert door.get("/api/v1/apis", token=token).status == 200
    assert door.http("PUT", "/api/v1/apis/veras", {}, token=token).status == 403
    assert door.get("/api/auth/users", token=token).status == 403
    assert door.http("PUT", f"/api/auth/users/{viewer['id']}/roles", {"roles": ["admin"]}, token=token).status == 403
    answer = post(door, "register", {"login": "mallory", "password": GOOD, "roles": ["admin"]})
    assert answer.status == 422
    assert post(door, "register", {"login": "mallory", "password": GOOD}).status == 201
    assert me(door, login(door, "mallory", GOOD).json["access_token"]).json["account"]["roles"] == ["viewer"]
    answer = door.http("POST", "/api/auth/tokens", {"name": "mine", "scopes": ["runs:write"]}, token=token)
    assert answer.status == 403
    made = door.http("POST", "/api/auth/tokens", {"name": "mine", "scopes": ["runs:read"]}, token=token).json
    assert door.get("/api/v1/apis", token=made["secret"]).status == 200
    mine = door.get("/api/auth/tokens", token=token).json["tokens"]
    assert [t["id"] for t in mine] == [made["token"]["id"]]
    answer = door.http("POST", f"/api/auth/users/{viewer['id']}/disable", token=admin["access_token"])
    assert answer.status == 200, answer
    wait_for(lambda: me(door, token).status == 401, what="the end of the session")
    wait_for(lambda: door.get("/api/v1/apis", token=made["secret"]).status == 401, what="the end of the token")


def test_a_session_ends_within_a_moment_everywhere_and_stays_ended_after_a_restart(door, admin):
    new_user(door, admin, "rita", "viewer")
    first, second = login(door, "rita", GOOD).json, login(door, "rita", GOOD).json
    assert me(door, first["access_token"]).status == me(door, second["access_token"]).status == 200
    assert len(door.get("/api/auth/sessions", token=first["access_token"]).json["sessions"]) == 2
    assert door.http("DELETE", f"/api/auth/sessions/{second['session']}", token=first["access_token"]).status == 204
    wait_for(lambda: me(door, second["access_token"]).status == 401, what="the revocation")
    assert me(door, first["access_token"]).status == 200
    os.kill(door.pid("api-gateway"), 9)
    wait_for(lambda: me_or_none(door, first["access_token"]) == 200, what="the gateway again")
    assert me(door, second["access_token"]).status == 401
    os.kill(door.pid("redis"), 9)
    wait_for(lambda: me_or_none(door, first["access_token"]) == 200, what="the gateway without what Redis had")
    assert me(door, second["access_token"]).status == 401
    assert post(door, "logout-all", None, first["access_token"]).json["count"] == 1
    wait_for(lambda: me(door, first["access_token"]).status == 401, what="the revocation")


def me_or_none(door, token):
    try:
        return me(door, token).status
    except OSError:
        return None


def end_of_grace(door):
    """What was spent was spent longer ago than the grace lasts."""
    dsn, database = superuser(door)
    with psycopg2.connect(dsn, dbname=database) as db, db.cursor() as cursor:
        cursor.execute("UPDATE auth.refresh_spent SET spent_at = spent_at - interval '1 hour'")


def test_one_refresh_token_used_by_fifty_at_once_brings_one_successor_and_later_its_end(door, admin):
    new_user(door, admin, "felix", "viewer")
    before = login(door, "felix", GOOD).json
    answers = []

    def refresh():
        answers.append(post(door, "refresh", {"refresh_token": before["refresh_token"]}))
    threads = [threading.Thread(target=refresh) for _ in range(50)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {a.status for a in answers} == {200}, answers
    successors = {a.json["refresh_token"] for a in answers}
    assert len(successors) == 1
    after = post(door, "refresh", {"refresh_token": successors.pop()})
    assert after.status == 200
    end_of_grace(door)
    assert post(door, "refresh", {"refresh_token": before["refresh_token"]}).status == 401
    assert post(door, "refresh", {"refresh_token": after.json["refresh_token"]}).status == 401
    wait_for(lambda: me(door, after.json["access_token"]).status == 401, what="the revocation")
    wait_for(lambda: metric(door, 'auth_refresh_total{result="fail",reason="reused"}') >= 1, what="the counter")
    reasons = [e["reason"] for e in door.get("/api/auth/audit", token=admin["access_token"]).json["entries"]]
    assert "reused" in reasons


def test_two_hundred_guesses_at_once_are_five_looks_and_end_no_session(door, admin):
    user = new_user(door, admin, "lotte", "viewer")
    session = login(door, "lotte", GOOD).json
    looks, statuses = metric(door, 'auth_login_total{result="fail",reason="bad_credentials"}'), []

    def guess():
        for _ in range(10):
            statuses.append(login(door, "LOTTE", WRONG).status)
    threads = [threading.Thread(target=guess) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert set(statuses) <= {401, 503}, statuses
    assert metric(door, 'auth_login_total{result="fail",reason="bad_credentials"}') - looks <= 5
    locked, wrong = login(door, "lotte", GOOD), login(door, "nobody-at-all", WRONG)
    assert locked.status == wrong.status == 401 and locked.json["detail"] == wrong.json["detail"]
    assert me(door, session["access_token"]).status == 200
    wait_for(lambda: metric(door, "auth_lockouts_total") >= 1, what="the counter")
    answer = door.http("POST", f"/api/auth/users/{user['id']}/unlock", token=admin["access_token"])
    assert answer.status == 200, answer
    assert login(door, "lotte", GOOD).status == 200


def forged(token, **changes):
    head, claims, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(claims + "=="))
    claims.update(changes)
    return ".".join([head, base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("="), signature])


def test_forged_tokens_are_refused_and_the_public_keys_tell_why(door, admin):
    token = admin["access_token"]
    head, claims, signature = token.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
    bad = [forged(token, sub="user:other"), forged(token, exp=9999999999), f"{none}.{claims}.", f"{none}.{claims}.x",
           f"{head}.{claims}.", f"{head}.{claims}.{signature}=", token + ".x", token[:-5], "a.b.c", "..", token * 3]
    for each in bad:
        assert me(door, each).status == 401, each
    (door.dir / "jwks.json").write_bytes(door.get("/.well-known/jwks.json", token=None).body)
    arguments = ["token", "verify", "--jwks", door.dir / "jwks.json", "--iss", "plumbline", "--aud", "plumbline"]
    assert json.loads(door.plumb(*arguments, token).stdout)["sid"] == admin["session"]
    assert "expired" in door.plumb(*arguments, "--now", "9999999999", token, code=1).stderr
    assert door.plumb(*arguments, "-", stdin=bad[0] + "\n", code=1).stderr
    door.plumb("token", "verify", token, code=2)


class Traffic:
    """Requests with tokens, old and new, without a pause, until it is left; what was not as it should be is in `failed`."""

    def __init__(self, door, token):
        self.door, self.token, self.failed, self.count, self.over = door, token, [], 0, threading.Event()
        self.threads = [threading.Thread(target=self.ask) for _ in range(3)] + [threading.Thread(target=self.refresh)]

    def note(self, answer):
        self.count += 1
        if answer.status != 200:
            self.failed.append(repr(answer))
        return answer

    def ask(self):
        while not self.over.is_set():
            self.note(me(self.door, self.token))

    def refresh(self):
        tokens = self.note(login(self.door)).json
        while not self.over.is_set():
            tokens = self.note(post(self.door, "refresh", {"refresh_token": tokens["refresh_token"]})).json
            self.note(me(self.door, tokens["access_token"]))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


def test_a_new_key_signs_after_everybody_knows_it_the_old_one_goes_on_and_no_request_fails_meanwhile(door, admin):
    old = admin["access_token"]
    kids = {k["kid"] for k in door.get("/.well-known/jwks.json", token=None).json["keys"]}
    with Traffic(door, old) as traffic:
        wait_for(lambda: traffic.count > 20, what="traffic")
        door.plumb("keys", "rotate", "--file", door.run_dir / "auth-keys", "--lead", "3", "--overlap", "600")

        def seen():
            return {k["kid"] for k in door.get("/.well-known/jwks.json", token=None).json["keys"]} - kids
        new = wait_for(seen, what="the new key at the gateway").pop()

        def signs():
            token = login(door).json["access_token"]
            return json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["kid"] == new and token
        token = wait_for(signs, what="the new key to sign")
        assert me(door, token).status == me(door, old).status == 200
        after = traffic.count
        wait_for(lambda: traffic.count > after + 20, what="traffic with the new key")
    assert traffic.failed == []


def test_plumb_users_does_what_administrators_do(door, admin):
    made = door.plumb_json("users", "create", "Uma", "--role", "viewer", "--email", "uma@example.com")
    assert made["login"] == "uma" and len(made["password"]) >= 15
    assert login(door, "uma", made["password"]).status == 200
    (door.dir / "password").write_text(GOOD + "\n")
    door.plumb("users", "create", "uma", "--role", "viewer", "--password-file", door.dir / "password", code=2)
    shown = door.plumb("users", "password", "UMA", "--password-file", "-", stdin=GOOD + "\n").stdout
    assert GOOD not in shown and login(door, "uma", made["password"]).status == 401
    assert login(door, "uma@example.com", GOOD).status == 200
    row = next(r for r in door.plumb_json("users", "list")["users"] if r["login"] == "uma")
    assert row["sessions"] == 1 and row["id"] == made["id"]
    assert door.plumb_json("users", "roles", made["id"], "--role", "developer", "--role", "operator")["roles"] == \
        ["developer", "operator"]
    assert door.plumb_json("users", "show", "uma")["sessions"] == 0
    for _ in range(5):
        assert login(door, "uma", WRONG).status == 401
    assert login(door, "uma", GOOD).status == 401
    assert "locked_until" in door.plumb_json("users", "show", "uma@example.com")
    assert "locked_until" not in door.plumb_json("users", "unlock", "uma")
    assert login(door, "uma", GOOD).status == 200
    assert door.plumb_json("users", "disable", "uma")["disabled_at"]
    assert login(door, "uma", GOOD).status == 401
    assert "disabled_at" not in door.plumb_json("users", "enable", "uma")
    assert login(door, "uma", GOOD).status == 200
    assert "uma" in door.plumb("users", "list").stdout
    assert "there is no user" in door.plumb("users", "unlock", "nobody-at-all", code=2).stderr
    door.plumb("users", "create", "una", code=2)
    assert "no administrator" in door.plumb("users", "disable", "admin", code=2).stderr
    for command in ("list", "show", "create", "disable", "enable", "unlock", "password", "roles"):
        assert "\n  plumb users " in door.plumb("users", command, "--help").stdout


def test_a_password_that_is_known_short_or_the_name_is_refused_with_the_reason(door, admin):
    for password, says in (("short", "15 characters"), ("passwordpassword", "tried first"),
                           ("plumbline-selma1", "name of the service")):
        answer = post(door, "register", {"login": "selma", "password": password})
        assert answer.status == 422 and says in answer.json["detail"], answer
    new_user(door, admin, "paul", "viewer")
    token = login(door, "paul", GOOD).json["access_token"]
    body = {"current_password": GOOD, "new_password": "quite another long password"}
    assert post(door, "password", body, token).status == 204
    assert login(door, "paul", GOOD).status == 401
    assert login(door, "paul", body["new_password"]).status == 200


def test_achievements_have_a_tag_and_answers_about_an_api_say_how_it_stands(door, admin):
    milestones = {"categories": [{"name": "start", "milestones": [{"name": "one", "complete": True}, {"name": "two"}]}]}
    door.create_api("proud", milestones=milestones)
    answer = door.get("/api/achievements", token=admin["access_token"])
    assert {"api": "proud", "category": "start", "milestone": "one", "weight": 1} in answer.json["achievements"]
    tag = answer.headers["ETag"]
    assert door.get("/api/achievements", token=admin["access_token"], headers={"If-None-Match": tag}).status == 304
    assert door.get("/api/achievements", token=None).status == 401
    assert door.get("/api/v1/apis/proud").headers["X-Governance-Status"] == "none"
    door.push("proud", document("2.3.4"), "abcdef1")
    headers = door.get("/api/v1/apis/proud/runs").headers
    assert headers["X-API-Version"] == "2.3.4" and headers["X-Governance-Status"] == "stable"
    assert len(headers["X-Schema-SHA256"]) == 64


def test_auth_killed_in_the_middle_of_everything_loses_no_session(door, admin):
    new_user(door, admin, "kim", "viewer")
    refresh = login(door, "kim", GOOD).json["refresh_token"]
    for turn in range(4):
        os.kill(door.pid(f"auth.{turn % 2 + 1}"), 9)
        answer = wait_for(lambda: (a := post(door, "refresh", {"refresh_token": refresh})).status == 200 and a,
                          what="a refresh with one auth killed")
        refresh = answer.json["refresh_token"]


def test_what_happens_to_accounts_is_counted(door, admin):
    names = ('auth_login_total{result="success",reason="-"}', 'auth_login_total{result="fail",reason="bad_credentials"}',
             'auth_refresh_total{result="success",reason="-"}', 'auth_refresh_total{result="fail",reason="unknown"}',
             'auth_binding_mismatch_total{action="warned"}', "auth_lockouts_total")
    before = [metric(door, name) for name in names]
    new_user(door, admin, "cora", "viewer")
    tokens = login(door, "cora", GOOD).json
    assert post(door, "refresh", {"refresh_token": tokens["refresh_token"]}, headers={"User-Agent": "another/1"}).status == 200
    assert post(door, "refresh", {"refresh_token": "plr_" + "x" * 43}).status == 401
    for _ in range(5):
        assert login(door, "cora", WRONG).status == 401

    def grown():
        return [metric(door, name) - was for name, was in zip(names, before)]
    wait_for(lambda: grown() == [1, 5, 1, 1, 1, 1] or None, what="the counters", seconds=30)
    wait_for(lambda: metric(door, "auth_sessions_active") >= 1, what="the gauge of sessions")
    rows = door.get("/api/auth/audit?limit=100", token=admin["access_token"]).json["entries"]
    assert [r["result"] for r in rows if r["event"] == "refresh" and r["session"] == tokens["session"]] == ["success"]


def test_smoke_auth_passes_and_says_what_fails(door):
    arguments = ["smoke", "auth", "--base", door.url, "--user", "admin"]
    good = [*arguments, "--password-file", door.run_dir / "admin-password"]
    lines = wait_for(lambda: (d := door.plumb(*good, code=None)).returncode == 0 and d, what="smoke").stdout.splitlines()
    assert [line.split("ms", 1)[1].strip() for line in lines] == ["login", "achievements", "refresh", "metrics", "logout"]
    report = xml.fromstring(door.plumb(*good, "--format", "junit").stdout.encode())
    assert report.get("tests") == "5" and report.get("failures") == "0"
    (door.dir / "wrong").write_text(WRONG)
    report = door.plumb(*arguments, "--password-file", door.dir / "wrong", "--format", "json", code=1)
    assert json.loads(report.stdout)["steps"][0]["result"] == "FAILED"
    door.plumb("smoke", "auth", "--base", "http://127.0.0.1:1", "--password-file", door.dir / "wrong", code=2)


NARROW = """policies:
  - {name: client, key: address, rate: 2000, burst: 4000}
  - {name: login, key: address, rate: 1, burst: 40, routes: [login]}
"""


def test_what_must_not_work_does_not_and_the_negative_smoke_says_so(door, admin):
    def end_graces():
        while not over.wait(0.3):
            end_of_grace(door)

    file, over = door.run_dir / "limits.yaml", threading.Event()
    blocked = metric(door, 'auth_rate_limit_block_total{endpoint="login"}')
    wide, thread = file.read_text(), threading.Thread(target=end_graces)
    thread.start()
    try:
        file.write_text(NARROW)
        wait_for(lambda: any(p["name"] == "login" and p["burst"] == 40 for p in door.get("/api/v1/limits").json["policies"]),
                 what="the narrow limit")
        done = door.plumb("smoke", "auth", "--base", door.url, "--user", "admin", "--password-file",
                          door.run_dir / "admin-password", "--negative", "--format", "junit", code=None)
    finally:
        over.set()
        thread.join()
        file.write_text(wide)
    report = xml.fromstring(done.stdout.encode())
    bad = [xml.tostring(case) for case in report if len(case)]
    assert done.returncode == 0 and not bad, (bad, done.stderr)
    assert report.get("tests") == "10" and report.get("failures") == report.get("errors") == report.get("skipped") == "0"
    wait_for(lambda: login(door).status == 200, what="the wide limit")
    assert metric(door, 'auth_rate_limit_block_total{endpoint="login"}') > blocked


def test_no_secret_is_in_the_logs(door):
    password = (door.run_dir / "admin-password").read_text().strip()
    text = "".join(p.read_text(errors="replace") for p in (door.run_dir / "logs").glob("*.log"))
    assert "login.done" in text
    for secret in (password, GOOD, WRONG, "plr_", "eyJ"):
        assert secret not in text, secret
