#!/usr/bin/env python3
"""What it is worth on PostgreSQL that attempts lie in partitions by day: writing a day of them and removing it, beside a plain table
whose rows are deleted 5,000 in a transaction. On a server of its own that syncs; each round makes both anew, in turn. Times are
those of a psql that is started for it.

  --rows N     attempts of the day (1,000,000)
  --rounds N   (3)
"""
import argparse
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import Gateway  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

COLUMNS = "at, destination, entity, record, customer, op_key, outcome, detail, took"
# An old day: it has been written, was kept, and is due. Ids of both go up.
DAY, NEXT_DAY = 20_000 * 86_400_000, 20_001 * 86_400_000
PLAIN = """
CREATE TABLE plain (LIKE attempt INCLUDING IDENTITY, PRIMARY KEY (id));
CREATE INDEX plain_customer ON plain (customer, record);
CREATE PROCEDURE plain_sweep(before bigint) LANGUAGE plpgsql AS $$ DECLARE removed bigint; BEGIN LOOP
    DELETE FROM plain WHERE id IN (SELECT id FROM (SELECT id, at FROM plain ORDER BY id LIMIT 5000) AS oldest WHERE at < before);
    GET DIAGNOSTICS removed = ROW_COUNT; COMMIT; EXIT WHEN removed = 0; END LOOP; END $$"""


def measure(rows, rounds):
    settings = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "256MB", "max_wal_size": "4GB"}
    with PostgresServer(settings) as server, Gateway("days") as gateway:
        name, dsn = server.database()
        gateway.configure("", store=f'{{ type: postgres, dsn: "{dsn}" }}')
        gateway.init([("shop", "key", "value of it")])  # makes the tables

        def sql(text):
            return server.sql(text, name).strip()

        def timed(text):
            sql("CHECKPOINT")
            began, at = time.monotonic(), sql("SELECT pg_current_wal_lsn()")
            sql(text)
            return time.monotonic() - began, int(sql(f"SELECT pg_current_wal_lsn() - '{at}'::pg_lsn"))

        def write(table):
            return timed(f"INSERT INTO {table} ({COLUMNS}) SELECT {DAY} + n, 1, 2, decode(md5((n % 100000)::text), 'hex'), "
                         f"decode(md5((n % 50000)::text), 'hex'), decode(md5(n::text) || md5(n::text), 'hex'), 0, '200', 12 "
                         f"FROM generate_series(1, {rows}) AS n")

        sql("DROP TABLE attempt_before")
        found = {"write": ([], []), "remove": ([], []), "log": ([], [])}
        for _ in range(rounds):
            sql(f"CREATE TABLE attempt_old PARTITION OF attempt (PRIMARY KEY (id)) FOR VALUES FROM ({DAY}) TO ({NEXT_DAY})")
            sql(PLAIN)
            for side, table, sweep in ((0, "attempt", f"SELECT attempt_sweep({NEXT_DAY}, 5000)"), (1, "plain", f"CALL plain_sweep({NEXT_DAY})")):
                found["write"][side].append(write(table)[0])
                seconds, log = timed(sweep)
                found["remove"][side].append(seconds)
                found["log"][side].append(log / 1e6)
                assert sql(f"SELECT count(*) FROM {table}") == "0"
            sql("DROP PROCEDURE plain_sweep; DROP TABLE plain")
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for what, (days, plain) in measure(options.rows, options.rounds).items():
        ratios = [mine / other for mine, other in zip(days, plain)]
        unit = "MB of log to remove" if what == "log" else f"s to {what}"
        print(f"result: {options.rows} attempts, {unit} | {statistics.median(days):.3f} | {statistics.median(plain):.3f} | "
              f"{statistics.median(ratios):.4f} | 0")
        print(f"    spread {min(ratios):.4f} to {max(ratios):.4f}")


if __name__ == "__main__":
    main()
