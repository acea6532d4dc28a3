"""kill -9 and SIGSTOP of what make run runs; which and when comes from the seed."""
import os
import pathlib
import random
import signal
import threading

from stack import services

REPLICATED = sorted(services())
WEIGHTS = {"service": 8, "api-gateway": 1.5, "postgres": 0.8, "backend": 1.2, "redis": 0.7}
STOPPED_FOR = (0.3, 8.0)  # seconds


def children(parent):
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return sorted(found)


class Killer:
    def __init__(self, stack, history, receiver, seed, kills, pause):
        self.stack, self.history, self.receiver = stack, history, receiver
        self.dice, self.kills, self.pause = random.Random(seed), kills, pause
        self.done, self.timers, self.end = {}, [], threading.Event()

    def ready(self):
        table = {}
        for line in (self.stack.run_dir / "status").read_text().splitlines():
            name, state, pid = line.split("\t")[:3]
            if state == "ready":
                table[name] = int(pid)
        return table

    def choose(self):
        """A name and a pid, or None if what the dice say is down at present."""
        kind = self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        name = f"{self.dice.choice(REPLICATED)}.{self.dice.randint(1, 2)}" if kind == "service" else kind
        which, up = self.dice.random(), self.ready()
        if kind != "backend":
            return (name, up[name]) if name in up else None
        backends = children(up["postgres"]) if "postgres" in up else []
        return ("backend", backends[int(which * len(backends))]) if backends else None

    def send(self, pid, number):
        try:
            os.kill(pid, number)
            return True
        except ProcessLookupError:
            return False

    def freeze(self, name, pid):
        seconds = self.dice.uniform(*STOPPED_FOR)
        if not self.send(pid, signal.SIGSTOP):
            return
        self.history.count("stops")
        self.history.log(f"stop {name} {pid} for {seconds:.1f} s")

        def thaw():
            if name == "backend" or self.ready().get(name) == pid:
                self.send(pid, signal.SIGCONT)
                self.history.log(f"cont {name} {pid}")
        timer = threading.Timer(seconds, thaw)
        timer.start()
        self.timers.append(timer)

    def step(self):
        chosen, chance = self.choose(), self.dice.random()
        if chance > 0.95:
            self.receiver.answer(503)  # the receiver is no better
        if chosen is None:
            return
        name, pid = chosen
        if chance < 0.15:
            self.freeze(name, pid)
        elif self.send(pid, signal.SIGKILL):
            self.done[name] = self.done.get(name, 0) + 1
            self.history.count("kills")
            self.history.log(f"kill {name} {pid}")

    def run(self):
        while sum(self.done.values()) < self.kills and not self.end.is_set():
            self.end.wait(self.dice.expovariate(1 / self.pause))
            self.step()
        for timer in self.timers:
            timer.join()
