import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from cutter import Cutter  # noqa: E402
from receiver import Receiver  # noqa: E402
from stack import FIXTURES, Stack  # noqa: E402


@pytest.fixture(scope="session")
def stack():
    """One running product for all tests that only need their own api in it."""
    s = Stack(NOTIFY_SCHEDULE="0.2,0.2,0.2", PLUMB_DEFAULT_VISIBILITY="public")
    try:
        yield s.up()
    finally:
        s.close()


@pytest.fixture(scope="session")
def single():
    """One instance of everything, for tests that stop and cut what runs."""
    s = Stack(NOTIFY_SCHEDULE="0.2,0.2,0.2", PLUMB_DEFAULT_VISIBILITY="public", PLUMB_FEED_TRIES="3",
              PLUMB_LIMIT_RATE="10000", PLUMB_LIMIT_BURST="10000")
    try:
        yield s.up()
    finally:
        s.close()


@pytest.fixture(scope="module")
def cutter(single):
    """The way of `single` to its database, to be cut."""
    c = Cutter(single)
    try:
        yield c
    finally:
        c.close()


@pytest.fixture(scope="session")
def pair():
    """Two replicas of each service."""
    s = Stack(PLUMB_REPLICAS="2", PLUMB_HEAVY_QUEUE="64", NOTIFY_SCHEDULE="0.2,0.2,0.2", PLUMB_DEFAULT_VISIBILITY="public")
    try:
        yield s.up()
    finally:
        s.close()


@pytest.fixture
def receiver():
    """An HTTP server that keeps what it gets and answers as it is told."""
    r = Receiver()
    try:
        yield r
    finally:
        r.close()


@pytest.fixture(scope="session")
def fixtures():
    if not FIXTURES or not os.path.isdir(FIXTURES):
        pytest.skip("PLUMB_FIXTURES names no folder")
    return pathlib.Path(FIXTURES)
