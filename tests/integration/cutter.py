"""A door before Postgres that can cut a connection exactly between COMMIT and its answer.

The server's socket is renamed and this one stands in its place, so the product is run as it is.
Messages are followed as far as needed (PostgreSQL documentation, chapter "Message Formats"): the
role of a connection, the statements of its transaction, the COMMIT.
"""
import os
import re
import socket
import struct
import threading

import psycopg2

TYPES_WITH_SQL = b"QPB"


class Connection:
    """One client: what it says goes on message by message, what the server says as it comes."""
    def __init__(self, cutter, client, server):
        self.cutter, self.client, self.server = cutter, client, server
        self.role, self.prepared, self.said = "", {}, []
        self.swallowing = False
        for work in (self.forth, self.back):
            threading.Thread(target=self.until_the_end, args=(work,), daemon=True).start()

    def until_the_end(self, work):
        try:
            work()
        except (OSError, ValueError):
            pass  # one of the two has gone, so the other shall go
        self.close()

    def close(self):
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
        if kind == b"B":
            self.said.append(self.prepared.get(body.split(b"\0")[1], ""))
            return True
        sql = body.rstrip(b"\0").decode()
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
            if answer[-6:-1] == b"Z\0\0\0\5":  # ready for the next query: it is committed
                assert b"COMMIT\0" in answer, answer
                self.cutter.has_cut()
                return


class Cutter:
    def __init__(self, stack):
        dsn = (stack.run_dir / "postgres.dsn").read_text().strip()
        self.path = re.search(r"host=(\S+)", dsn).group(1) + "/.s.PGSQL.5432"
        self.real, self.dsn, self.database = self.path + ".real", dsn, None
        self.lock, self.armed, self.cut = threading.Lock(), None, threading.Event()
        os.rename(self.path, self.real)
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(self.path)
        os.chmod(self.path, 0o777)
        self.door.listen(128)
        threading.Thread(target=self.serve, daemon=True).start()
        self.renew(stack)

    def renew(self, stack):
        """End the connections that were there before, so that every service comes in by this door."""
        with psycopg2.connect(self.dsn) as db, db.cursor() as cursor:
            cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                           "WHERE usename <> 'postgres'")

    def serve(self):
        while True:
            try:
                client, _ = self.door.accept()
            except OSError:
                return  # closed
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.real)
            except OSError:
                client.close()
                continue
            Connection(self, client, server)

    def arm(self, role, statement, when="after"):
        """Cut the next COMMIT of that role whose transaction has such a statement: "after" the server
        has committed and before its answer, or "before" the server hears of it."""
        with self.lock:
            self.cut.clear()
            self.armed = (role, re.compile(statement), when)

    def wants(self, role, said):
        with self.lock:
            if self.armed is None or self.armed[0] != role or not any(map(self.armed[1].search, said)):
                return None
            when, self.armed = self.armed[2], None
        if when == "before":
            self.cut.set()
        return when

    def has_cut(self):
        self.cut.set()

    def wait(self, seconds=60):
        assert self.cut.wait(seconds), f"nothing was cut: {self.armed}"

    def close(self):
        """The server's socket again; connections that are open stay."""
        self.door.close()
        os.rename(self.real, self.path)
