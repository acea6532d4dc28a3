"""The judge: what must be true afterwards, asked of the database, the public doors and the receiver."""
import gzip
import hashlib
import json
import time

from database import SCHEMAS, Database

ARTIFACTS = {"stability-metrics.json", "governance-summary.json", "operations-classification.json",
             "semver-validation.json", "milestone-summary.json", "checksums.json", "index.html", "openapi.json",
             "stability-history.jsonl", "checksums-signature.json", "checksums-pubkey.txt", "checksums-badge.json",
             "payload-version-badge.json", "placeholder-streak-badge.json", "governance-summary-badge.json",
             "governance-combined-badge.json", "stability-badge.json", "milestone-badge.json"}
REVOKED_WITHIN = 40  # seconds; a gateway believes a token for 30 (RULINGS 28)


class Checker:
    def __init__(self, stack, history, receiver):
        self.stack, self.history, self.receiver = stack, history, receiver
        self.db, self.expect = Database(stack), history.expect

    # ---- until nothing moves any more ----

    def unfinished(self):
        """What there is still to do, in words; [] when all is at rest."""
        found = []
        for line in (self.stack.run_dir / "status").read_text().splitlines():
            name, state = line.split("\t")[:2]
            if state not in ("ready", "done"):
                found.append(f"{name} is {state}")
        questions = [("jobs", "SELECT count(*) FROM publisher.job WHERE state = 'due'"),
                     ("deliveries", "SELECT count(*) FROM notifier.deliveries "
                                    "WHERE state IN ('pending', 'sending', 'retry')")]
        for schema in SCHEMAS.values():
            questions.append((f"unnumbered events of {schema}", f"SELECT count(*) FROM {schema}.outbox_unnumbered"))
            for source, other in SCHEMAS.items():
                questions.append((f"events of {source} unread by {schema}",
                                  f"SELECT coalesce(sum(h.position - c.position), 0) FROM {schema}.feed_cursor c, "
                                  f"{other}.feed_head h WHERE c.source = '{source}'"))
            questions.append((f"events unacknowledged to {schema}",
                              f"SELECT coalesce(sum(h.position - c.acked), 0) FROM {schema}.feed_consumer c, "
                              f"{schema}.feed_head h"))
        answers = self.db.try_rows(*[sql for _, sql in questions])
        if answers is None:
            return found + ["the database is away"]
        return found + [f"{rows[0][0]} {what}" for (what, _), rows in zip(questions, answers) if rows[0][0]]

    def settle(self, seconds):
        """Wait as long as there is less and less to do; so many seconds without getting on are too many."""
        begun = went_on = time.monotonic()
        left, least = ["?"], float("inf")
        while left and time.monotonic() - went_on < seconds:
            time.sleep(0.5)
            left = self.unfinished()
            self.history.log(f"still: {'; '.join(left)}")
            much = sum(int(what.split()[0]) for what in left if what[0].isdigit())
            if much < least and "the database is away" not in left:
                least, went_on = much, time.monotonic()
        self.expect(not left, f"not at rest, and nothing done for {seconds} s: {'; '.join(left)}")
        return time.monotonic() - begun

    # ---- the questions ----

    def runs(self):
        """Each acknowledged run is there, as it was acknowledged; nothing else is; numbers have no gap."""
        stored = {}
        for api, seq, run, sha, placeholder in self.db.rows(
                "SELECT api, seq, id, sha, placeholder FROM governance.run ORDER BY api, seq"):
            stored.setdefault(api, []).append((seq, run, sha, placeholder))
        for (api, sha, kind), (run, seq) in self.history.runs.items():
            self.expect(any(row[:3] == (seq, run, sha) for row in stored.get(api, [])),
                        f"{api} {sha} ({kind}): acknowledged run {run}, number {seq}, is missing")
        for api, rows in stored.items():
            self.expect([row[0] for row in rows] == list(range(1, len(rows) + 1)), f"{api}: run numbers have gaps")
            keys = [(row[2], row[3]) for row in rows]
            self.expect(len(keys) == len(set(keys)), f"{api}: a push was recorded twice")
            shown = self.stack.plumb_json("runs", "list", "--api", api, "--limit", "0")["runs"]
            self.expect([(r["seq"], r["id"]) for r in reversed(shown)] == [row[:2] for row in rows],
                        f"{api}: the list of runs is not what is stored")
            known = {run for (a, _, _), (run, _) in self.history.runs.items() if a == api}
            self.expect({row[1] for row in rows} == known, f"{api}: runs that nobody was told of")
        self.history.count("runs", sum(map(len, stored.values())))
        self.apis = sorted(stored)

    def events(self):
        """Each outbox row has one position; each run one event, in the order of the runs."""
        for schema in SCHEMAS.values():
            for what, sql in (("events without a position", "NOT EXISTS (SELECT FROM {0}.feed f WHERE f.outbox_id = o.id)"),
                              ("events with two positions", "(SELECT count(*) FROM {0}.feed f "
                                                            "WHERE f.outbox_id = o.id) > 1")):
                n = self.db.one(f"SELECT count(*) FROM {schema}.outbox o WHERE " + sql.format(schema))
                self.expect(n == 0, f"{schema}: {n} {what}")
            head, rows = self.db.rows(f"SELECT (SELECT position - retired FROM {schema}.feed_head), "
                                      f"(SELECT count(*) FROM {schema}.feed)")[0]
            self.expect(head == rows, f"{schema}: {rows} positions, but the head says {head}")
            letters = self.db.rows(f"SELECT source, position, type, reason FROM {schema}.dead_letter")
            self.expect(not letters, f"{schema}: dead letters {letters[:5]}")
            self.history.count("events", rows)
        order = self.db.rows(
            "SELECT r.api, array_agg(r.seq ORDER BY f.position) FROM governance.outbox o "
            "JOIN governance.feed f ON f.outbox_id = o.id JOIN governance.run r ON r.api = o.aggregateid "
            "AND position(convert_to(r.id, 'UTF8') IN o.payload) > 0 "
            "WHERE o.type = 'governance.run.completed' GROUP BY r.api")
        self.expect(len(order) == len(self.apis), "an api without events")
        for api, numbers in order:
            self.expect(numbers == list(range(1, len(numbers) + 1)), f"{api}: events of runs in the order {numbers}")
            runs = self.db.one(f"SELECT count(*) FROM governance.run WHERE api = '{api}'")
            self.expect(len(numbers) == runs, f"{api}: {len(numbers)} events for {runs} runs")

    def artifacts(self):
        """A whole set for each run, its bytes as their hashes say, one chain."""
        sets = {(api, seq): set(paths) for api, seq, paths in self.db.rows(
            "SELECT s.api, s.seq, array_agg(a.path) FROM publisher.artifact_set s "
            "JOIN publisher.artifact a USING (api, seq) GROUP BY 1, 2")}
        for api, seq, run in self.db.rows("SELECT r.api, r.seq, s.run FROM governance.run r "
                                          "LEFT JOIN publisher.artifact_set s ON s.run = r.id"):
            self.expect(run is not None and ARTIFACTS <= sets.get((api, seq), set()),
                        f"{api} run {seq}: artifacts missing: {ARTIFACTS - sets.get((api, seq), set())}")
        n = self.db.one("SELECT count(*) FROM publisher.artifact a LEFT JOIN publisher.blob b USING (sha256) "
                        "WHERE NOT a.lines AND b.sha256 IS NULL")
        self.expect(n == 0, f"{n} artifacts without their bytes")
        for digest, size, packed in self.db.rows("SELECT sha256, size, gzip FROM publisher.blob"):
            plain = gzip.decompress(bytes(packed))
            self.expect(len(plain) == size and hashlib.sha256(plain).hexdigest() == digest, f"blob {digest} is not itself")
        told = self.db.one("SELECT count(*) FROM publisher.outbox WHERE type = 'artifacts.published'")
        self.expect(told == len(sets), f"{told} artifacts.published for {len(sets)} sets")
        waiting = self.db.rows("SELECT api, seq, last_error FROM publisher.job")
        self.expect(not waiting, f"jobs left: {waiting[:3]}")

    def chains(self):
        for api in self.apis:
            last = self.db.one(f"SELECT max(seq) FROM governance.run WHERE api = '{api}'")
            current = self.stack.get(f"/api/v1/apis/{api}/artifacts").json
            self.expect(current.get("seq") == last, f"{api}: set {current.get('seq')} is shown, {last} is the last")
            out = self.stack.dir / f"pulled-{api}"
            done = self.stack.plumb("artifacts", "pull", "--api", api, "--out", out, code=None)
            self.expect(done.returncode == 0, f"{api}: plumb artifacts pull: {done.stderr}")
            done = self.stack.plumb("verify", "--checksums", out / "checksums.json", "--signature",
                                    out / "checksums-signature.json", "--dir", out, "--chain", code=None)
            self.expect(done.returncode == 0 and f"{last} sets form one chain" in done.stderr,
                        f"{api}: plumb verify --chain: {done.stdout}{done.stderr}")

    def notices(self, endpoint):
        """Each run with a reason was told of at least once, under one id."""
        wanted = {run for run, in self.db.rows("SELECT id FROM governance.run WHERE cardinality(reasons) > 0 AND NOT preview")}
        ids = {}
        for _, headers, body in self.receiver.got():
            ids.setdefault(json.loads(body)["run"], set()).add(headers["webhook-id"])
        self.history.count("requests", len(self.receiver.got()))
        self.history.count("notices", len(wanted))
        for run in wanted:
            self.expect(len(ids.get(run, ())) == 1, f"the notice of run {run} came under the ids {ids.get(run)}")
        self.expect(set(ids) <= wanted, f"notices of no reason: {set(ids) - wanted}")
        rows = self.db.rows(f"SELECT run, state, last_error FROM notifier.deliveries WHERE endpoint = '{endpoint}'")
        self.expect(sorted(r[0] for r in rows) == sorted(wanted), "deliveries are not one for each notice")
        for run, state, error in rows:
            self.expect(state == "delivered", f"the notice of run {run} is {state}: {error}")
        told = self.db.rows("SELECT type, count(*) FROM notifier.outbox GROUP BY type")
        self.expect(dict(told) == ({"notification.delivered": len(wanted)} if wanted else {}), f"notifier told {told}")
        lost = self.db.one("SELECT count(*) FROM publisher.artifact_set s WHERE NOT EXISTS "
                           "(SELECT FROM notifier.published_runs p WHERE p.run = s.run)")
        self.expect(lost == 0, f"the notifier did not hear of {lost} sets")

    def tokens(self):
        until = time.monotonic() + REVOKED_WITHIN
        for token, (secret, revoked) in self.history.tokens.items():
            status = self.stack.get("/api/v1/apis", token=secret).status
            while status != (401 if revoked else 200) and time.monotonic() < until:
                time.sleep(0.5)
                status = self.stack.get("/api/v1/apis", token=secret).status
            self.expect(status == (401 if revoked else 200),
                        f"token {token}, {'revoked' if revoked else 'made'}: {status}")

    def all(self, endpoint):
        self.runs()
        self.events()
        self.artifacts()
        self.chains()
        self.notices(endpoint)
        self.tokens()
        self.db.close()
