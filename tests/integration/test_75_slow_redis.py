"""A Redis that is there but slow: requests wait for it a few times, then no longer, and each turn is one line in the log."""
import json
import os
import pathlib
import signal
import socket
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "limits"))
os.environ.setdefault("PLUMB_PRESET", "dev")
from fleet import Fleet, Redis, policy, wait_for  # noqa: E402

pytestmark = pytest.mark.skipif(not pathlib.Path("/usr/bin/redis-server").exists(), reason="no redis-server")
WAIT_MS, LATE_S = 200, 0.35  # a request gives up before such an answer; a probe, which asks twice, has a second


class Between:
    """Passes everything on to Redis; answers come late, or never."""
    def __init__(self, path, to):
        self.path, self.to, self.mode, self.accepted = path, to, "well", 0
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen(100)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client = self.server.accept()[0]
            self.accepted += 1
            redis = socket.socket(socket.AF_UNIX)
            redis.connect(str(self.to))
            threading.Thread(target=self.pump, args=(client, redis, False), daemon=True).start()
            threading.Thread(target=self.pump, args=(redis, client, True), daemon=True).start()

    def pump(self, source, sink, answers):
        try:
            while data := source.recv(65536):
                if answers and self.mode == "silent":
                    continue
                if answers and self.mode == "late":
                    time.sleep(LATE_S)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def turns(gateway):
    lines = [json.loads(line) for line in gateway.log.read_text().splitlines() if '"dependency.changed"' in line]
    said = [line["state"] for line in lines if line["dependency"] == "redis"]
    assert all(a != b for a, b in zip(said, said[1:])), f"said twice: {said}"
    return said


@pytest.fixture()
def sick(tmp_path):
    redis = Redis(tmp_path)
    between = Between(tmp_path / "between.sock", redis.path)
    with Fleet(policy(100000, 100000), 1, env={"PLUMB_REDIS": f"unix:{between.path}", "LOG_LEVEL": "INFO",
                                               "PLUMB_LIMIT_WAIT_MS": str(WAIT_MS), "PLUMB_CACHE": "off"}) as fleet:
        yield redis, between, fleet.gateways[0]
    redis.kill()


@pytest.mark.parametrize("how", ["late", "silent", "stopped"])
def test_it_holds_up_a_few_requests_and_the_log_says_so_once(sick, how):
    redis, between, gateway = sick

    def ask():
        return gateway.get().status == 302

    wait_for(lambda: ask() and turns(gateway)[-1:] == ["ok"], "Redis")
    between.mode = how
    if how == "stopped":
        redis.signal(signal.SIGSTOP)
    wait_for(lambda: ask() and turns(gateway)[-1:] == ["down"], "the line that says down")
    count, asked, probes = len(turns(gateway)), gateway.metric("gateway_limit_redis_calls_total "), between.accepted
    wait_for(lambda: ask() and between.accepted >= probes + 5, "five probes, none of which may be taken for an answer in time")
    assert gateway.metric("gateway_limit_redis_calls_total ") == asked  # nobody waits for it any more
    assert gateway.metric("gateway_limit_fallback_total{") > 5
    assert len(turns(gateway)) == count
    between.mode = "well"
    if how == "stopped":
        redis.signal(signal.SIGCONT)
    wait_for(lambda: ask() and len(turns(gateway)) > count, "the line that says ok")
    assert turns(gateway)[count] == "ok"
