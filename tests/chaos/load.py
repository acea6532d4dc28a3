"""Those who work while the killer does: pushers, a replay, somebody who makes and revokes tokens."""
import http.client
import json
import random
import threading
import time
import urllib.error

from stack import ROOT, document

TRIES = 5            # of one push, like `plumb push`; then the job is started anew
ANSWER_WITHIN = 60   # seconds; the longest deadline of the gateway and some air
TRY_AGAIN = (429, 502, 503, 504)
NO_ANSWER = (OSError, http.client.HTTPException, urllib.error.URLError)


def once(stack, history, method, path, body=None):
    """One attempt: an answer, or None if there was none."""
    begun = time.monotonic()
    try:
        answer = stack.http(method, path, body, timeout=ANSWER_WITHIN)
    except TimeoutError:
        history.violation(f"{method} {path}: no answer in {ANSWER_WITHIN} s")
        return None
    except NO_ANSWER as error:
        history.count("cut off")
        history.log(f"cut {method} {path} {error!r}")
        return None
    finally:
        history.took(time.monotonic() - begun, f"{method} {path}")
    history.count(str(answer.status))
    return answer


def persist(stack, history, method, path, body=None):
    """Ask as the command line does: five tries, Retry-After or 1, 2, 4, 8 s between them; then again."""
    attempt = 0
    while True:
        answer = once(stack, history, method, path, body)
        if answer is not None and answer.status not in TRY_AGAIN:
            return answer
        attempt += 1
        after = int((answer.headers.get("Retry-After") or 0)) if answer is not None else 0
        time.sleep(min(after or 2 ** ((attempt - 1) % TRIES), 30))


class Worker(threading.Thread):
    """Works until told to stop, and ends what it has begun."""
    def __init__(self, stack, history, seed, name):
        super().__init__(name=name, daemon=True)
        self.stack, self.history, self.dice, self.stopping = stack, history, random.Random(seed), threading.Event()

    def run(self):
        try:
            while not self.stopping.is_set():
                self.work()
                self.stopping.wait(self.dice.uniform(0.1, 1.2))
        except Exception as error:  # a dead worker must not look like a quiet one
            self.history.violation(f"{self.name} ended: {error!r}")


class Pusher(Worker):
    def __init__(self, stack, history, seed, name, api):
        super().__init__(stack, history, seed, name)
        self.api, self.pushed = api, []

    def push(self, sha, kind, body):
        reason = "&placeholder_reason=none" if kind == "placeholder" else ""
        answer = persist(self.stack, self.history, "POST", f"/api/v1/apis/{self.api}/runs?sha={sha}{reason}", body)
        if answer.status in (200, 201):
            self.history.acknowledged(self.api, sha, kind, answer.status, answer.json)
        else:
            self.history.violation(f"push {self.api} {sha}: {answer}")

    def work(self):
        chance = self.dice.random()
        if chance < 0.1 and self.pushed:  # an old one again: the same run
            self.push(*self.dice.choice(self.pushed))
            return
        n = len(self.pushed)
        sha = f"{self.dice.getrandbits(160):040x}"
        body = document(f"1.{n}.{self.dice.randrange(9)}", ("/a", "/b", "/c")[:self.dice.randint(1, 3)]).encode()
        if chance < 0.2:
            self.push(sha, "placeholder", None)
        self.push(sha, "document", body)  # after a placeholder: replaces it, a run of its own
        self.pushed.append((sha, "document", body))


class Replay(Worker):
    """`plumb replay`, which is started anew where it stopped, one api after the other."""
    def __init__(self, stack, history, seed, name):
        super().__init__(stack, history, seed, name)
        self.rounds = 0

    def work(self):
        api = f"replay-{self.rounds}"
        while True:
            done = self.stack.plumb("replay", ROOT / "examples" / "history", "--api", api, "--create",
                                    "--format", "json", code=None)
            for line in done.stdout.splitlines():
                run = json.loads(line)
                self.history.acknowledged(api, run["sha"], "replay", 201 if run.get("created") else 200, run)
            if done.returncode == 0:
                break
            self.history.log(f"replay {api} stopped: {done.stderr.strip()!r}")
            known = ("could not reach", ": 429", ": 502", ": 503", ": 504")
            if not any(word in done.stderr for word in known):
                self.history.violation(f"replay {api}: exit {done.returncode}: {done.stderr.strip()}")
                break
            time.sleep(1)
        self.rounds += 1
        self.history.count("replays")


class Tokens(Worker):
    """Tokens are never asked for twice (a secret is in the answer), so only what was answered counts."""
    def work(self):
        answer = once(self.stack, self.history, "POST", "/api/auth/tokens", {"name": "chaos", "scopes": ["runs:read"]})
        if answer is None or answer.status in TRY_AGAIN:
            return
        if answer.status != 201:
            self.history.violation(f"token: {answer}")
            return
        token = answer.json["token"]["id"]
        self.history.tokens[token] = [answer.json["secret"], False]
        if self.dice.random() < 0.5:
            answer = persist(self.stack, self.history, "DELETE", f"/api/auth/tokens/{token}")
            if answer.status not in (204, 404):
                self.history.violation(f"revoke {token}: {answer}")
            self.history.tokens[token][1] = True
        self.stopping.wait(1)
