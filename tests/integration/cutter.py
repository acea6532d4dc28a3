"""A door before Postgres that can cut a connection exactly between COMMIT and its answer.

The server's socket is renamed and this one stands in its place, so the product is run as it is.
Messages are followed as far as needed (PostgreSQL documentation, chapter "Message Formats"): the
role of a connection, the statements of its transaction, the COMMIT.
"""
import os
import re
import signal
import socket
import struct
import threading
import time

import psycopg2

TYPES_WITH_SQL = b"QPB"


class Connection:
    """One client: what it says goes on message by message, what the server says as it comes."""
    def __init__(self, cutter, client, server):
        self.cutter, self.client, self.server = cutter, client, server
        self.role, self.prepared, self.said = "", {}, []
        self.swallowing = self.ended = False
        for work in (self.forth, self.back):
            threading.Thread(target=self.until_the_end, args=(work,), daemon=True).start()

    def until_the_end(self, work):
        try:
            work()
        except (OSError, ValueError):
            pass  # one of the two has gone, so the other shall go
        self.close()

    def close(self):
        self.ended = True
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def forth(self):
        pending, begun = b"", False
        while data := self.client.recv(1 << 16):
            pending += data
            while True:
                start = 0 if not begun else 1
                if len(pending) < start + 4:
                    break
                size = start + struct.unpack_from("!I", pending, start)[0]
                if len(pending) < size:
                    break
                message, pending = pending[:size], pending[size:]
                if not begun:
                    begun = self.start_up(message)
                elif message[:1] in TYPES_WITH_SQL and not self.statement(message[:1], message[5:]):
                    return
                self.server.sendall(message)

    def start_up(self, message):
        if struct.unpack_from("!I", message, 4)[0] >> 16 != 3:
            return False  # asks for TLS, or for a cancel
        words = message[8:].split(b"\0")
        self.role = dict(zip(words[::2], words[1::2])).get(b"user", b"").decode()
        return True

    def statement(self, kind, body):
        """Note what is said; false: the connection ends here, before the server hears of it."""
        if kind == b"P":
            name, sql = body.split(b"\0")[:2]
            self.prepared[name] = sql.decode()
            return True
        sql = self.prepared.get(body.split(b"\0")[1], "") if kind == b"B" else body.rstrip(b"\0").decode()
        if kind == b"B" and self.cutter.poisoned(self.role, sql, body, self.client):
            return False
        if sql == "BEGIN":
            self.said = []
        elif sql == "COMMIT":
            when = self.cutter.wants(self.role, self.said)
            if when == "before":
                return False
            self.swallowing = when == "after"
        else:
            self.said.append(sql)
        return True

    def back(self):
        answer = b""
        while data := self.server.recv(1 << 16):
            if not self.swallowing:
                self.client.sendall(data)
                continue
            answer += data
            if answer[-6:-1] == b"Z\0\0\0\5":  # ready for the next query
                if b"COMMIT\0" in answer:  # and not the ROLLBACK of a transaction that had failed
                    self.cutter.has_cut()
                return


def superuser(stack):
    """How to connect as superuser, and where the product's tables are."""
    account = (stack.run_dir / "db" / "governance.dsn").read_text()
    return (stack.run_dir / "postgres.dsn").read_text().strip(), re.search(r"dbname='?([^\s']+)", account).group(1)


def peer(client):
    """The process at the other end."""
    return struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


class Cutter:
    def __init__(self, stack, chance=0, dice=None):
        """With a chance, so many of the services' COMMITs are cut "after" as the dice say."""
        self.dsn, self.database = superuser(stack)
        self.path = re.search(r"host=(\S+)", self.dsn).group(1) + "/.s.PGSQL.5432"
        self.real, self.chance, self.dice, self.cuts = self.path + ".real", chance, dice, 0
        self.lock, self.armed, self.cut = threading.Lock(), None, threading.Event()
        self.poison, self.killed = None, []
        self.connections, self.away, self.end = [], False, threading.Event()
        self.take_place()
        self.keeper = threading.Thread(target=self.keep_place, daemon=True)
        self.keeper.start()
        with self.ask() as db, db.cursor() as cursor:  # so that every service comes in by this door
            cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                           "WHERE usename <> 'postgres'")

    def ask(self):
        """A connection as superuser, to the product's tables."""
        return psycopg2.connect(self.dsn, dbname=self.database)

    # ---- the door ----

    def take_place(self):
        os.rename(self.path, self.real)
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(self.path)
        os.chmod(self.path, 0o777)
        self.door.listen(128)
        self.inode = os.stat(self.path).st_ino
        threading.Thread(target=self.serve, args=(self.door,), daemon=True).start()

    def keep_place(self):
        """A server that starts again makes its socket anew; once it listens, this one goes before it."""
        while not self.end.wait(0.05):
            try:
                if os.stat(self.path).st_ino == self.inode:
                    continue
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(self.path)
            except OSError:
                continue  # not there yet
            self.door.close()
            self.take_place()

    def serve(self, door):
        while True:
            try:
                client, _ = door.accept()
            except OSError:
                return  # closed
            server = socket.socket(socket.AF_UNIX)
            try:
                if self.away:
                    raise ConnectionRefusedError
                server.connect(self.real)
            except OSError:
                client.close()
                continue
            self.connections = [c for c in self.connections if not c.ended] + [Connection(self, client, server)]

    def close(self):
        """The server's socket again; connections that are open stay."""
        self.end.set()
        self.keeper.join()
        self.door.close()
        os.rename(self.real, self.path)

    # ---- what it does to who comes through ----

    def arm(self, role, statement, when="after"):
        """Cut the next COMMIT of that role whose transaction has such a statement: "after" the server has
        committed and before its answer, or "before" the server hears of it."""
        with self.lock:
            self.cut.clear()
            self.armed = (role, re.compile(statement), when)

    def wants(self, role, said):
        with self.lock:
            if self.armed is None or self.armed[0] != role or not any(map(self.armed[1].search, said)):
                return "after" if role != "postgres" and self.chance and self.dice.random() < self.chance else None
            when, self.armed = self.armed[2], None
        if when == "before":
            self.cut.set()
        return when

    def has_cut(self):
        with self.lock:
            self.cuts += 1
        self.cut.set()

    def wait(self, seconds=60):
        assert self.cut.wait(seconds), f"nothing was cut: {self.armed}"

    def kill_at(self, role, statement, value):
        """Whoever says such a statement with that value dies of it, each time, until cure()."""
        with self.lock:
            self.poison, self.killed = (role, re.compile(statement), value.encode()), []

    def cure(self):
        with self.lock:
            self.poison = None

    def poisoned(self, role, sql, body, client):
        with self.lock:
            poison = self.poison
            if poison is None or poison[0] != role or not poison[1].search(sql) or poison[2] not in body:
                return False
            pid = peer(client)
            self.killed.append(pid)
        os.kill(pid, signal.SIGKILL)
        return True

    def outage(self, seconds):
        """No database for a while."""
        self.away = True
        for connection in self.connections:
            connection.close()
        time.sleep(seconds)
        self.away = False
