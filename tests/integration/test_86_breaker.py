"""The breaker of the database: open while it is away, seen in health and metrics, closed again by itself."""
import contextlib
import os
import re
import json
import urllib.request

import psycopg2

from stack import wait_for


@contextlib.contextmanager
def away(stack):
    """Nobody can connect, and nobody is connected."""
    dsn = (stack.run_dir / "postgres.dsn").read_text().strip()
    path = re.search(r"host=(\S+)", dsn).group(1) + "/.s.PGSQL.5432"
    db = psycopg2.connect(dsn)
    db.autocommit = True
    os.rename(path, path + ".away")
    try:
        with db.cursor() as cursor:
            cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename <> 'postgres'")
        yield
    finally:
        os.rename(path + ".away", path)
        db.close()


def engine(stack, path):
    """What the engine says on its internal port."""
    port = int(stack.env["PLUMB_PORT_BASE"]) + 22
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as reply:
        return reply.read().decode()


def metric(stack, name):
    return sum(float(line.rsplit(" ", 1)[1]) for line in engine(stack, "/metrics").splitlines() if line.startswith(name))


def state(stack):
    return {d["name"]: d["state"] for d in json.loads(engine(stack, "/health"))["dependencies"]}["postgres"]


def test_the_breaker_of_the_database_opens_is_seen_and_closes_again(single):
    single.create_api("broken")
    wait_for(lambda: single.get("/api/v1/apis/broken").status == 200 and state(single) == "ok", what="the database")
    idle = metric(single, "plumb_db_breaker_open")  # of workers that had nothing to do since an earlier test
    closed = metric(single, 'plumb_db_breaker_transitions_total{to="closed"}')
    with away(single):
        wait_for(lambda: single.get("/api/v1/apis/broken").status == 503 and metric(single, "plumb_db_breaker_open") > idle,
                 what="the breaker")
        assert state(single) == "down"
        before, tries = metric(single, 'plumb_db_connects_total{result="failed"}'), 0
        for tries in range(200):  # asking costs the database nothing
            assert single.get("/api/v1/apis/broken").status == 503
        assert metric(single, 'plumb_db_connects_total{result="failed"}') - before < tries
        assert single.get("/health/readiness", token=None).status == 200  # RULINGS 44
    wait_for(lambda: single.get("/api/v1/apis/broken").status == 200 and metric(single, "plumb_db_breaker_open") <= idle,
             what="the breaker to close")
    wait_for(lambda: state(single) == "ok", what="the database to be well")
    assert metric(single, 'plumb_db_breaker_transitions_total{to="closed"}') > closed
