"""The latency sampler through the gateway, against servers whose latencies are scripted."""
import http.server
import json
import os
import signal
import ssl
import subprocess
import tempfile
import threading
import time

import pytest
from stack import Stack, wait_for


class Scripted(http.server.ThreadingHTTPServer):
    """Answers after as long as it is told to; counts what it was asked."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.delay, self.status, self.body, self.asked, self.gate = 0.0, 200, b'{"status":"up"}', [], threading.Event()
        self.gate.set()
        self.wait = None
        self.url = f"http://127.0.0.1:{self.server_address[1]}/health"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(time.monotonic())
        self.server.gate.wait(30)
        time.sleep(self.server.wait() if self.server.wait else self.server.delay)  # the latency that is measured, not a synchronisation
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.send_header("X-State", "fine and dandy")
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    s = Scripted()
    try:
        yield s
    finally:
        s.gate.set()
        s.shutdown()
        s.server_close()


@pytest.fixture(scope="module")
def certificate():
    """A key and a certificate for localhost that its own authority has signed, for ten days."""
    with tempfile.TemporaryDirectory(prefix="plumb-it.") as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "10",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", f"{folder}/key.pem",
                        "-out", f"{folder}/cert.pem"], check=True, capture_output=True)
        os.chmod(folder, 0o755)
        yield folder


@pytest.fixture(scope="module")
def sampler(certificate):
    s = Stack(LATENCY_CA_FILE=f"{certificate}/cert.pem", LATENCY_SAMPLE_TARGETS="env-one:http://127.0.0.1:1/,env-two:http://127.0.0.1:2/", LATENCY_SAMPLE_INTERVAL="0.5",
              PLUMB_REPLICAS="2", LATENCY_LEASE_MS="2000")
    try:
        yield s.up()
    finally:
        s.close()


def probe(stack, *targets, persist=False, status=200):
    answer = stack.http("POST", "/admin/latency-targets", {"targets": list(targets), "persist": persist})
    assert answer.status == status, answer
    return answer.json


def service(stack, name):
    answer = stack.get(f"/api/service-latencies?name={name}")
    return answer.json["services"][0] if answer.status == 200 else None


def probed(stack, name, attempts):
    """What is known of a target once it was probed so often."""
    def enough():
        known = service(stack, name)
        return known if known and known["stats"]["attempts"] >= attempts else None
    return wait_for(enough, what=f"{attempts} probes of {name}")


def metric(stack, name):
    for line in stack.get("/metrics", token=None).body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    return None


def test_targets_of_the_environment_hold_until_a_set_is_posted(sampler, server):
    known = sampler.get("/admin/latency-targets").json
    assert known["source"] == "env" and [t["name"] for t in known["targets"]] == ["env-one", "env-two"]
    wait_for(lambda: metric(sampler, 'internal_service_latency_targets{source="env"}') == 2, what="the gauge")
    answer = sampler.http("POST", "/admin/latency-targets", {"targets": f"listed:{server.url}", "persist": True})
    assert answer.status == 200 and answer.json["source"] == "persisted"
    wait_for(lambda: metric(sampler, 'internal_service_latency_targets{source="persisted"}') == 1, what="the gauge")
    wait_for(lambda: metric(sampler, 'internal_service_latency_targets{source="env"}') is None, what="one source")
    assert service(sampler, "env-one") is None


def test_samples_say_how_long_an_answer_took(sampler, server):
    server.delay = 0.2
    probe(sampler, {"name": "slow", "url": server.url, "interval_ms": 500,
                    "expect": {"status": "200", "header": "X-State: dandy", "body": "up", "json": {"pointer": "/status", "value": "up"}}})
    known = probed(sampler, "slow", 5)
    assert known["stats"]["latest_class"] in ("warn", "high") and known["stats"]["min_ms"] >= 200
    sample = known["samples"][-1]
    assert set(sample) >= {"ts", "ms", "status", "ok", "cls"} and sample["ok"] and sample["status"] == 200
    wait_for(lambda: (metric(sampler, 'internal_service_latency_ok_total{service="slow"}') or 0) >= 5, what="the counter")
    assert metric(sampler, 'internal_service_latency_class{service="slow"}') in (1, 2)
    total = wait_for(lambda: (lambda t: t if t["ok"] >= 3 else None)(sampler.get("/api/v1/latency/slow").json["total"]), what="history")
    exact = sorted(s["ms"] for s in service(sampler, "slow")["samples"] if s["ok"])
    assert exact[0] * 0.97 <= total["p50_ms"] <= exact[-1] * 1.03


def test_percentiles_are_within_the_stated_error_of_the_exact_ones(sampler, server):
    script = [0.002, 0.005, 0.01, 0.03, 0.03, 0.06, 0.12, 0.12, 0.25, 0.5]
    answers = iter(range(10 ** 6))
    server.wait = lambda: script[next(answers) % len(script)]
    target = {"name": f"scripted-{server.server_address[1]}", "url": server.url, "interval_ms": 1000}
    targets = [{**target, "name": f"{target['name']}-{n}"} for n in range(4)]
    probe(sampler, *targets)
    for t in targets:
        probed(sampler, t["name"], 12)
    paused = [{"from": "2020-01-01T00:00:00Z", "to": "2120-01-01T00:00:00Z"}]
    probe(sampler, *({**t, "maintenance": paused} for t in targets))  # no probe comes between the two looks
    compared = 0
    for t in targets:
        def settled():
            known, total = service(sampler, t["name"]), sampler.get(f"/api/v1/latency/{t['name']}").json["total"]
            return (known, total) if known and known["stats"]["ok"] == total["ok"] and total["missed"] >= 2 else None
        known, total = wait_for(settled, what="the history")
        exact = sorted(s["ms"] for s in known["samples"] if s["ok"])
        if any(s["outcome"] == "overrun" for s in known["samples"]):
            continue  # a busy machine: what waited is in the percentiles too, and in no sample
        compared += 1
        for name, q in (("p50_ms", 0.5), ("p90_ms", 0.9), ("p99_ms", 0.99)):
            want = exact[max(0, -(-int(len(exact) * q * 1000) // 1000) - 1)]
            assert abs(total[name] - want) <= 0.022 * want + 0.002, (name, total[name], want)
    assert compared


@pytest.mark.parametrize("change,expect,outcome", [
    ({"status": 503}, {}, "status"),
    ({"body": b"{}"}, {"json": {"pointer": "/status"}}, "assertion"),
    ({}, {"body": "down"}, "assertion"),
    ({}, {"header": "X-State: gone"}, "assertion"),
    ({"body": b"no json"}, {"json": {"pointer": ""}}, "assertion"),
])
def test_an_answer_that_is_not_as_wanted_is_a_failure_that_says_why(sampler, server, change, expect, outcome):
    for name, value in change.items():
        setattr(server, name, value)
    name = f"not-{server.server_address[1]}-{len(str(expect))}"
    probe(sampler, {"name": name, "url": server.url, "interval_ms": 200, "expect": expect or {"status": "200"}})
    known = probed(sampler, name, 2)
    assert {s["outcome"] for s in known["samples"] if "ms" in s} == {outcome} and known["stats"]["failure_rate_pct"] == 100


def test_nobody_there_and_nobody_answering_are_told_apart(sampler, server):
    server.gate.clear()
    probe(sampler, {"name": "nobody", "url": f"tcp://127.0.0.1:{sampler.spare_port}", "interval_ms": 200},
          {"name": "mute", "url": server.url, "interval_ms": 5000, "timeout_ms": 300},
          {"name": "open", "url": server.url.replace("http", "tcp", 1).removesuffix("/health"), "interval_ms": 200})
    assert probed(sampler, "nobody", 1)["samples"][-1]["outcome"] == "connect"
    assert probed(sampler, "mute", 1)["samples"][-1]["outcome"] == "timeout"
    assert probed(sampler, "open", 1)["samples"][-1]["outcome"] == "ok"


def test_certificates_are_checked_and_their_end_is_known(sampler, server, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{certificate}/cert.pem", f"{certificate}/key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    port = server.server_address[1]
    probe(sampler, {"name": "trusted", "url": f"tls://127.0.0.1:{port}", "interval_ms": 300},
          {"name": "page", "url": f"https://127.0.0.1:{port}/health", "interval_ms": 300, "fresh": True},
          {"name": "misnamed", "url": f"https://127.0.0.2:{port}/", "interval_ms": 300})
    assert probed(sampler, "trusted", 2)["samples"][-1]["outcome"] == "ok"
    assert probed(sampler, "page", 2)["samples"][-1]["outcome"] == "ok"
    assert probed(sampler, "misnamed", 1)["samples"][-1]["outcome"] in ("tls", "connect")
    ends = wait_for(lambda: metric(sampler, 'internal_service_certificate_expiry_seconds{service="trusted"}'), what="the certificate's end")
    assert 9 * 86400 < ends - time.time() < 11 * 86400


def test_slots_that_had_to_wait_are_reported_and_in_the_percentiles(sampler, server):
    """A server that stands still once: a loop that waits for its answers would not notice."""
    probe(sampler, {"name": "stuck", "url": server.url, "interval_ms": 200, "timeout_ms": 30000})
    probed(sampler, "stuck", 3)
    server.gate.clear()
    wait_for(lambda: sum(s["outcome"] == "overrun" for s in service(sampler, "stuck")["samples"]) >= 10, what="overruns")
    server.gate.set()
    before = service(sampler, "stuck")["stats"]["attempts"]
    probed(sampler, "stuck", before + 3)

    def history():
        total = sampler.get("/api/v1/latency/stuck").json["total"]
        return total if total["missed"] >= 10 and total["max_ms"] > 1500 else None
    total = wait_for(history, what="history")
    assert total["p90_ms"] > 200 > total["service_p50_ms"], total


def test_a_sampler_that_was_asleep_reports_stalls_and_no_latency(sampler, server):
    probe(sampler, *({"name": f"asleep-{n}", "url": server.url, "interval_ms": 200} for n in range(8)))
    for n in range(8):  # written down, so that whoever takes a target over knows since when nobody asked
        wait_for(lambda: sampler.get(f"/api/v1/latency/asleep-{n}").json.get("total", {}).get("ok", 0) >= 3, what="history")
    pids = [sampler.pid(f"latency-sampler.{n}") for n in (1, 2)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    stopped = time.monotonic()
    wait_for(lambda: time.monotonic() - stopped > 4, what="four seconds of sleep")
    for pid in pids:
        os.kill(pid, signal.SIGCONT)

    def awake():
        known = [service(sampler, f"asleep-{n}") for n in range(8)]
        missed = [sum("ms" not in s for s in k["samples"]) for k in known if k]
        return known if len(missed) == 8 and min(missed) >= 10 else None
    for known in wait_for(awake, what="missed slots"):
        assert all(s["ms"] < 3000 for s in known["samples"] if "ms" in s), known["name"]


def test_two_samplers_share_the_targets_and_one_takes_over_what_the_other_leaves(sampler, server):
    names = [f"shared-{n}" for n in range(40)]
    probe(sampler, *({"name": n, "url": server.url, "interval_ms": 1000} for n in names))

    def both():
        holders = [metric_of(sampler, 6, r, "latency_shards_held") for r in (1, 2)]
        return holders == [32, 32]
    wait_for(both, what="32 shards each")
    for name in names:
        probed(sampler, name, 2)
    pid = sampler.pid("latency-sampler.2")
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for(lambda: metric_of(sampler, 6, 1, "latency_shards_held") == 64, what="all shards")
        counts = {n: wait_for(lambda: service(sampler, n), what=n)["stats"]["attempts"] for n in names}
        for name in names:
            probed(sampler, name, counts[name] + 2)
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_for(both, what="32 shards each again")


def metric_of(stack, index, replica, name):
    import urllib.request
    port = int(stack.env["PLUMB_PORT_BASE"]) + index * 10 + (replica - 1) * 3 + 2
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as reply:
            for line in reply.read().decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.split()[1])
    except OSError:
        return None
    return None


def test_persisted_targets_survive_a_restart_and_others_do_not(sampler, server):
    probe(sampler, {"name": "kept", "url": server.url}, persist=True)
    probe(sampler, {"name": "passing", "url": server.url})
    assert sampler.get("/admin/latency-targets").json["source"] == "env"
    wait_for(lambda: service(sampler, "passing"), what="the passing target")
    sampler.down()
    sampler.up()
    wait_for(lambda: service(sampler, "kept"), what="the kept target")
    known = sampler.get("/admin/latency-targets").json
    assert known["source"] == "persisted" and [t["name"] for t in known["targets"]] == ["kept"]
    assert service(sampler, "passing") is None


@pytest.mark.parametrize("targets,status", [
    ([{"name": "a", "url": "http://10.0.0.1/"}], 422),
    ([{"name": "a", "url": "http://169.254.169.254/latest/meta-data"}], 422),
    ([{"name": "a", "url": "ftp://x/"}], 422),
    ([{"name": "a b", "url": "http://x/"}], 422),
    ([{"name": "a", "url": "http://x/"}, {"name": "a", "url": "http://y/"}], 422),
    ("nonsense", 422),
    (7, 422),
])
def test_a_set_that_cannot_be_probed_is_refused_whole(sampler, targets, status):
    before = sampler.get("/admin/latency-targets").json
    assert sampler.http("POST", "/admin/latency-targets", {"targets": targets}).status == status
    assert sampler.get("/admin/latency-targets").json == before


def test_an_address_is_checked_when_it_is_connected_to(sampler):
    """A name may resolve to anything by then."""
    probe(sampler, {"name": "rebound", "url": "http://0x0a000001/", "interval_ms": 200})
    assert probed(sampler, "rebound", 1)["samples"][-1]["outcome"] == "refused"


def test_a_badge_that_its_target_calls_public_needs_no_token(sampler):
    probe(sampler, {"name": "shown", "url": "tcp://127.0.0.1:1", "public_badges": True}, {"name": "hidden", "url": "tcp://127.0.0.1:1"})
    shown = wait_for(lambda: (a := sampler.get("/api/v1/latency/shown/badges/uptime", token=None)).status == 200 and a, what="a public badge")
    assert shown.headers["Access-Control-Allow-Origin"] == "*" and "public" in shown.headers["Cache-Control"]
    assert sampler.get("/api/v1/latency/hidden/badges/uptime", token=None).status == 401
    hidden = wait_for(lambda: (a := sampler.get("/api/v1/latency/hidden/badges/uptime")).status == 200 and a, what="both samplers to know it")
    assert "Access-Control-Allow-Origin" not in hidden.headers
    assert sampler.get("/api/v1/latency/shown/uptime", token=None).status == 401, "only the badges are"


def test_reading_and_administering_are_two_scopes_and_errors_are_problems(sampler):
    reader = sampler.new_token("latency:read")
    assert sampler.get("/api/service-latencies", token=reader).status == 200
    assert sampler.get("/admin/latency-targets", token=reader).status == 403
    assert sampler.get("/api/service-latencies", token=None).status == 401
    assert sampler.get("/api/service-latencies?name=never-probed").status == 404
    assert sampler.get("/api/v1/latency/never-probed").status == 404
    assert sampler.get("/api/v1/latency/badged?step=10").status == 400
    assert sampler.get("/api/v1/latency/badged?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z").status == 400
    assert sampler.get("/api/v1/latency/badged/badges/colour").status == 400
    probe(sampler, {"name": "badged", "url": "tcp://127.0.0.1:1", "interval_ms": 200})
    badge = wait_for(lambda: (a := sampler.get("/api/v1/latency/badged/badges/health")).status == 200 and a, what="a badge").json
    assert badge["schemaVersion"] == 1 and badge["label"] == "health"
    assert sampler.get("/api/v1/latency/badged/badges/health", token=None).status == 401
    assert sampler.get("/api/v1/latency/nobody/badges/health", token=None).status == 401, "who is there is not told"
    assert sampler.get("/api/v1/latency/badged/badges/health", token=sampler.new_token("runs:read")).status == 403
    probed(sampler, "badged", 1)
    known = wait_for(lambda: (a := sampler.get("/api/v1/latency/badged/uptime")).status == 200 and a, what="both samplers to know it")
    assert known.json["windows"][0]["window"] == "24h"
    probe(sampler, {"name": "another", "url": "tcp://127.0.0.1:1"})
    wait_for(lambda: service(sampler, "another"), what="the other target")
    wait_for(lambda: (a := sampler.get("/api/v1/latency/badged/uptime")).status == 200 and a.json["windows"][0]["attempts"] >= 1, what="its history")
