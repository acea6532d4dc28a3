"""Looks into the stack's database as the superuser, and again when it was killed."""
import time

import psycopg2
from stack import services

SCHEMAS = services()  # the keys are the names of the sources in feed_cursor


class Database:
    def __init__(self, stack):
        self.stack, self.connection = stack, None

    def try_rows(self, *statements):
        """The rows of each statement, all of one snapshot; None if the server is away."""
        try:
            if self.connection is None:
                dsn = (self.stack.run_dir / "postgres.dsn").read_text()
                name = [w for w in (self.stack.run_dir / "db" / "governance.dsn").read_text().split()
                        if w.startswith("dbname=")]
                self.connection = psycopg2.connect(dsn.strip() + " " + "".join(name), connect_timeout=5)
                self.connection.set_session("REPEATABLE READ", readonly=True)
            answers = []
            with self.connection, self.connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                    answers.append(cursor.fetchall())
            return answers
        except psycopg2.ProgrammingError:
            raise  # the question is wrong
        except psycopg2.Error:
            self.close()
            return None

    def rows(self, statement):
        """The rows of one statement; waits for a server that starts."""
        for _ in range(300):
            answers = self.try_rows(statement)
            if answers is not None:
                return answers[0]
            time.sleep(0.2)
        raise AssertionError("no database")

    def one(self, statement):
        return self.rows(statement)[0][0]

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
