"""Hostile bytes, sent raw: what two readers could understand differently is refused, its connection closed, and no
request that hides in another one is ever answered."""
import re
import shutil
import socket
import subprocess
import time

import pytest

from smuggling import GET, POST, REFUSED, TAKEN

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
# libmicrohttpd 0.9.75 sends its header block twice when it refuses a Content-Length by itself
TWICE = re.compile(rb"(HTTP/1\.1 4\d\d [^\r]*\r\n(?:[^\r\n]+\r\n)*\r\n)\1")


def connect(stack):
    s = socket.create_connection(("127.0.0.1", stack.port), timeout=8)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def talk(stack, parts):
    """Send these pieces; everything that comes back until the connection is closed."""
    answer = b""
    with connect(stack) as s:
        try:
            for part in parts:
                s.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass  # closed before it had everything
        try:
            while got := s.recv(65536):
                answer += got
        except ConnectionResetError:
            pass  # closed with bytes of ours unread
    return answer


def check(answer, right, before=0):
    statuses = [int(s) for s in STATUS.findall(TWICE.sub(rb"\1", answer))]
    assert b"smuggled" not in answer, answer
    assert statuses[:before] == [200] * before, answer
    assert len(statuses) == before + 1 and statuses[-1] in right, answer[:2000]


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_and_the_connection_closed(stack, case):
    data, right = REFUSED[case]
    check(talk(stack, [data]), right)


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_behind_a_good_request(stack, case):
    data, right = REFUSED[case]
    check(talk(stack, [GET + b"\r\n" + data]), right, before=1)


@pytest.mark.parametrize("case", [c for c in REFUSED if len(REFUSED[c][0]) < 1000])
def test_it_is_refused_byte_by_byte(stack, case):
    data, right = REFUSED[case]
    check(talk(stack, [data[i:i + 1] for i in range(len(data))]), right)


@pytest.mark.parametrize("case", TAKEN)
def test_it_is_understood_in_one_way(stack, case):
    data, right = TAKEN[case]
    check(talk(stack, [data]), right)
    check(talk(stack, [data[i:i + 1] for i in range(len(data))]), right)


def test_a_request_in_two_pieces_is_one_wherever_it_is_cut(stack):
    data = (POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-T: u\r\n\r\n")
    for at in range(1, len(data)):
        check(talk(stack, [data[:at], data[at:]]), {405})


def ordinary(stack):
    begun = time.monotonic()
    assert stack.get("/health/liveness", token=None, timeout=5).status == 200
    return time.monotonic() - begun


@pytest.mark.skipif(not shutil.which("slowhttptest"), reason="slowhttptest is not installed")
@pytest.mark.parametrize("attack", [["-H"], ["-B"]])
def test_slow_attackers_do_not_keep_others_out(stack, attack):
    tool = subprocess.Popen(["slowhttptest", *attack, "-c", "95", "-r", "95", "-i", "2", "-x", "24", "-l", "45", "-p",
                             "2", "-u", stack.url + "/openapi.json"], stdout=subprocess.PIPE, text=True)
    try:
        slowest = 0
        while tool.poll() is None:
            slowest = max(slowest, ordinary(stack))
            time.sleep(0.2)
        said = tool.stdout.read()
    finally:
        tool.kill()
        tool.wait()
    print(f"slowest ordinary request: {slowest * 1000:.0f} ms")
    said = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", said)
    assert re.search(r"service available:\s*YES", said) and not re.search(r"service available:\s*NO", said), said
    assert "No open connections left" in said, said[-1000:]
