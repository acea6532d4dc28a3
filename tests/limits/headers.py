"""Acceptance K: what a client is told parses, by npm's structured-headers, and holds together."""
import json
import pathlib
import subprocess

from fleet import Fleet, policy

HERE = pathlib.Path(__file__).parent


def parse(values):
    """Each a list of (name, {parameter: value})."""
    if not (HERE / "node_modules" / "structured-headers").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    done = subprocess.run(["node", HERE / "fields.mjs"], input=json.dumps(values), capture_output=True, text=True)
    assert done.returncode == 0, f"a field does not parse: {done.stderr[-500:]}"
    return json.loads(done.stdout)


def until_refused(fleet):
    """Answers of both gateways in turn until one is 429: (status, headers, body)."""
    for i in range(13):
        answer = fleet.gateways[i % 2].get()
        yield answer.status, answer.headers, answer.read()
        if answer.status == 429:
            return


with Fleet(policy(2, 10), 2) as fleet:
    answers = list(until_refused(fleet))
fields = parse([h[name] for _, h, _ in answers for name in ("RateLimit", "RateLimit-Policy")])
last = None
for (status, headers, body), ((name, said),), ((policy_name, told),) in zip(answers, fields[::2], fields[1::2]):
    assert name == policy_name == "client" and told == {"q": 10, "w": 5}, (name, policy_name, told)
    assert set(said) == {"r", "t"} and all(isinstance(v, int) and v >= 0 for v in said.values()), said
    assert last is None or said["r"] <= last, "more is left than before, and no time passed"
    if status == 429:
        assert last == 0 and said["r"] == 0, "refused while something was left"
        assert said["t"] <= int(headers["Retry-After"])
        problem = json.loads(body)
        assert problem["type"].endswith("#quota-exceeded") and problem["violated-policies"] == ["client"]
        assert headers["Content-Type"] == "application/problem+json"
    last = said["r"]
assert answers[-1][0] == 429, "nobody was refused"
print(f"{len(answers)} requests over 2 gateways: fields parse by structured-headers, r falls to 0 before the first 429, "
      "t <= Retry-After, quota-exceeded")
