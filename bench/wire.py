#!/usr/bin/python3
"""usage: wire.py [--idle N] [--attackers N]

What clients that mean no good cost the others: an ordinary request while slow ones hold their connections, until the last of
them is cut; the gateway's memory with many idle connections.
"""
import argparse
import http.client
import resource
import selectors
import socket
import time

import stacks
from measure import median, memory, report

HEAD = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n"
# what each attacker sends first, and then again and again
ATTACKS = {"headers": (HEAD, b"X: y\r\n"),
           "bodies": (b"PUT /api/v1/apis/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n", b" "),
           "readers": ((HEAD + b"\r\n") * 20, b"")}  # 600 kB each


def ordinary(port):
    begun = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/health/liveness")
    assert connection.getresponse().status == 200
    connection.close()
    return (time.monotonic() - begun) * 1000


def attacker(port, first):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(("127.0.0.1", port))
    s.setblocking(False)
    try:
        s.send(first)
    except OSError:
        pass
    return s


def is_cut(s, more):
    """Reads nothing: what is asked of a slow reader too."""
    try:
        return s.send(more) < 0 if more else bool(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)) or s.send(b"G") < 0
    except BlockingIOError:
        return False
    except OSError:
        return True


def attack(port, count, name, seconds):
    """Milliseconds of ordinary requests until all attackers are cut; and how long that took."""
    first, more = ATTACKS[name]
    slow = [attacker(port, first) for _ in range(count)]
    begun, took = time.monotonic(), []
    due = begun
    while slow and time.monotonic() < begun + seconds:
        took.append(ordinary(port))
        if time.monotonic() >= due:
            due = time.monotonic() + 0.5
            for s in [s for s in slow if is_cut(s, more)]:
                s.close()
                slow.remove(s)
        time.sleep(0.01)
    left = len(slow)
    for s in slow:
        s.close()
    return took, time.monotonic() - begun, left


def idle(port, count):
    """That many connections, each with one request behind it."""
    found = []
    for _ in range(count):
        s = socket.create_connection(("127.0.0.1", port), timeout=20)
        s.sendall(b"GET /health/liveness HTTP/1.1\r\nHost: a\r\n\r\n")
        found.append(s)
    with selectors.DefaultSelector() as waiting:
        for s in found:
            waiting.register(s, selectors.EVENT_READ)
        while waiting.get_map():
            for key, _ in waiting.select(20):
                assert key.fileobj.recv(4096).startswith(b"HTTP/1.1 200")
                waiting.unregister(key.fileobj)
    return found


def quantiles(took):
    ordered = sorted(took)
    return f"median {median(took):.1f}, p99 {ordered[len(ordered) * 99 // 100]:.1f}, slowest {ordered[-1]:.1f} of {len(took)}"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--idle", type=int, default=10000)
    options.add_argument("--attackers", type=int, default=200)
    options = options.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows, result = [], {}
    with stacks.release(PLUMB_CONNECTIONS=str(options.idle + 500), PLUMB_CONNECTIONS_PER_ADDRESS="0", PLUMB_LIMIT_RATE="0",
                        PLUMB_HEADER_TIMEOUT_MS="4000", PLUMB_RATE_WINDOW_MS="4000", PLUMB_IDLE_SECONDS="300") as stack:
        stack.up()
        result["nobody"] = [ordinary(stack.port) for _ in range(300)]
        rows.append(("ordinary request, ms, nobody else", quantiles(result["nobody"])))
        for name in ATTACKS:
            took, seconds, left = attack(stack.port, options.attackers, name, 60)
            result[name] = {"ms": took, "seconds": seconds, "left": left}
            rows.append((f"ordinary request, ms, {options.attackers} slow {name}",
                         f"{quantiles(took)}; {left} of them left after {seconds:.1f} s"))
        gateway = stack.pid("api-gateway")
        before = memory(gateway)["rss"]
        connections = idle(stack.port, options.idle)
        after = memory(gateway)["rss"]
        took = [ordinary(stack.port) for _ in range(300)]
        result["idle"] = {"count": len(connections), "rss_before": before, "rss_after": after, "ms": took}
        rows.append((f"MB resident, {len(connections)} idle connections", f"{after:.1f} (before: {before:.1f})"))
        rows.append(("ordinary request, ms, meanwhile", quantiles(took)))
    report("wire", "release build, loopback, no limit of rate; header time and rate window 4 s", rows, result)


if __name__ == "__main__":
    main()
