"""The whole product as the tests start it, from the release build."""
import contextlib
import os
import pathlib
import sys

os.environ["PLUMB_PRESET"] = "release"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "integration"))
from stack import Stack  # noqa: E402


@contextlib.contextmanager
def release(**settings):
    stack = Stack(**settings)
    try:
        yield stack
    finally:
        stack.close()
