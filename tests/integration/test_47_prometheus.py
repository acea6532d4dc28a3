"""The sampler's and the bridge's metrics and rules as Debian's Prometheus sees them."""
import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest
from stack import ROOT, Stack, wait_for
from test_46_sampler import Scripted, probe, probed

RULES = ROOT / "deploy" / "prometheus" / "rules"
# Fixed by requirement D-11, and named after milliseconds.
ACCEPTED = {"internal_service_latency_last_ms metric names should not contain abbreviated units"}


def tool(name):
    program = shutil.which(name)
    if not program:
        pytest.skip(f"{name} is not installed")
    return program


@pytest.fixture(scope="module")
def observed():
    s = Stack(LATENCY_SAMPLE_TARGETS="none:http://127.0.0.1:1/")
    try:
        yield s.up()
    finally:
        s.close()


def internal(stack, index):
    return f"127.0.0.1:{int(stack.env['PLUMB_PORT_BASE']) + index * 10 + 2}"


def test_the_rules_are_valid_and_do_what_their_tests_say():
    promtool = tool("promtool")
    for arguments in (["check", "rules", *RULES.glob("*.yml")], ["test", "rules", *(RULES.parent / "tests").glob("*.yml")]):
        done = subprocess.run([promtool, *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("index", [5, 6], ids=["research-bridge", "latency-sampler"])
def test_the_metrics_are_clean(observed, index):
    with urllib.request.urlopen(f"http://{internal(observed, index)}/metrics", timeout=30) as reply:
        text = reply.read()
    done = subprocess.run([tool("promtool"), "check", "metrics"], input=text, capture_output=True)
    assert set((done.stdout + done.stderr).decode().splitlines()) <= ACCEPTED


def quick(text):
    """The same rules over seconds instead of minutes and hours: 5m is 5 s here."""
    return re.sub(r"\b(\d+)(m|h)\b", lambda m: f"{int(m[1]) * (60 if m[2] == 'h' else 1)}s", text)


@pytest.fixture
def prometheus(observed, tmp_path):
    program = tool("prometheus")
    port = observed.spare_port
    (tmp_path / "rules.yml").write_text(quick((RULES / "latency.yml").read_text()))
    (tmp_path / "prometheus.yml").write_text(json.dumps({
        "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "500ms"}, "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": "plumbline", "static_configs": [{"targets": [internal(observed, 5), internal(observed, 6)]}]}]}))
    process = subprocess.Popen([program, f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
                                f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])

    def ask(path, **query):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=10) as reply:
                return json.load(reply)["data"]
        except OSError:
            return None
    try:
        wait_for(lambda: ask("status/buildinfo"), what="Prometheus")
        yield ask
    finally:
        process.terminate()
        process.wait(60)


def test_both_services_are_scraped_and_a_target_that_becomes_slow_raises_the_alerts(observed, prometheus):
    def healthy():
        targets = (prometheus("targets") or {}).get("activeTargets", [])
        return len(targets) == 2 and all(t["health"] == "up" for t in targets)

    def firing():
        return {(a["labels"]["alertname"], a["labels"].get("service")) for a in (prometheus("alerts") or {"alerts": []})["alerts"]
                if a["state"] == "firing"}
    wait_for(healthy, what="both targets")
    server = Scripted()
    try:
        probe(observed, {"name": "watched", "url": server.url, "interval_ms": 200},
              {"name": "gone", "url": "tcp://127.0.0.1:1", "interval_ms": 200})
        probed(observed, "watched", 10)
        # On a busy machine a target may be slow for seconds, in which its alert is right.
        wait_for(lambda: ("InternalServiceFailureRateHigh", "gone") in firing()
                 and not any(service == "watched" for _, service in firing()), 120, "the failure alert, alone")
        server.delay = 1.2
        wait_for(lambda: ("InternalServiceP99LatencyHigh", "watched") in firing(), 120, "the latency alert")
        found = prometheus("query", query='internal_service:p99_latency_seconds_5m{service="watched"}')["result"]
        assert float(found[0]["value"][1]) > 0.8
        server.delay = 0
        wait_for(lambda: ("InternalServiceP99LatencyHigh", "watched") not in firing(), 120, "the alert's end")
    finally:
        server.shutdown()
        server.server_close()
