"""Redis away, hung and killed, under an ordinary load: every request is answered, and the log says so once a turn."""
import os
import re
import signal

from stack import wait_for


def turns(stack):
    """What each line about Redis said: down, ok, down, ..."""
    lines = (stack.run_dir / "logs" / "api-gateway.log").read_text().splitlines()
    said = [re.search(r"\bstate=\"?(\w+)", line)[1] for line in lines if "dependency.changed" in line and "redis" in line]
    assert all(a != b for a, b in zip(said, said[1:])), f"said twice: {said}"
    return said


def ask(stack, times=1):
    assert all(stack.get("/api/v1/apis").status == 200 for _ in range(times))
    return True


def is_said(stack, state):
    wait_for(lambda: ask(stack) and turns(stack)[-1:] == [state], 60, f"the line that says {state}")
    return len(turns(stack))


def test_a_hung_redis_is_one_line_and_one_more_when_it_goes_on(stack):
    is_said(stack, "ok")
    redis = stack.pid("redis")
    os.kill(redis, signal.SIGSTOP)
    try:
        count = is_said(stack, "down")
        ask(stack, 50)
        assert len(turns(stack)) == count
    finally:
        os.kill(redis, signal.SIGCONT)
    assert is_said(stack, "ok") > count


def test_so_is_a_killed_one(stack):
    count = is_said(stack, "ok")
    os.kill(stack.pid("redis"), signal.SIGKILL)
    wait_for(lambda: ask(stack) and len(turns(stack)) > count + 1, 60, "both lines")
    is_said(stack, "ok")
