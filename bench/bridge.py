#!/usr/bin/python3
"""usage: bridge.py [--inputs N] [--requests N]

Each filter of research inputs through the gateway, one request after the other, over 100 000 inputs: p50, p99, and the
indexes of the plan that Postgres makes for it.
"""
import argparse
import re
import time
import urllib.parse

import psycopg2
import stacks
from measure import report

FILL = """
INSERT INTO bridge.input (id, title, problem, hypothesis, tags, owner, impact, status, created_by)
SELECT 'bench' || n, 'Input ' || n || ' about ' || (ARRAY['cache','login','search','latency','billing'])[1 + n %% 5],
       'It takes word' || n %% 1000 || ' too long', '', ARRAY['tag' || n %% 50, 'rare' || n %% 5000],
       CASE WHEN n %% 3 = 0 THEN '' ELSE 'owner' || n %% 200 END, 1 + n %% 10,
       (ARRAY['submitted','in_review','approved','rejected'])[1 + (n / 7) %% 4], 'bench'
  FROM generate_series(1, %s) n;
ANALYZE bridge.input"""

FILTERS = {
    "nothing, newest first": {},
    "owner": {"owner": "owner17"}, "owner: nobody": {"owner": ""}, "tag": {"tag": "tag7"}, "rare tag": {"tag": "rare4711"},
    "status": {"status": "in_review"}, "words": {"q": "word321"}, "a word of each fifth": {"q": "cache"}, "a word that is not there": {"q": "nowhere"},
    "impact, highest first": {"sort": "-impact"}, "changed last": {"sort": "-updated"},
    "owner, tag, status, words, by impact": {"owner": "owner17", "tag": "tag17", "status": "submitted", "q": "cache", "sort": "-impact"},
}


def plan(cursor, given):
    """The indexes that are used for these values; the conditions are those of store_list.c."""
    key, direction = {"-impact": ("rank", "DESC"), "-updated": ("touched", "DESC")}.get(given.get("sort"), ("seq", "DESC"))
    wheres = [("i.owner = %s", "owner"), ("i.tags @> ARRAY[%s]", "tag"), ("i.status = %s", "status"),
              ("i.words @@ websearch_to_tsquery('simple', %s)", "q")]
    used = [(text, given[name]) for text, name in wheres if name in given]
    where = " WHERE " + " AND ".join(text for text, _ in used) if used else ""
    cursor.execute(f"EXPLAIN SELECT * FROM bridge.input i{where} ORDER BY i.{key} {direction} LIMIT 51", [value for _, value in used])
    lines = "\n".join(row[0] for row in cursor.fetchall())
    found = re.findall(r"(?:using|on) (input_\w+_idx\w*|input_pkey)", lines)
    return ", ".join(dict.fromkeys(found)) or "no index"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--inputs", type=int, default=100000)
    options.add_argument("--requests", type=int, default=200)
    options = options.parse_args()
    rows, result = [], {}
    with stacks.release(PLUMB_LIMIT_RATE="0") as stack:
        stack.up()
        with psycopg2.connect((stack.run_dir / "postgres.dsn").read_text().replace("dbname=postgres", "dbname=plumbline")) as db:
            cursor = db.cursor()
            cursor.execute(FILL, [options.inputs])
            db.commit()
            for name, given in FILTERS.items():
                path = "/api/bridge/inputs?" + urllib.parse.urlencode(given)
                times = []
                for _ in range(options.requests):
                    begun = time.perf_counter()
                    answer = stack.get(path)
                    times.append(1000 * (time.perf_counter() - begun))
                    assert answer.status == 200, answer
                times.sort()
                p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99) - 1]
                result[name] = times
                rows.append((name, f"p50 {p50:5.1f} ms, p99 {p99:5.1f} ms, {len(answer.json['inputs']):2d} found, {plan(cursor, given)}"))
    report("bridge", f"{options.inputs} inputs, pages of 50, gateway with token, one client", rows, result)


if __name__ == "__main__":
    main()
