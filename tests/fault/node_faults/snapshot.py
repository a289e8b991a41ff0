"""A session of somebody else holds a snapshot while two gateways work: the same load without it, with it, and after it.

Claims are timed by the server's own log. While the snapshot is held no row that is gone can be removed, so tables grow and
each look at a row reads past its former versions.
"""
import re
import statistics
import subprocess
import time

from gateway import eventually
from nodes import Senders, figure, halt, make, settle
from postgres_server import PROGRAMS, PostgresServer, as_nobody
from receiver import Receiver

CLAIM = re.compile(rb"duration: ([\d.]+) ms  execute [^:]*: (?:SELECT id FROM lane|UPDATE lane SET lease_until)")
SIZE = ("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname IN "
        "('lane', 'item', 'inbox', 'inbox_work', 'counter', 'store_node', 'store_turn')")


class Holder:
    """A session that stands idle inside a transaction."""

    def __init__(self, server, database):
        self.process = subprocess.Popen(
            [PROGRAMS / "psql", "-h", server.folder, "-U", "tributary", "-d", database, "-AtqX"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, cwd=server.folder, env={"PATH": "/usr/bin:/bin"}, **as_nobody())
        self.process.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM lane;\n")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def end(self):
        self.process.stdin.close()
        self.process.wait(20)


class Phase:
    """What happens until end(): claims in ms, changes a second, and how large the tables are then."""

    def __init__(self, server, database, receiver):
        self.server, self.database, self.receiver = server, database, receiver
        self.log = server.folder / "log"
        self.offset, self.began, self.effects = self.log.stat().st_size, time.monotonic(), len(receiver.effects)

    def end(self):
        self.rate = (len(self.receiver.effects) - self.effects) / (time.monotonic() - self.began)
        with open(self.log, "rb") as log:
            log.seek(self.offset)
            claims = sorted(float(found.group(1)) for line in log if (found := CLAIM.search(line)))
        self.median, self.p99 = statistics.median(claims), claims[len(claims) * 99 // 100]
        self.size = int(self.server.sql(SIZE, self.database))
        return self


def campaign(verdicts, seed, full):
    without, held_for = (120, 600) if full else (6, 8)
    settings = {"log_min_duration_sample": 0, "log_statement_sample_rate": 0.1 if full else 1, "log_parameter_max_length": 0,
                "autovacuum_naptime": "5s"}
    watch = "watch: { every: 1s, old_snapshot: %s }\n" % ("1m" if full else "3s")
    with PostgresServer(settings) as server, Receiver(0.0, seed) as receiver:
        name, dsn = server.database()
        with make("one", dsn, receiver.port, more=watch) as first, \
                make("two", dsn, receiver.port, first.folder / "keys", more=watch) as second:
            for gateway in (first, second):
                gateway.start()
            senders = Senders([first, second], 200, seed, threads=12)
            time.sleep(3)
            before = Phase(server, name, receiver)
            time.sleep(without)
            before.end()
            holder = Holder(server, name)
            during = Phase(server, name, receiver)
            time.sleep(held_for)
            during.end()
            dead = figure(first, "store_dead_rows")

            def alerts():
                rows = first.operate("alerts.list")["alerts"]
                return [row for row in rows if row["rule"] == "old_snapshot"]
            raised = eventually(alerts, 20, 0.5)
            doctor = first.cli("doctor")
            holder.end()
            time.sleep(1)
            shown = figure(first, "store_snapshot_seconds")
            after = Phase(server, name, receiver)
            time.sleep(without)
            after.end()

            def left():
                return figure(first, "store_dead_rows")
            tidied = eventually(lambda: left() < dead / 2, 60, 1)
            if full:
                eventually(lambda: int(server.sql(SIZE, name)) < 2 * before.size, 60, 2)
            size = int(server.sql(SIZE, name))
            settle(verdicts, "held snapshot", receiver, senders, first, seed, injected=1, held_s=held_for,
                   changes_per_s=f"{before.rate:.0f}", rate_ratio=f"{during.rate / before.rate:.2f}",
                   rate_ratio_after=f"{after.rate / before.rate:.2f}",
                   claim_ms=f"{before.median:.2f}", claim_p99_ms=f"{before.p99:.2f}",
                   claim_ratio=f"{during.median / before.median:.2f}", claim_p99_ratio=f"{during.p99 / before.p99:.2f}",
                   claim_p99_held_ms=f"{during.p99:.2f}", dead_rows=int(dead), size_ratio=f"{during.size / before.size:.2f}",
                   size_ratio_after=f"{size / before.size:.2f}")
            verdicts.check("held snapshot: an alert tells of it", bool(raised), str(first.operate("alerts.list"))[:400])
            verdicts.check("held snapshot: the doctor tells of it", "old_snapshot" in doctor.out, doctor.out[-600:])
            verdicts.check("held snapshot: the metric falls when it is gone", shown < held_for / 2, f"{shown} s")
            # Tables of a few hundred rows are as large as their newest pages happen to be.
            verdicts.check("held snapshot: afterwards the rows that are gone are removed", tidied, f"{dead} dead rows, then {left()}")
            if full:
                verdicts.check("held snapshot: tables are smaller than twice what they were, afterwards", size < 2 * before.size,
                               f"{before.size}, then {during.size}, then {size}")
            halt(verdicts, "held snapshot", first, second)
