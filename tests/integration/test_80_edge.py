"""The gateway's edge: upstreams behind it with the same header fields and limits, and limits shared by gateways."""
import http.client
import http.server
import json
import os
import pathlib
import sys
import threading
import urllib.error
import urllib.request

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "limits"))
os.environ.setdefault("PLUMB_PRESET", "dev")
from fleet import Fleet, free_port, policy, wait_for  # noqa: E402

pytestmark = pytest.mark.skipif(not pathlib.Path("/usr/bin/redis-server").exists(), reason="no redis-server")

# B-08..B-12, B-39: what each routed path must answer with; HSTS where TLS ends in front
REQUIRED = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=()",
}
FORBIDDEN = ("Server", "X-Powered-By", "X-Secret-Header")


class Stub(http.server.BaseHTTPRequestHandler):
    """A service as it should not be: it tells what it is, and says header fields that are the edge's."""
    protocol_version = "HTTP/1.1"
    server_version = "Stub/1.0"
    sick = False

    def do_GET(self):
        body = b""
        if self.headers.get("Content-Length"):
            body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/hang"):
            threading.Event().wait(3)
        self.send_response(500 if Stub.sick and self.path == "/health" else 200)
        said = json.dumps({"method": self.command, "path": self.path, "body": body.decode(),
                           "headers": dict(self.headers)}).encode()
        for name, value in (("Content-Type", "application/json"), ("X-Powered-By", "luck"), ("X-Secret-Header", "1"),
                            ("X-Frame-Options", "ALLOWALL"), ("ETag", '"v1"'), ("Content-Length", str(len(said)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *_):
        pass


def routes(folder, upstream, name="analytics", **more):
    file = pathlib.Path(folder) / f"routes-{name}.yaml"
    file.write_text(json.dumps({"routes": [
        {"name": name, "prefix": "/analytics", "upstream": upstream, "timeout_ms": 1000, **more}]}))
    return {"PLUMB_ROUTES": str(file), "PLUMB_TLS_TERMINATED": "1", "PLUMB_CORS_ORIGINS": "https://ok.example"}


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    """Two gateways: the first asks the stub, the second asks the first."""
    folder = tmp_path_factory.mktemp("edge")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stub = f"http://127.0.0.1:{server.server_port}"
    with Fleet(policy(10000, 10000), 1, env=routes(folder, stub)) as direct:
        behind = routes(folder, f"http://127.0.0.1:{direct.gateways[0].port}", "edge")
        with Fleet(policy(10000, 10000), 1, env=behind) as outer:
            yield direct.gateways[0], outer.gateways[0], server
    server.shutdown()


def urls():
    """Those of SECURITY_HEADER_URLS, else the onboarded paths and the gateway's own."""
    return os.environ.get("SECURITY_HEADER_URLS", "/analytics /analytics/deep?x=1 /health /openapi.json /nothing /api/v1/apis").split()


@pytest.mark.parametrize("url", urls())
@pytest.mark.parametrize("mode", ["direct", "behind the edge"])
def test_each_path_has_the_security_headers(edge, url, mode):
    answer = edge[0 if mode == "direct" else 1].get(url)
    for name, part in REQUIRED.items():
        assert answer.headers.get_all(name) and len(answer.headers.get_all(name)) == 1, (url, name)
        assert part in answer.headers[name], (url, name, answer.headers[name])
    for name in FORBIDDEN:
        assert name not in answer.headers, (url, name)


def test_an_upstream_learns_who_asks_and_nothing_that_is_hop_by_hop(edge):
    connection = http.client.HTTPConnection("127.0.0.1", edge[0].port, timeout=30)
    connection.request("GET", "/analytics/a%20b?c=d", headers={
        "X-Hop": "1", "Connection": "X-Hop", "X-Mine": "yes", "X-Forwarded-For": "6.6.6.6",
        "X-Request-ID": "abcdefgh12345678"})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    heard = {k.lower(): v for k, v in said["headers"].items()}
    assert answer.status == 200 and said["path"] == "/analytics/a%20b?c=d"
    assert heard["x-forwarded-for"] == "127.0.0.1" and heard["x-mine"] == "yes" and "x-hop" not in heard
    assert heard["x-request-id"] == answer.headers["X-Request-ID"] and heard["traceparent"].startswith("00-")
    assert answer.headers["ETag"] == '"v1"' and 'r=' in answer.headers["RateLimit"]
    assert edge[0].get("/analytics", {"If-None-Match": '"v1"'}).status == 304


def test_bodies_pass_and_are_bounded(edge):
    for method in ("POST", "PUT", "DELETE"):
        request = urllib.request.Request(f"http://127.0.0.1:{edge[0].port}/analytics", b"hello" * 1000, method=method)
        said = json.loads(urllib.request.urlopen(request, timeout=30).read())
        assert said["method"] == method and said["body"] == "hello" * 1000
    request = urllib.request.Request(f"http://127.0.0.1:{edge[0].port}/analytics", b"x" * (2 << 20), method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 413


def test_an_upstream_that_hangs_is_a_504(edge):
    assert edge[0].get("/analytics/hang").status == 504


def test_a_breaker_opens_is_seen_and_closes_again(tmp_path):
    port = free_port()
    with Fleet(policy(10000, 10000), 1, env=routes(tmp_path, f"http://127.0.0.1:{port}")) as fleet:
        gateway = fleet.gateways[0]
        assert [gateway.get("/analytics").status for _ in range(5)] == [503] * 5
        wait_for(lambda: gateway.metric('gateway_upstream_breaker_total{upstream="analytics",to="open"}'), "the breaker")
        assert '"name":"upstream:analytics","state":"down"' in gateway.get("/health").read().decode()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Stub)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        wait_for(lambda: gateway.get("/analytics").status == 200, "the upstream")
        wait_for(lambda: gateway.metric("gateway_upstream_breaker_open") == 0, "the breaker to close")
        assert '"name":"upstream:analytics","state":"ok"' in gateway.get("/health").read().decode()
        server.shutdown()


def test_cors_is_an_allow_list(edge):
    assert edge[0].get("/analytics", {"Origin": "https://ok.example"}).headers["Access-Control-Allow-Origin"] == "https://ok.example"
    assert "Access-Control-Allow-Origin" not in edge[0].get("/analytics", {"Origin": "https://ok.example.evil"}).headers


def test_gateways_together_never_admit_more_than_allowed():
    with Fleet(policy(100, 50), 2, env={"PLUMB_LIMIT_WAIT_MS": "1000"}) as fleet:
        got = fleet.offer(2)
        if not any(g.metric("gateway_limit_fallback_total{") for g in fleet.gateways):
            assert got["good"] <= 50 + 100 * got["seconds"]
        assert got["limited"] and not got["failed"] + got["other"] + got["unavailable"]
        assert sum(p["good"] for p in got["ports"]) == got["good"]


def test_a_changed_file_holds_on_all_gateways_and_a_wrong_one_does_not():
    with Fleet(policy(1000, 7), 2) as fleet:
        fleet.limits(policy(1000, 9))
        wait_for(lambda: all('"client";q=9;' in g.get().headers["RateLimit-Policy"] for g in fleet.gateways), "the new limits")
        fleet.limits("policies: 7")
        wait_for(lambda: all(g.metric("gateway_limits_refused ") == 1 for g in fleet.gateways), "the refusal")
        assert '"client";q=9;' in fleet.gateways[0].get().headers["RateLimit-Policy"]


def test_without_redis_nobody_is_turned_away_and_health_says_degraded():
    with Fleet(policy(1000, 1000), 2) as fleet:
        fleet.redis.kill()
        wait_for(lambda: all(map(fleet.is_open, fleet.gateways)), "the breakers")
        assert [g.get().status for g in fleet.gateways for _ in range(20)] == [302] * 40
        assert '"name":"redis","state":"down"' in fleet.gateways[0].get("/health").read().decode()
        fleet.redis.start()
        wait_for(lambda: not any(map(fleet.is_open, fleet.gateways)), "Redis")
