"""An event that ends its consumer each time becomes a dead letter and holds up only what is about the same; a database
that is away is nobody's fault (RULINGS 38)."""
import json

from stack import document, wait_for

TRIES = 3   # PLUMB_FEED_TRIES of `single`; their pauses are 0.2 and 0.4 s, so an outage of seconds is many rounds
OUTAGE = 3  # seconds


def claims_run_out(cutter):
    """Who was killed or cut off left claims that end after 10 to 30 s; here they end now."""
    with cutter.ask() as db, db.cursor() as cursor:
        cursor.execute("UPDATE publisher.feed_lease SET expires_at = now() WHERE NOT clean")
        cursor.execute("UPDATE publisher.job SET next_try_at = now()")
        cursor.execute("UPDATE notifier.deliveries SET due_at = now() WHERE state = 'sending'")


def dead_letters(single):
    """What `plumb` says once it can connect: on a busy machine not at the first try."""
    def asked():
        done = single.plumb("feed", "dead", "list", "--format", "json", code=None)
        return done if done.returncode == 0 else None
    return json.loads(wait_for(asked, what="an answer of plumb feed").stdout)["dead_letters"]


def test_an_event_that_kills_its_consumer_is_set_aside_and_others_go_on(single, cutter):
    for api in ("poisoned", "healthy"):
        single.create_api(api)
    cutter.kill_at("publisher", r"INSERT INTO job ", "poisoned")
    single.push("poisoned", document("1.0.0"), "0000000")
    single.push("healthy", document("1.0.0"), "0000000")

    def buried():
        claims_run_out(cutter)
        return dead_letters(single)
    letter, = wait_for(buried, 120, "a dead letter")
    assert TRIES <= len(cutter.killed) <= TRIES + 1  # with its whole batch first, then alone
    assert len(set(cutter.killed)) == len(cutter.killed)
    assert (letter["service"], letter["aggregate"], letter["state"]) == ("artifact-publisher", "poisoned", "dead")
    assert letter["attempts"] == TRIES and letter["reason"] == "the process ended while it was applied"
    single.published("healthy", 1)
    single.push("poisoned", document("1.0.1"), "0000001")
    single.push("healthy", document("1.0.1"), "0000001")
    single.published("healthy", 2)
    letters = wait_for(lambda: len(dead_letters(single)) > 1 and dead_letters(single), what="what follows it")
    assert [(d["aggregate"], d["attempts"]) for d in letters] == [("poisoned", TRIES), ("poisoned", 0)]
    assert len(cutter.killed) <= TRIES + 1
    cutter.cure()
    single.plumb("feed", "dead", "replay", letter["id"], "--service", "artifact-publisher")
    single.published("poisoned", 2)
    assert dead_letters(single) == []


def test_an_outage_of_the_database_buries_nothing(single, cutter, receiver):
    single.create_api("outage")
    answer = single.http("POST", "/api/v1/notify/endpoints", {"name": "outage", "url": receiver.url, "kind": "webhook"})
    assert answer.status == 201
    for n in range(4):  # so that there is something under way
        single.push("outage", document(f"1.0.{n}", ("/a", "/b") if n % 2 == 0 else ("/a",)), f"{n:07d}")
    cutter.outage(OUTAGE)
    wait_for(lambda: single.get("/api/v1/apis/outage").status == 200, what="the database")
    claims_run_out(cutter)
    single.push("outage", document("1.0.4"), "0000004")
    single.published("outage", 5)
    assert dead_letters(single) == []
    runs = single.get("/api/v1/apis/outage/runs").json["runs"]
    told = {r["id"] for r in runs if single.get(f"/api/v1/apis/outage/runs/{r['id']}").json.get("reasons")}
    deliveries = "/api/v1/notify/deliveries?api=outage&limit=100"
    wait_for(lambda: {d["run"] for d in single.get(deliveries).json["deliveries"] if d["state"] == "delivered"} == told,
             what="every notice")
