#!/usr/bin/python3
"""usage: limited.py [--rounds N] [--seconds S]

What a gateway is for: a token, a limit that all gateways share in Redis, validation and a Call, against nginx with Lua and Redis
doing the same (an HS256 token, a limit, proxy_pass) and against nginx that only proxies.  CPU time per request of all processes that
serve it, Redis included; interleaved, as in gateway.py.  Ours also writes a line of log for each request; nginx does not.
"""
import argparse
import base64
import hashlib
import hmac
import json
import os
import pathlib
import subprocess

from gateway import HEADERS, Nginx, Ours, contract, fetch, load
from measure import BIN, Programs, median, report, spread

KEY = b"bench-key-bench-key-bench-key-32"


def token():
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")
    signed = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(
        {"sub": "bench", "exp": 4000000000, "scope": "runs:read"}, separators=(",", ":")).encode())
    return (signed + b"." + part(hmac.new(KEY, signed, hashlib.sha256).digest())).decode()


def start_redis(programs, name):
    path = programs.dir / f"{name}.sock"
    return path, programs.start("redis-server", "--port", "0", "--unixsocket", path, "--save", "", cpu=0, log="redis.log")


class Lua(Nginx):
    """nginx with Lua and Redis in front of nginx."""
    CONF = ("load_module /usr/lib/nginx/modules/ndk_http_module.so;\n"
            "load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;\n" + Nginx.CONF)

    def __init__(self, programs, body):
        self.redis, server = start_redis(programs, "lua")
        super().__init__(programs, "tcp", body)
        self.name, self.headers = "nginx + Lua + Redis", (*HEADERS, "-H", f"Authorization: Bearer {token()}")
        self.servers.append(server)

    def start(self, programs, name, listen, upstream, location):
        if name.endswith("front"):
            here = pathlib.Path(__file__).parent
            script = (here / "limited.lua").read_text().split("[[\n", 2)[2].split("]]")[0]
            location = (f"set $redis_socket {self.redis}; set $script {hashlib.sha1(script.encode()).hexdigest()}; "
                        f"access_by_lua_file {here}/limited.lua; {location}")
        return super().start(programs, f"lua-{name}", listen, upstream, location)


def ours(programs, name, rate, burst):
    path, server = start_redis(programs, name.split()[0])
    limits = programs.dir / f"{server.pid}.yaml"
    limits.write_text(json.dumps({"policies": [{"name": "client", "rate": rate, "burst": burst}]}))
    os.environ.update(PLUMB_REDIS=f"unix:{path}", PLUMB_LIMITS=str(limits))
    side = Ours(programs, "tcp", "CURVE", full=True)
    side.name = f"ours: tcp, CURVE, token, {name}"
    side.servers.append(server)
    return side


def measure(options):
    with Programs() as programs:
        subprocess.run([BIN / "plumb", "keys", "bus", "--dir", programs.dir / "keys"], check=True, capture_output=True)
        contract(programs)
        # a bucket too small for tokens in advance (below 10 ms) asks Redis each time
        sides = [ours(programs, "leases from Redis", 100000, 1000000), ours(programs, "Redis each time", 100000, 3900)]
        body = fetch(programs, sides[0].port).replace("'", "\\'")
        sides = [Nginx(programs, "unix", body), Lua(programs, body), *sides]
        for side in sides:
            load(side, 1)
        results = {side.name: [] for side in sides}
        for _ in range(options.rounds):
            for side in sides:
                results[side.name].append(load(side, options.seconds))
                print(".", end="", flush=True)
    return results


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=3)
    options = options.parse_args()
    results = measure(options)
    base = [r["cpu_us"] for r in results["nginx + Lua + Redis"]]
    rows = []
    for name, runs in results.items():
        cpu = [r["cpu_us"] for r in runs]
        rows.append((name, f"{spread([c / b for c, b in zip(cpu, base)])} of nginx + Lua + Redis; CPU µs/request {spread(cpu, 1)}; "
                     f"{median([r['requests_per_s'] for r in runs]):.0f}/s, p99 {median([r['p99_ms'] for r in runs]):.1f} ms"))
    report("limited", f"wrk -t1 -c64, GET of a small JSON; medians of {options.rounds} interleaved rounds of {options.seconds} s", rows,
           results)


if __name__ == "__main__":
    main()
