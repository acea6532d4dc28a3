"""What stops without ending (SIGSTOP): callers get an answer in bounded time, others go on, and it recovers."""
import contextlib
import os
import signal
import threading
import time

import psycopg2
from stack import document, wait_for

BOUND = 60       # seconds; the deadline of the contract is 15, and CI is slow
RETRIES = 10    # that the gateway saves up for a service, before what is lost is answered with 503
TOLD = (503, 504)  # what a caller gets who cannot be served in time


@contextlib.contextmanager
def stopped(*pids):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def backends(stack, role):
    """The server's processes that work for that role."""
    with psycopg2.connect((stack.run_dir / "postgres.dsn").read_text()) as db, db.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE usename = %s", (role,))
        return [pid for pid, in cursor.fetchall()]


class Asking(threading.Thread):
    """One request and how long its answer took."""
    def __init__(self, ask):
        super().__init__(daemon=True)
        self.ask, self.answer = ask, None
        self.start()

    def run(self):
        begun = time.monotonic()
        self.answer = self.ask()
        self.took = time.monotonic() - begun

    def result(self):
        self.join(2 * BOUND)
        assert self.answer is not None, "no answer at all"
        assert self.took < BOUND, f"an answer after {self.took:.0f} s: {self.answer}"
        return self.answer


def test_callers_of_a_stopped_service_or_database_are_answered_and_others_go_on(single):
    """The engine stops, and the notifier's side of Postgres; auth and the gateway have nothing to do with it."""
    single.create_api("stopped")
    assert single.get("/api/v1/notify/endpoints").status == 200
    with contextlib.ExitStack() as stack:
        def stop_database():
            """What works for the notifier now and was not stopped yet."""
            for pid in set(backends(single, "notifier")) - held:
                stack.enter_context(stopped(pid))
                held.add(pid)

        held = set()
        stop_database()
        stack.enter_context(stopped(single.pid("governance-engine.1")))
        waiting = [Asking(lambda: single.get("/api/v1/apis/stopped")),
                   Asking(lambda: single.get("/api/v1/notify/endpoints"))]
        for _ in range(5):
            assert single.get("/api/auth/tokens").status == 200
            assert single.get("/health/liveness", token=None).status == 200
            assert single.get("/health/readiness", token=None).status == 200  # RULINGS 44
        for _ in range(20):
            if waiting[1].result().status != 200:
                break
            stop_database()  # a worker had not been connected before; now it is
            waiting[1] = Asking(lambda: single.get("/api/v1/notify/endpoints"))
        for asking in waiting:
            assert asking.result().status in TOLD, asking.answer
    for path in ("/api/v1/apis/stopped", "/api/v1/notify/endpoints"):
        wait_for(lambda: single.get(path).status == 200, what=f"an answer of {path} after SIGCONT")
    single.push("stopped", document(), "1111111")
    single.published("stopped", 1)


def test_a_stopped_redis_delays_nobody_for_long(single):
    with stopped(single.pid("redis")):
        for _ in range(5):
            asking = Asking(lambda: single.get("/api/v1/notify/endpoints"))
            assert asking.result().status == 200
    assert single.get("/api/v1/notify/endpoints").status == 200


def test_a_stopped_replica_is_passed_over(pair):
    """Reads are asked of the other one; a push may be told to come again, and is recorded once."""
    pair.create_api("passed")
    for replica in ("governance-engine.1", "governance-engine.2"):
        for _ in range(RETRIES * 10):  # each call earns a tenth of a retry; earlier tests may have spent them
            assert pair.get("/api/v1/apis/passed/runs").status == 200
        with stopped(pair.pid(replica)):
            reads = [Asking(lambda: pair.get("/api/v1/apis/passed/runs")) for _ in range(6)]
            assert [r.result().status for r in reads] == [200] * 6, [r.answer for r in reads]

            def pushed():
                asking = Asking(lambda: pair.http("POST", f"/api/v1/apis/passed/runs?sha={replica[-1] * 7}",
                                                  document(f"1.0.{replica[-1]}").encode()))
                answer = asking.result()
                assert answer.status in (200, 201, *TOLD), answer
                return answer.status in (200, 201)
            wait_for(pushed, BOUND, "a push by the replica that is left")
    assert [r["seq"] for r in pair.get("/api/v1/apis/passed/runs").json["runs"]] == [2, 1]
    pair.published("passed", 2)
