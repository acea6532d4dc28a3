"""Acceptance L: by what requests are counted, and that the strictest policy wins."""
import json

from fleet import Fleet

LIMITS = {"policies": [
    {"name": "client", "key": "address", "rate": 0.01, "burst": 4},
    {"name": "everybody", "key": "global", "rate": 0.01, "burst": 20},
    {"name": "contract", "key": "address", "rate": 0.01, "burst": 2, "routes": ["/openapi.json"]},
], "costs": {"/health": 3}}


def statuses(fleet, count, path="/", **headers):
    return [fleet.gateways[i % 2].get(path, {k.replace("_", "-"): v for k, v in headers.items()}).status
            for i in range(count)]


with Fleet(json.dumps(LIMITS), 2, env={"PLUMB_TRUSTED_PROXIES": "127.0.0.1"}) as fleet:
    assert statuses(fleet, 5, X_Forwarded_For="2001:db8:1:2::1") == [302] * 4 + [429]
    assert statuses(fleet, 1, X_Forwarded_For="2001:db8:1:2:ffff::9") == [429], "the same /64"
    assert statuses(fleet, 1, X_Forwarded_For="2001:db8:1:3::1") == [302], "another /64"
    assert statuses(fleet, 1, X_Forwarded_For="6.6.6.6, 2001:db8:1:2::7") == [429], "what the client wrote is not believed"
    assert statuses(fleet, 4, "/openapi.json", X_Forwarded_For="192.0.2.9") == [200] * 2 + [429] * 2, "the stricter class"
    assert statuses(fleet, 3, X_Forwarded_For="192.0.2.9") == [302] * 2 + [429], "what it refused was not charged elsewhere"
    bad = statuses(fleet, 6, "/api/v1/apis", X_Forwarded_For="192.0.2.10", Authorization="Bearer nonsense")
    assert bad[4:] == [429] * 2 and 429 not in bad[:4], f"bad tokens are limited by address: {bad}"
    left = [statuses(fleet, 1, X_Forwarded_For=f"198.51.100.{i}")[0] for i in range(12)]
    assert left.count(302) == 20 - 4 - 1 - 4 - 4, f"everybody together: {left}"
print("address (/64, behind a proxy), route class, everybody, the strictest wins, bad tokens are limited before auth")
