#!/usr/bin/python3
"""usage: feed.py [--rounds N] [--seconds S] [--backlog N]

The Feed: 32 writers, one durable consumer that writes a row for each event, a Postgres with fsync, CURVE over TCP.
Compared with pgbench doing the writers' transaction alone, and with a nats-server's JetStream.  Interleaved.
"""
import argparse
import json
import os
import shutil
import subprocess

from measure import BIN, ROOT, Programs, children, cpu_seconds, free_port, median, report, spread

TABLES = ROOT / "common" / "migrations" / "0001_feed.sql"
PACES = (3000, 10000)


def run(*arguments, env=None):
    done = subprocess.run(list(map(str, arguments)), env={**os.environ, **(env or {})}, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{arguments[0]}: {done.stderr[-2000:]}")
    return done.stdout


class Feed:
    """feed_bench against our Postgres; a round is several runs of it."""

    def __init__(self, programs):
        self.dsn, self.server = programs.postgres()
        self.env = {"PL_TEST_DB_URL": self.dsn, "LOG_LEVEL": "WARNING"}
        run("psql", "-q", self.dsn, "-c", "CREATE DATABASE pgbench")
        run("psql", "-q", self.dsn.replace("dbname=postgres", "dbname=pgbench"), "-f", TABLES)
        self.host = self.dsn.split()[0].split("=")[1]

    def bench(self, *arguments):
        before = self.cpu()
        result = json.loads(run(BIN / "feed_bench", *arguments, env=self.env).splitlines()[-1])
        result["server_cpu_us"] = (self.cpu() - before) / result["written"] * 1e6
        return result

    def cpu(self):
        """Of Postgres, backends that have ended included."""
        fields = open(f"/proc/{self.server.pid}/stat").read().rsplit(")", 1)[1].split()
        ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
        return ended + sum(map(cpu_seconds, children(self.server.pid)))

    def pgbench(self, seconds):
        out = run("pgbench", "-n", "-h", self.host, "-U", "postgres", "-f", ROOT / "bench" / "outbox.sql", "-M",
                  "prepared", "-c", 32, "-j", 32, "-T", seconds, "pgbench")
        run("psql", "-q", self.dsn.replace("dbname=postgres", "dbname=pgbench"), "-c",
            "TRUNCATE outbox, outbox_unnumbered CASCADE")
        return float(next(line for line in out.splitlines() if line.startswith("tps")).split()[2])


class JetStream:
    def __init__(self, programs):
        port = free_port()
        self.url = f"nats://127.0.0.1:{port}"
        programs.start("nats-server", "-a", "127.0.0.1", "-p", port, "-js", "-sd", programs.dir / "jetstream")
        programs.wait_port(port)

    def bench(self, *arguments):
        return json.loads(run(BIN / "jetstream_bench", self.url, *arguments).splitlines()[-1])


def measure(options):
    results = {"feed": {}, "jetstream": {}, "pgbench": []}
    with Programs() as programs:
        feed = Feed(programs)
        jetstream = JetStream(programs) if shutil.which("nats-server") and (BIN / "jetstream_bench").exists() else None
        for _ in range(options.rounds):
            for name, arguments in [("unpaced", ("pace", 0, options.seconds)), ("drain", ("drain", options.backlog)),
                                    *((f"{pace}/s", ("pace", pace, options.seconds)) for pace in PACES)]:
                results["feed"].setdefault(name, []).append(feed.bench(*arguments))
                if jetstream:
                    results["jetstream"].setdefault(name, []).append(jetstream.bench(*arguments))
            results["pgbench"].append(feed.pgbench(int(options.seconds)))
            print(".", end="", flush=True)
    return results


def rows(results):
    def of(what, name, field):
        return [r[field] for r in results[what][name]]
    written = of("feed", "unpaced", "written_per_s")
    yield "pgbench, the same transaction, /s", spread(results["pgbench"], 0)
    yield "written, unpaced, /s", spread(written, 0)
    yield "  ratio to pgbench (a consumer works meanwhile)", spread([w / p for w, p in zip(written, results["pgbench"])])
    yield "applied while it is written unpaced, /s", spread(of("feed", "unpaced", "applied_meanwhile_per_s"), 0)
    yield "drain of a backlog, /s", spread(of("feed", "drain", "applied_per_s"), 0)
    for pace in PACES:
        name = f"{pace}/s"
        yield f"at {pace}/s: applied meanwhile, /s", spread(of("feed", name, "applied_meanwhile_per_s"), 0)
        yield f"at {pace}/s: p50, p99 ms", spread(of("feed", name, "p50_ms")) + ", " + spread(of("feed", name, "p99_ms"))
    for name in ("unpaced", "drain", "10000/s"):
        for field, of_what in (("source_cpu_us", "writers and feed"), ("consumer_cpu_us", "consumer"),
                               ("server_cpu_us", "Postgres")):
            yield f"CPU µs/event, {name}, {of_what}", spread(of("feed", name, field), 1)
    if results["jetstream"]:
        yield "JetStream written, unpaced, /s", spread(of("jetstream", "unpaced", "written_per_s"), 0)
        yield "JetStream heard while it is written, /s", spread(of("jetstream", "unpaced", "applied_meanwhile_per_s"), 0)
        yield "JetStream drain, /s", spread(of("jetstream", "drain", "applied_per_s"), 0)
        for pace in PACES:
            name = f"{pace}/s"
            yield f"JetStream at {pace}/s: p50, p99 ms", \
                spread(of("jetstream", name, "p50_ms")) + ", " + spread(of("jetstream", name, "p99_ms"))
        yield "drain, ratio Feed to JetStream", \
            spread([f / j for f, j in zip(of("feed", "drain", "applied_per_s"), of("jetstream", "drain", "applied_per_s"))])


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=1.5)
    options.add_argument("--backlog", type=int, default=20000)
    options = options.parse_args()
    results = measure(options)
    security = "plain" if os.environ.get("PLUMB_BUS_PLAINTEXT") == "1" else "CURVE"
    report("feed", f"tcp on loopback, {security}; PostgreSQL with its defaults (fsync on); 32 writers; medians of "
           f"{options.rounds} interleaved rounds of {options.seconds} s, backlog {options.backlog}; JetStream: file store, "
           "plain tcp, its default sync (not at each message)", list(rows(results)), results)


if __name__ == "__main__":
    main()
