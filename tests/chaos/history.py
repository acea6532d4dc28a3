"""What was acknowledged to whom: the only thing that the checker believes."""
import threading
import time


class History:
    def __init__(self, log):
        self.lock, self.begun, self.log_file = threading.Lock(), time.monotonic(), log
        self.runs = {}        # (api, sha, kind) -> the answer's (id, seq)
        self.created = {}     # (api, sha, kind) -> how many answers said 201
        self.tokens = {}      # id -> [secret, revoked]
        self.violations, self.counts = [], {}
        self.slowest = (0.0, "")

    def log(self, text):
        with self.lock:
            print(f"{time.monotonic() - self.begun:8.2f} {text}", file=self.log_file, flush=True)

    def violation(self, text):
        self.log(f"VIOLATION {text}")
        with self.lock:
            self.violations.append(text)

    def expect(self, true, text):
        """The checker's question: one more check, or one more violation."""
        self.count("checks")
        if not true:
            self.violation(text)

    def count(self, what, n=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + n

    def took(self, seconds, what):
        with self.lock:
            self.slowest = max(self.slowest, (seconds, what))

    def acknowledged(self, api, sha, kind, status, run):
        """A push was answered.  The same push must get the same run for ever, and be new once."""
        key, got = (api, sha, kind), (run["id"], run["seq"])
        with self.lock:
            before = self.runs.setdefault(key, got)
            self.created[key] = self.created.get(key, 0) + (status == 201)
            news = self.created[key]
        self.count("acknowledged")
        self.log(f"push {api} {sha} {kind} {status} seq {run['seq']} {run['id']}")
        if before != got:
            self.violation(f"{api} {sha} ({kind}) was run {before}, is now run {got}")
        if news > 1:
            self.violation(f"{api} {sha} ({kind}) was new {news} times")
