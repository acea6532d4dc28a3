"""Looks at the feeds again and again: what was once so must stay so (RULINGS 36, 37)."""
import threading

from database import SCHEMAS, Database

EVERY = 0.3     # seconds
WHOLE_EVERY = 10  # samples: then each position is compared, not only the new ones


class Sampler(threading.Thread):
    def __init__(self, stack, history):
        super().__init__(name="sampler", daemon=True)
        self.db, self.history, self.end = Database(stack), history, threading.Event()
        self.seen = {schema: {} for schema in SCHEMAS.values()}  # position -> event
        self.high = {}                                           # what only moves up
        self.samples = self.taken = 0

    def grows(self, key, value):
        before = self.high.get(key, 0)
        if value < before:
            self.history.violation(f"{' '.join(map(str, key))} fell from {before} to {value}")
        self.high[key] = value

    def feed(self, schema, whole):
        seen = self.seen[schema]
        start = 0 if whole else max(len(seen) - 100, 0)
        answers = self.db.try_rows(f"SELECT position, retired FROM {schema}.feed_head",
                                   f"SELECT position, outbox_id FROM {schema}.feed WHERE position > {start} "
                                   "ORDER BY position")
        if answers is None:
            return False
        (head, retired), = answers[0]
        self.grows((schema, "head"), head)
        self.grows((schema, "retired"), retired)
        positions = [p for p, _ in answers[1]]
        if positions != list(range(max(start, retired) + 1, head + 1)):
            self.history.violation(f"the feed of {schema} has gaps: {positions[:3]}…{positions[-3:]}, head {head}")
        for position, event in answers[1]:
            if seen.setdefault(position, event) != event:
                self.history.violation(f"{schema} position {position} was {seen[position]}, is {event}")
        return True

    def cursors(self):
        """What has been read lies before what there is to be read."""
        ahead = []
        for schema in SCHEMAS.values():
            answers = self.db.try_rows(f"SELECT source, consumer, position FROM {schema}.feed_cursor",
                                       f"SELECT consumer, acked FROM {schema}.feed_consumer")
            if answers is None:
                return None
            for source, consumer, position in answers[0]:
                self.grows((schema, "cursor", consumer, "in", source), position)
                ahead.append((schema, source, position))
            for consumer, acked in answers[1]:
                self.grows((schema, "acked by", consumer), acked)
        return ahead

    def sample(self):
        cursors = self.cursors()
        whole = self.samples % WHOLE_EVERY == 0
        if cursors is None or not all([self.feed(schema, whole) for schema in SCHEMAS.values()]):
            return
        for schema, source, position in cursors:
            head = self.high[(SCHEMAS[source], "head")]
            if position > head:
                self.history.violation(f"{schema} has read {source} up to {position}, beyond its head {head}")
        self.samples += 1
        self.taken += 1

    def run(self):
        try:
            while not self.end.is_set():
                self.sample()
                self.end.wait(EVERY)
            self.samples = 0  # a last one, of everything
            self.sample()
        except Exception as error:
            self.history.violation(f"the sampler ended: {error!r}")
        self.db.close()
