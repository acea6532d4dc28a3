"""Acceptance K: what a client is told parses, and holds together."""
import json
import re

from fleet import Fleet, policy

ITEM = r'"[a-z0-9-]+"(;[a-z]+=\d+)+'
LIST = re.compile(rf"^{ITEM}(, {ITEM})*$")

with Fleet(policy(2, 10), 2) as fleet:
    last = None
    for i in range(13):
        answer = fleet.gateways[i % 2].get()
        said, policies = answer.headers["RateLimit"], answer.headers["RateLimit-Policy"]
        assert LIST.match(said) and LIST.match(policies), (said, policies)
        assert policies == '"client";q=10;w=5', policies
        rest, wait = int(re.search(r"r=(\d+)", said).group(1)), int(re.search(r"t=(\d+)", said).group(1))
        assert last is None or rest <= last, "more is left than before, and no time passed"
        if answer.status == 429:
            assert last == 0 and rest == 0, "refused while something was left"
            assert wait <= int(answer.headers["Retry-After"])
            problem = json.loads(answer.read())
            assert problem["type"].endswith("#quota-exceeded") and problem["violated-policies"] == ["client"]
            assert answer.headers["Content-Type"] == "application/problem+json"
            break
        last = rest
    else:
        raise AssertionError("nobody was refused")
print("13 requests over 2 gateways: fields parse, r falls to 0 before the first 429, t <= Retry-After, quota-exceeded")
