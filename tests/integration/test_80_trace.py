"""W3C trace context at the door: each situation of the specification's own test suite (w3c/trace-context, test/test.py, strict
level 2) sent raw to a gateway; what an upstream hears is the answer."""
import http.server
import json
import os
import pathlib
import re
import socket
import sys
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "limits"))
os.environ.setdefault("PLUMB_PRESET", "dev")
from fleet import Fleet, policy  # noqa: E402

pytestmark = pytest.mark.skipif(not pathlib.Path("/usr/bin/redis-server").exists(), reason="no redis-server")

TRACE, PARENT = "12345678901234567890123456789012", "1234567890123456"
OURS = f"00-{TRACE}-{PARENT}-00"
TENS = [",".join(f"bar{n:02}={n:02}" for n in range(first, min(first + 10, 33))) for first in (1, 11, 21, 31)]
CHARS = "".join(map(chr, [*range(0x20, 0x2C), *range(0x2D, 0x3D), *range(0x3E, 0x7F)]))
KEY = "abcdefghijklmnopqrstuvwxyz0123456789_-*/"


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps(self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    routes = tmp_path_factory.mktemp("trace") / "routes.yaml"
    routes.write_text(json.dumps({"routes": [
        {"name": "up", "prefix": "/up", "upstream": f"http://127.0.0.1:{server.server_port}", "timeout_ms": 30000}]}))
    with Fleet(policy(100000, 100000), 1, env={"PLUMB_ROUTES": str(routes)}) as fleet:
        yield fleet.gateways[0].port
    server.shutdown()


def hear(port, *fields):
    """What the upstream got of a request with these fields: version, trace, parent and flags; the tracestate or None."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as s:
        s.sendall("".join(["GET /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\n",
                           *(f"{name}:{value}\r\n" for name, value in fields), "\r\n"]).encode("latin-1"))
        answer = b""
        while piece := s.recv(65536):
            answer += piece
    head, _, body = answer.decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200"), head
    heard = [(name.lower(), value) for name, value in json.loads(body)]
    parents, states = ([value for name, value in heard if name == wanted] for wanted in ("traceparent", "tracestate"))
    assert len(parents) == 1 and len(states) < 2
    found = re.fullmatch(r"(00)-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})", parents[0])
    assert found and set(found[2]) != {"0"} and set(found[3]) != {"0"}
    return *found.groups(), states[0] if states else None


CONTINUED = {
    "included": OURS, "sampled": f"00-{TRACE}-{PARENT}-01",
    "version_0xcc": f"cc-{TRACE}-{PARENT}-01", "version_0xcc_with_more": f"cc-{TRACE}-{PARENT}-01-what-the-future-will-be-like",
    "ows_before": f" 00-{TRACE}-{PARENT}-01", "ows_tab_before": f"\t00-{TRACE}-{PARENT}-01",
    "ows_behind": f"00-{TRACE}-{PARENT}-01 ", "ows_tab_behind": f"00-{TRACE}-{PARENT}-01\t",
    "ows_around": f"\t 00-{TRACE}-{PARENT}-01 \t",
}
NOT_CONTINUED = {
    "version_0x00_trailing": f"00-{TRACE}-{PARENT}-01.", "version_0x00_with_more": f"00-{TRACE}-{PARENT}-01-what-the-future-will-be-like",
    "version_0xcc_wrong_separator": f"cc-{TRACE}-{PARENT}-01.what-the-future-will-be-like", "version_0xff": f"ff-{TRACE}-{PARENT}-01",
    "version_illegal_1": f".0-{TRACE}-{PARENT}-01", "version_illegal_2": f"0.-{TRACE}-{PARENT}-01",
    "version_too_long_3": f"000-{TRACE}-{PARENT}-01", "version_too_long_4": f"0000-{TRACE}-{PARENT}-01",
    "version_too_short": f"0-{TRACE}-{PARENT}-01",
    "trace_id_all_zero": f"00-{'0' * 32}-{PARENT}-01",
    "trace_id_illegal_1": f"00-.{TRACE[1:]}-{PARENT}-01", "trace_id_illegal_2": f"00-{TRACE[:-1]}.-{PARENT}-01",
    "trace_id_too_long": f"00-{TRACE}3-{PARENT}-01", "trace_id_too_short": f"00-{TRACE[:-1]}-{PARENT}-01",
    "parent_id_all_zero": f"00-{TRACE}-{'0' * 16}-01",
    "parent_id_illegal_1": f"00-{TRACE}-.{PARENT[1:]}-01", "parent_id_illegal_2": f"00-{TRACE}-{PARENT[:-1]}.-01",
    "parent_id_too_long": f"00-{TRACE}-{PARENT}7-01", "parent_id_too_short": f"00-{TRACE}-{PARENT[:-1]}-01",
    "trace_flags_illegal_1": f"00-{TRACE}-{PARENT}-.0", "trace_flags_illegal_2": f"00-{TRACE}-{PARENT}-0.",
    "trace_flags_too_long": f"00-{TRACE}-{PARENT}-001", "trace_flags_too_short": f"00-{TRACE}-{PARENT}-1",
}
# values of the tracestate fields, and what is carried on
STATES = {
    "included": (["foo=1,bar=2"], "foo=1,bar=2"),
    "empty": ([""], None), "empty_behind": (["foo=1", ""], "foo=1"), "empty_before": (["", "foo=1"], "foo=1"),
    "different_keys": (["foo=1,bar=2", "rojo=1,congo=2", "baz=3"], "foo=1,bar=2,rojo=1,congo=2,baz=3"),
    "duplicated": (["foo=1,foo=1"], None), "duplicated_other": (["foo=1,foo=2"], None),
    "duplicated_fields": (["foo=1", "foo=1"], None), "duplicated_fields_other": (["foo=1", "foo=2"], None),
    "all_allowed": ([f"{KEY}={CHARS}"], f"{KEY}={CHARS}"),
    "all_allowed_vendor": ([f"{KEY}@a-z0-9_-*/={CHARS}"], f"{KEY}@a-z0-9_-*/={CHARS}"),
    "ows": (["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3"), "ows_2": (["foo=1\t \t,\t \tbar=2,\t \tbaz=3"], "foo=1,bar=2,baz=3"),
    "ows_before": ([" foo=1"], "foo=1"), "ows_tab_before": (["\tfoo=1"], "foo=1"), "ows_behind": (["foo=1 "], "foo=1"),
    "ows_tab_behind": (["foo=1\t"], "foo=1"), "ows_around": (["\t foo=1 \t"], "foo=1"),
    "key_illegal_blank": (["foo =1"], None), "key_illegal_case": (["FOO=1"], None), "key_illegal_dot": (["foo.bar=1"], None),
    "vendor_empty": (["foo@=1,bar=2"], None), "tenant_empty": (["@foo=1,bar=2"], None),
    "vendor_twice": (["foo@@bar=1,bar=2"], None), "vendor_three": (["foo@bar@baz=1,bar=2"], None),
    "32_members": (TENS, ",".join(TENS)), "33_members": ([*TENS, "bar33=33"], None),
    "key_256": (["foo=1", "z" * 256 + "=1"], "foo=1," + "z" * 256 + "=1"), "key_257": (["foo=1", "z" * 257 + "=1"], None),
    "tenant_241_vendor_14": (["foo=1", "t" * 241 + "@" + "v" * 14 + "=1"], "foo=1," + "t" * 241 + "@" + "v" * 14 + "=1"),
    "tenant_242": (["foo=1", "t" * 242 + "@v=1"], None), "vendor_15": (["foo=1", "t@" + "v" * 15 + "=1"], None),
    "value_illegal": (["foo=bar=baz"], None), "value_empty": (["foo=,bar=3"], None),
    "longer_than_512": (["foo=1", "big=" + "x" * 200, "last=" + "y" * 250, "more=" + "z" * 120], "foo=1,big=" + "x" * 200 + ",more=" + "z" * 120),
}


def test_without_a_trace_one_begins(port):
    heard = [hear(port) for _ in range(3)]
    assert len({parent for _, _, parent, _, _ in heard}) == len({trace for _, trace, *_ in heard}) == 3
    assert heard[0][3:] == ("00", None)


@pytest.mark.parametrize("case", CONTINUED)
def test_a_traceparent_is_continued(port, case):
    heard = [hear(port, ("traceparent", CONTINUED[case])) for _ in range(3)]
    assert {trace for _, trace, *_ in heard} == {TRACE}
    assert len({PARENT, *(parent for _, _, parent, *_ in heard)}) == 4
    assert {flags for *_, flags, _ in heard} == {"01" if "-01" in CONTINUED[case] else "00"}


@pytest.mark.parametrize("case", NOT_CONTINUED)
def test_what_is_no_traceparent_begins_a_trace_and_its_state_goes(port, case):
    heard = [hear(port, ("traceparent", NOT_CONTINUED[case]), ("tracestate", "foo=1")) for _ in range(3)]
    for _, trace, _, _, state in heard:
        assert trace not in NOT_CONTINUED[case] and trace[1:] not in NOT_CONTINUED[case] and state is None
    assert len({parent for _, _, parent, *_ in heard}) == 3


@pytest.mark.parametrize("name", ["TraceParent", "TrAcEpArEnT", "TRACEPARENT"])
def test_the_name_of_the_field_has_no_case(port, name):
    assert hear(port, (name, OURS))[1] == TRACE


@pytest.mark.parametrize("name", ["trace-parent", "trace.parent"])
def test_another_name_is_another_field(port, name):
    assert hear(port, (name, OURS))[1] != TRACE


def test_two_traceparents_are_none(port):
    for second in (OURS, OURS.replace(TRACE, TRACE[::-1])):
        _, trace, _, _, state = hear(port, ("traceparent", OURS), ("traceparent", second), ("tracestate", "foo=1"))
        assert trace not in (TRACE, TRACE[::-1]) and state is None


@pytest.mark.parametrize("case", STATES)
def test_tracestate(port, case):
    values, kept = STATES[case]
    _, trace, _, _, state = hear(port, ("traceparent", OURS), *(("tracestate", value) for value in values))
    assert trace == TRACE and state == kept


def test_a_tracestate_without_a_trace_is_dropped(port):
    assert hear(port, ("tracestate", "foo=1"))[4] is None
    assert hear(port, ("tracestate", "foo=1,bar=2"))[4] is None


@pytest.mark.parametrize("name, kept", [("TraceState", "foo=1"), ("TrAcEsTaTe", "foo=1"), ("TRACESTATE", "foo=1"),
                                        ("trace-state", None), ("trace.state", None)])
def test_the_name_of_the_tracestate(port, name, kept):
    assert hear(port, ("traceparent", OURS), (name, "foo=1"))[4] == kept
