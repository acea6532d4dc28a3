"""Metrics by the names that the requirements give, with exactly their labels, on a running product (area I, A, C, D, B)."""
import re

import pytest

from stack import wait_for

# name as it is exposed, its labels
NAMES = {
    "app_requests_total_by_route": "method route status",                    # I-07
    "app_request_duration_seconds_by_route_bucket": "le method route status",
    "app_request_duration_seconds_bucket": "le",                             # I-08
    "auth_login_total": "reason result",
    "auth_refresh_total": "reason result",
    "auth_sessions_active": "",                                              # I-09
    "bridge_inputs_total": "",                                               # C-07 to C-10
    "bridge_experiments_total": "",
    "bridge_inputs_by_status": "status",
    "bridge_inputs_by_owner": "owner",
    "internal_service_latency_seconds_bucket": "le service success",         # D-10 to D-13, D-20
    "internal_service_latency_last_ms": "service",
    "internal_service_latency_class": "service",
    "internal_service_latency_attempts_total": "service",
    "internal_service_latency_ok_total": "service",
    "internal_service_latency_targets": "source",
    "plumb_db_connections": "",                                              # I-11
    "gateway_cache_total": "result route",                                   # B-33
    "plumb_dependency_up": "dependency",                                     # B-05
    "gateway_limit_decisions_total": "policy result",                        # B-06
}


def series(stack):
    """Name -> the sets of labels that it has."""
    out = {}
    for line in stack.get("/metrics").body.decode().splitlines():
        found = re.match(r"([a-z_0-9]+)(?:\{(.*)\})? [-+0-9.eINa]+$", line)
        if found:
            out.setdefault(found[1], set()).add(" ".join(sorted(re.findall(r'(\w+)="', found[2] or ""))))
    return out


@pytest.fixture(scope="module")
def used(stack):
    """Something of everything was done."""
    password = (stack.run_dir / "admin-password").read_text().strip()
    tokens = stack.http("POST", "/api/auth/login", {"login": "admin", "password": password}, token=None).json
    assert stack.http("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}, token=None).status == 200
    answer = stack.http("POST", "/api/bridge/inputs", {"title": "Named", "problem": "It is slow.", "impact": 5})
    assert answer.status == 201, answer
    answer = stack.http("POST", "/admin/latency-targets", {"targets": f"named:{stack.url}/health/liveness"})
    assert answer.status == 200, answer
    assert stack.get("/api/achievements").status == 200
    return stack


@pytest.mark.parametrize("name", NAMES)
def test_the_name_is_there_with_exactly_its_labels(used, name):
    assert wait_for(lambda: series(used).get(name), what=name) == {NAMES[name]}
