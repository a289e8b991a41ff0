#!/usr/bin/env python3
"""Gateways on PostgreSQL: one, whose server crashes and which is killed; three on one database, of which one is killed and one
stands still past its leases; and one whose store was moved there from SQLite.

Senders change customers of their own, each change after the one before was answered 2xx, at whichever gateway answers. The
destination answers 500 a tenth of the time, half of that after it took the record. Load and judge: tests/fakes/nodes.py.

  --seed N
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
from gateway import BINARY, Gateway, Verdicts, eventually  # noqa: E402
from kill_test import CONFIG  # noqa: E402
from nodes import RESUMED_WITHIN, Senders, behind, halt, make, settle  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from receiver import Receiver  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]


def alone(server, verdicts, seed):
    """One gateway: the server crashes under load, the gateway is killed under load."""
    _, dsn = server.database()
    with Receiver(0.1, seed) as receiver, make("pg-one", dsn, receiver.port) as gateway:
        answer = gateway.cli("check")
        verdicts.check("check needs no server", answer.code == 0, str(answer))
        gateway.start()
        verdicts.check("a command beside the gateway reaches it", gateway.cli("status").code == 0, str(gateway.cli("status")))
        senders = Senders([gateway], 60, seed)
        down = []
        for _ in range(2):
            time.sleep(2)
            began, before = time.monotonic(), len(receiver.effects)
            server.crash()
            eventually(lambda: len(receiver.effects) > before + 20, 60)
            down.append(time.monotonic() - began)
        time.sleep(1)
        receiver.failure_rate = 0.0  # what is measured is the taking over, not how long retries wait
        gateway.kill()
        began, wanted = time.monotonic(), dict(senders.newest)
        gateway.start()
        eventually(lambda: not behind(receiver, wanted), 90)
        resumed = time.monotonic() - began
        settle(verdicts, "one gateway", receiver, senders, gateway, seed, server_crashes=2, kills=1,
               slowest_after_crash_s=f"{max(down):.1f}", slowest_recovery_s=f"{resumed:.1f}")
        verdicts.check(f"a killed gateway's work goes on within {RESUMED_WITHIN} s", resumed < RESUMED_WITHIN, f"{resumed:.1f} s")
        halt(verdicts, "one gateway", gateway)


def together(server, verdicts, seed):
    """Three gateways: one is killed, one stands still past its leases and comes back."""
    name, dsn = server.database()
    with Receiver(0.1, seed) as receiver, make("pg-a", dsn, receiver.port) as first, \
            make("pg-b", dsn, receiver.port, first.folder / "keys") as second, \
            make("pg-c", dsn, receiver.port, first.folder / "keys") as third:
        for gateway in (first, second, third):
            gateway.start()
        senders = Senders([first, second, third], 120, seed, patience=4)
        time.sleep(5)
        verdicts.check("each gateway took webhooks", all(senders.taken.values()), str(list(senders.taken.values())))
        def owners():
            return int(server.sql("SELECT count(DISTINCT owner) FROM lane WHERE owner <> ''", name))
        verdicts.check("each gateway delivered", eventually(lambda: owners() == 3, 30, 0.5), f"{owners()} of 3 leased lanes")
        wanted, began = dict(senders.newest), time.monotonic()
        receiver.failure_rate = 0.0  # as above
        first.kill()
        os.kill(second.process.pid, signal.SIGSTOP)
        eventually(lambda: not behind(receiver, wanted), 90)
        resumed = time.monotonic() - began
        time.sleep(max(0, 40 - resumed))  # past every lease of the one that stands still
        os.kill(second.process.pid, signal.SIGCONT)
        time.sleep(5)
        settle(verdicts, "three gateways", receiver, senders, third, seed, gateways=3, kills=1,
               stopped_s=f"{time.monotonic() - began:.0f}", slowest_recovery_s=f"{resumed:.1f}")
        verdicts.check(f"the work of the dead goes on within {RESUMED_WITHIN} s", resumed < RESUMED_WITHIN, f"{resumed:.1f} s")
        verdicts.check("who stood still works on", second.wait_ready(20), second.last_words())
        halt(verdicts, "three gateways", second, third)


def moved(server, verdicts, seed):
    """A gateway on SQLite moves into PostgreSQL; the move is killed on its way, and taken up."""
    name, dsn = server.database()
    with Receiver(0.1, seed) as receiver, make("pg-moved", dsn, receiver.port, store="{ type: sqlite }") as gateway:
        gateway.start()
        senders = Senders([gateway], 150, seed)
        time.sleep(4)
        busy = gateway.cli("store", "migrate", "--to", dsn)
        verdicts.check("no store is moved while its gateway runs", busy.code != 0 and "gateway" in busy.err, str(busy))
        senders.stop()
        gateway.kill()
        kills, generator = 0, random.Random(seed)
        for _ in range(6):
            process = subprocess.Popen([BINARY, "--config", gateway.config, "store", "migrate", "--to", dsn], cwd=gateway.folder,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(generator.uniform(0.2, 1.2))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
        done = gateway.cli("store", "migrate", "--to", dsn)
        if done.code != 0:  # one that was not killed in time had done it
            verdicts.check("a move that is done is not done again", "a store was moved into this database already" in done.err, str(done))
        rows = {}
        with sqlite3.connect(gateway.folder / "data/tributary.db") as old:
            for (table,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall():
                here = old.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
                rows[table] = (here, int(server.sql(f'SELECT count(*) FROM "{table}"', name)))
        differ = {table: counts for table, counts in rows.items() if counts[0] != counts[1]}
        verdicts.check("every row of every table is there", not differ and sum(counts[0] for counts in rows.values()) > 300, str(differ))
        gateway.configure(CONFIG % {"port": receiver.port}, store=f'{{ type: postgres, dsn: "{dsn}" }}')
        gateway.start()
        after = Senders([gateway], 150, seed + 1, senders.newest)
        time.sleep(2)
        settle(verdicts, "a store that moved", receiver, after, gateway, seed, kills=kills,
               rows_moved=sum(counts[0] for counts in rows.values()))
        again = gateway.cli("store", "migrate", "--to", dsn)
        verdicts.check("a store of type postgres is not moved", again.code == 1, str(again))
        gateway.stop()


def guide(server, verdicts):
    """docs/postgres.md: its command moves a store, and its configuration opens it."""
    _, dsn = server.database()
    document = (ROOT / "docs/postgres.md").read_text()
    command, store = (re.search(f"```{kind}\\n(.*?)```", document, re.S).group(1) for kind in ("sh", "yaml"))
    with Gateway("pg-guide") as gateway:
        head = "gateway: { name: acme }\nvault: { master: { type: file, path: keys/master.key } }\n"
        gateway.write("gateway.yaml", head)
        gateway.init([("shop", "key", "value of it")])
        (gateway.folder / "bin").mkdir()
        (gateway.folder / "bin/tributary").symlink_to(pathlib.Path(BINARY).resolve())
        env = dict(os.environ, TRIBUTARY_DSN=dsn, PATH=f"{gateway.folder}/bin:{os.environ['PATH']}")

        def shell(text):
            return subprocess.run(["bash", "-c", text], cwd=gateway.folder, env=env, capture_output=True, text=True, timeout=60)

        done = shell(command)
        verdicts.check("the guide's command moves the store", done.returncode == 0, done.stderr[-500:])
        gateway.write("gateway.yaml", head + store)
        listed = shell("tributary --config gateway.yaml check && tributary --config gateway.yaml secret list")
        verdicts.check("the guide's configuration opens it", listed.returncode == 0 and "shop" in listed.stdout, f"{listed}")
        refused = shell("tributary --config gateway.yaml restore; tributary --config gateway.yaml backup run")
        verdicts.check("backups say what to use instead", "pg_dump" in refused.stderr, refused.stderr[-500:])
        env["TRIBUTARY_DSN"] = dsn.replace("user=tributary", "user=nobody password=hunter2")
        away = shell("tributary --config gateway.yaml secret list")
        verdicts.check("a wrong user is refused without the password", away.returncode == 1 and "hunter2" not in away.stderr, f"{away}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    verdicts = Verdicts()
    print(f"seed {options.seed}", flush=True)
    # Side by side, on a server each: both wait for leases most of the time.
    with PostgresServer() as one, PostgresServer() as other, concurrent.futures.ThreadPoolExecutor() as pool:
        for part in [pool.submit(alone, one, verdicts, options.seed), pool.submit(together, other, verdicts, options.seed),
                     pool.submit(moved, other, verdicts, options.seed), pool.submit(guide, other, verdicts)]:
            part.result()
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
