"""A share of `tests/witness/metamorphic.py`, the same each time: rewritings of real documents, and ways over a document
between, are silent."""
import os
import subprocess
import sys

import pytest
from stack import BIN, ROOT


@pytest.mark.skipif(not os.environ.get("PLUMB_FIXTURES"), reason="PLUMB_FIXTURES is not set")
def test_rewritings_of_real_documents_are_silent():
    done = subprocess.run([sys.executable, ROOT / "tests" / "witness" / "metamorphic.py", BIN / "plumb", "--largest", "300000",
                           "--share", "80"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
