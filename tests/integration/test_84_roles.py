"""The roles that the product runs under: each sees its own schema and nothing else (RULINGS 46); and a service whose
applied migrations are not its own does not start."""
import os
import subprocess

import psycopg2
import pytest
from cutter import superuser
from stack import BIN, services

SERVICES = {schema: name for name, schema in services().items()}
SCHEMAS = sorted(SERVICES)


def rows(db, sql, *values):
    with db.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else None


def refused(db, sql):
    """The server says 42501, insufficient privilege."""
    try:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            rows(db, sql)
    finally:
        db.rollback()


@pytest.fixture(scope="module")
def root(single):
    dsn, database = superuser(single)
    db = psycopg2.connect(dsn, dbname=database)
    db.autocommit = True
    yield db
    db.close()


@pytest.mark.parametrize("role", [s + kind for s in SCHEMAS for kind in ("", "_owner")])
def test_a_role_cannot_read_write_or_see_into_another_schema(single, root, role):
    db = psycopg2.connect((single.run_dir / "db" / f"{role}.dsn").read_text())
    try:
        assert rows(db, "SELECT current_user, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls "
                        "FROM pg_roles WHERE rolname = current_user") == [(role, *[False] * 5)]
        assert rows(db, "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member "
                        "WHERE r.rolname = current_user") == [(0,)]
        asked = 0
        for schema, table in rows(root, "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY (%s)",
                                  list(SCHEMAS)):
            if schema == role.removesuffix("_owner"):
                rows(db, f'SELECT count(*) FROM {schema}."{table}"')
                continue
            refused(db, f'SELECT count(*) FROM {schema}."{table}"')
            refused(db, f'DELETE FROM {schema}."{table}"')
            asked += 1
        assert asked > 20
        for schema in SCHEMAS:
            if schema != role.removesuffix("_owner") or not role.endswith("_owner"):
                refused(db, f"CREATE TABLE {schema}.mine (n int)")
        refused(db, "CREATE TABLE public.mine (n int)")
        refused(db, "CREATE SCHEMA mine")
        refused(db, "SELECT count(*) FROM pg_authid")
    finally:
        db.close()


def test_a_role_that_reads_and_writes_rows_cannot_change_the_record_of_migrations(single):
    for schema in SCHEMAS:
        db = psycopg2.connect((single.run_dir / "db" / f"{schema}.dsn").read_text())
        assert rows(db, "SELECT count(*) > 2 FROM schema_migration") == [(True,)]
        refused(db, "UPDATE schema_migration SET name = 'x'")
        refused(db, "DROP TABLE feed")
        db.close()


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_changed_migration_stops_the_start_with_its_name(single, root, schema):
    (name, digest), = rows(root, f"SELECT name, sha256 FROM {schema}.schema_migration WHERE name NOT LIKE 'common/%%' "
                                 "ORDER BY name LIMIT 1")
    command = [BIN / SERVICES[schema], "--migrate"]
    env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0",
           "PLUMB_KEYS_DIR": str(single.run_dir / "keys"), "PLUMB_SECRET_KEY_FILE": str(single.run_dir / "secret-key"),
           "POSTGRES_DSN_FILE": str(single.run_dir / "db" / f"{schema}.dsn"),
           "POSTGRES_OWNER_DSN_FILE": str(single.run_dir / "db" / f"{schema}_owner.dsn")}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    rows(root, f"UPDATE {schema}.schema_migration SET sha256 = repeat('0', 64) WHERE name = %s", name)
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and f'\\"{name}\\" was changed after it had run' in done.stdout + done.stderr
    finally:
        rows(root, f"UPDATE {schema}.schema_migration SET sha256 = %s WHERE name = %s", digest, name)
