"""Running it: start, stop, state that survives, what dies comes back, taken ports, health."""
import os
import re
import signal
import socket
import stat

import pytest
from stack import Stack, document, wait_for

PROCESSES = {"postgres", "redis", "auth.1", "governance-engine.1", "artifact-publisher.1", "notifier.1", "api-gateway"}


@pytest.fixture(scope="module")
def own():
    s = Stack(PLUMB_DEFAULT_VISIBILITY="public")
    try:
        yield s.up()
    finally:
        s.close()


def test_status_names_each_process(own):
    shown = own.make("status").stdout
    for process in PROCESSES:
        line, = [line for line in shown.splitlines() if line.startswith(process + " ")]
        assert " ready " in line


def test_the_admin_token_is_for_its_owner_only(own):
    mode = stat.S_IMODE(os.stat(own.run_dir / "admin-token").st_mode)
    assert mode == 0o600


def test_a_service_that_is_killed_comes_back_and_nothing_is_lost(own):
    own.create_api("survivor")
    own.push("survivor", document(), "abcdef1")
    for process in ("governance-engine.1", "auth.1", "artifact-publisher.1", "notifier.1", "api-gateway"):
        old = own.pid(process)
        os.kill(old, signal.SIGKILL)
        wait_for(lambda: own.pid(process) not in (0, old), what=f"a new {process}")

    def answers():
        try:
            return own.get("/api/v1/apis/survivor/runs").status == 200
        except OSError:
            return False
    wait_for(answers, what="an answer after the kills")
    wait_for(lambda: all(own.state(process) == "ready" for process in PROCESSES), what="all of them")
    assert len(own.get("/api/v1/apis/survivor/runs").json["runs"]) == 1
    own.push("survivor", document("1.0.1"), "abcdef2")
    own.published("survivor", 2)


def test_postgres_that_is_killed_comes_back(own):
    old = own.pid("postgres")
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: own.pid("postgres") not in (0, old) and own.state("postgres") == "ready", what="a new postgres")
    own.plumb("push", "-", "--api", "survivor", "--sha", "abcdef3", stdin=document("1.0.2"))


def test_a_supervisor_that_is_killed_takes_all_with_it_and_comes_back(own):
    """Nobody is left who would hold a port or the database; what was acknowledged is there."""
    left = [own.pid(process) for process in PROCESSES]
    os.kill(int((own.run_dir / "supervisor.pid").read_text()), signal.SIGKILL)
    wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in left), 60, "the end of its processes")
    assert own.make("status", check=False).returncode == 3
    own.up()
    assert len(own.get("/api/v1/apis/survivor/runs").json["runs"]) == 3
    own.published("survivor", 3)


def test_state_survives_a_stop_and_a_reset_forgets(own):
    own.down()
    assert own.make("status", check=False).returncode == 3
    own.up()
    assert len(own.get("/api/v1/apis/survivor/runs").json["runs"]) == 3
    own.down()
    own.make("reset")
    assert not own.run_dir.exists()


def test_a_restored_stack_verifies_its_whole_chain():
    first, second = Stack(PLUMB_DEFAULT_VISIBILITY="public"), Stack()
    backup = first.dir / "backup.tar.gz"
    try:
        first.up()
        first.create_api("kept")
        for n in range(3):
            first.push("kept", document(f"1.0.{n}"), f"abcdef{n}")
        first.published("kept", 3)
        first.make("backup", str(backup))
        assert stat.S_IMODE(os.stat(backup).st_mode) == 0o600
        second.make("restore", str(backup))
        second.up()
        assert second.token == first.token
        out = second.dir / "kept"
        second.plumb("artifacts", "pull", "--api", "kept", "--out", out)
        done = second.plumb("verify", "--checksums", out / "checksums.json", "--signature",
                            out / "checksums-signature.json", "--dir", out, "--chain")
        assert "3 sets form one chain" in done.stderr
        second.push("kept", document("1.0.3"), "abcdef3")
        second.published("kept", 4)
        assert second.make("restore", str(backup), check=False).returncode != 0
    finally:
        first.close()
        second.close()


def test_a_taken_port_is_named():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        other = Stack()
        other.env["PORT"] = str(port)
        try:
            done = other.make("up", "--detach", check=False)
            assert done.returncode != 0 and str(port) in done.stderr
        finally:
            other.close()


def test_health_names_the_dependencies_and_metrics_are_public_here(stack):
    health = stack.get("/health", token=None).json
    text = str(health)
    for service in ("auth", "governance-engine", "artifact-publisher", "notifier"):
        assert service in text
    assert stack.get("/health/liveness", token=None).status == 200
    assert stack.get("/health/readiness", token=None).status == 200
    metrics = stack.get("/metrics", token=None).body.decode()
    assert "governance_runs_total" in metrics and "app_request" in metrics
    families = [line.split()[2] for line in metrics.splitlines() if line.startswith("# TYPE ")]
    assert len(families) == len(set(families)), "a family is printed twice"


def test_the_contract_is_served_and_describes_every_operation(stack):
    contract = stack.get("/openapi.json", token=None).json
    assert contract["openapi"].startswith("3.1") and "/api/v1/apis/{api}/runs" in contract["paths"]


def test_every_protected_operation_refuses_a_caller_without_a_token(stack):
    contract = stack.get("/openapi.json", token=None).json
    asked = 0
    for path, item in contract["paths"].items():
        for method, operation in item.items():
            if method == "parameters" or operation.get("x-scope") == "none":
                continue
            concrete = re.sub(r"\{[^}]+\}", "x", path)
            answer = stack.http(method.upper(), concrete, token=None)
            assert answer.status == 401, (method, path, answer)
            asked += 1
    assert asked > 20
