"""The status page in a real browser: nothing is refused by its own policy, both schemes are painted."""
import shutil
import subprocess

import pytest
from stack import document

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--enable-logging=stderr"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        pytest.skip("chromium is not installed")

    def run(*flags, url):
        profile = tmp_path_factory.mktemp("profile")
        done = subprocess.run([program, *FLAGS, f"--user-data-dir={profile}", *map(str, flags), url],
                              capture_output=True, timeout=120)
        return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    return run


@pytest.fixture(scope="module")
def page(stack):
    stack.create_api("browser", title="Browser & co")
    stack.push("browser", document("1.0.0", ("/a", "/b")), "1111111a")
    stack.push("browser", document("1.0.1", ("/a",)), "1111111b")
    stack.published("browser", 2)
    return f"{stack.url}/status/browser/"


def test_the_page_shows_verdict_findings_and_artifacts(browser, page):
    dom, said = browser("--dump-dom", url=page)
    for text in ("Breaking", "Browser &amp; co", "/b", "operation-removed", "checksums.json", "1111111b"):
        assert text in dom, text
    assert "Refused to" not in said and "Content Security Policy" not in said, said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_painted_in_both_colour_schemes(browser, page, tmp_path, scheme):
    picture = tmp_path / f"{scheme}.png"
    flags = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    _, said = browser(*flags, "--window-size=900,1600", f"--screenshot={picture}", url=page)
    assert picture.stat().st_size > 40_000, "a page without its styles is a smaller picture"
    assert "Refused to" not in said
