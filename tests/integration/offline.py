"""Runs `plumb` on files, without the product behind it."""
import os
import subprocess

from stack import BIN


def plumb(*args, code=0, stdin=None, cwd=None, **env):
    """What `plumb ARGS` printed (complaints, if nothing else); fails unless the exit status is ${code} (None: any)."""
    done = subprocess.run([BIN / "plumb", *map(str, args)], input=stdin, cwd=cwd, text=True,
                          capture_output=True, env={**os.environ, "NO_COLOR": "1", **env})
    assert code is None or done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stdout or done.stderr
