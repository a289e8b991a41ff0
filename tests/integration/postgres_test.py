#!/usr/bin/env python3
"""Gateways on PostgreSQL: one, whose server crashes and which is killed; three on one database, of which one is killed and one
stands still past its leases; and one whose store was moved there from SQLite.

Senders change customers of their own, each change after the one before was answered 2xx, at whichever gateway answers. The
destination answers 500 a tenth of the time, half of that after it took the record. Every change carries its number. In the end:
  lost         customers whose newest acknowledged change is not the newest that took effect
  doubled      a change that took effect under two idempotency keys
  inversions   an older change that took effect after a newer one

  --seed N
"""
import argparse
import concurrent.futures
import http.client
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
from gateway import BINARY, Gateway, Verdicts, eventually, shopify_headers  # noqa: E402
from kill_test import CONFIG, MAPPINGS, SECRET  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from receiver import Receiver  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESUMED_WITHIN = 45


class Senders:
    """Threads that change customers of their own until stop(); `newest` is what was acknowledged."""

    def __init__(self, gateways, customers, seed, newest=(), threads=6):
        self.gateways, self.newest, self.resent, self.odd = gateways, dict(newest), 0, []
        self.taken = {gateway: 0 for gateway in gateways}
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(range(n, customers, threads), random.Random(seed + n)))
                        for n in range(threads)]
        for thread in self.threads:
            thread.start()

    def work(self, customers, generator):
        turns = itertools.cycle(self.gateways)
        while not self.over.is_set():
            one = generator.choice(customers)
            change = self.newest.get(one, 0) + 1
            body = json.dumps({"id": one, "number": f"S{one}", "name": f"Person {one} {change}", "change": change}).encode()
            headers = shopify_headers("customers/update", body, SECRET, f"{one}-{change}")
            while True:  # what was begun is ended: nobody knows else whether it counts
                gateway = next(turns)
                try:
                    status, _, _ = gateway.post("shop", body, headers, timeout=4)
                except (OSError, http.client.HTTPException):
                    status = 503
                if status // 100 == 2:
                    self.taken[gateway] += 1
                    break
                if status not in (429, 503):
                    self.odd.append(status)
                self.resent += 1
                time.sleep(0.05)
            self.newest[one] = change
            time.sleep(0.01)

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def applied(receiver):
    """Customer -> newest change that took effect, and what went wrong."""
    now, keys, doubled, inversions = {}, {}, [], []
    with receiver.lock:
        journal = list(receiver.journal)
    for request in journal:
        if not request.applied:
            continue
        one, change = int(request.record["number"][1:]), int(request.record["change"])
        if keys.setdefault((one, change), request.key) != request.key:
            doubled.append((one, change))
        if change < now.get(one, 0):
            inversions.append((one, change, now[one]))
        now[one] = max(change, now.get(one, 0))
    return now, doubled, inversions


def behind(receiver, wanted):
    now, _, _ = applied(receiver)
    return [one for one, change in wanted.items() if now.get(one, 0) < change]


def make(name, dsn, port, keys=None, store="{ type: postgres, dsn: \"%s\" }"):
    gateway = Gateway(name)
    for file, text in MAPPINGS.items():
        gateway.write("mappings/" + file, text)
    sqlite3.connect(gateway.folder / "erp.db").execute(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, number TEXT, name TEXT, change INTEGER, revision INTEGER)")
    gateway.configure(CONFIG % {"port": port}, store=store.replace("%s", dsn))
    if keys:
        shutil.copytree(keys, gateway.folder / "keys")
    else:
        gateway.init([("shop", "webhook_secret", SECRET)])
    return gateway


def judge(verdicts, what, receiver, senders, alive, counts):
    senders.stop()
    wanted = dict(senders.newest)
    eventually(lambda: not behind(receiver, wanted), 90)
    drained = alive.quiet(60)
    now, doubled, inversions = applied(receiver)
    lost = behind(receiver, wanted)
    status, finding = alive.operate("status"), alive.operate("audit.verify")
    counts = {"injected": sum(wanted.values()), "sent": len(receiver.journal), "applied": len(receiver.effects), "lost": len(lost),
              "doubled": len(doubled), "inversions": len(inversions), "webhooks_resent": senders.resent, **counts}
    print("COUNTS " + " ".join(f"{name}={count}" for name, count in counts.items()), flush=True)
    verdicts.check(f"{what}: no acknowledged change is lost", not lost, f"{lost[:5]} {alive.log_text()[-1500:]}")
    verdicts.check(f"{what}: no change takes effect twice", not doubled, str(doubled[:5]))
    verdicts.check(f"{what}: changes of one customer keep their order", not inversions, str(inversions[:5]))
    verdicts.check(f"{what}: nobody invented a change", all(now[one] <= wanted.get(one, 0) for one in now), str(now)[:200])
    verdicts.check(f"{what}: webhooks were taken or put off, nothing else", not senders.odd, str(senders.odd[:5]))
    verdicts.check(f"{what}: the queue is empty in the end", drained, str(status))
    verdicts.check(f"{what}: the audit trail is intact", finding["intact"], str(finding))


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
        gateway.kill()
        began, wanted = time.monotonic(), dict(senders.newest)
        gateway.start()
        eventually(lambda: not behind(receiver, wanted), 90)
        resumed = time.monotonic() - began
        judge(verdicts, "one gateway", receiver, senders, gateway,
              {"server_crashes": 2, "slowest_after_crash_s": f"{max(down):.1f}", "kills": 1, "resumed_s": f"{resumed:.1f}", "seed": seed})
        verdicts.check(f"a killed gateway's work goes on within {RESUMED_WITHIN} s", resumed < RESUMED_WITHIN, f"{resumed:.1f} s")
        code = gateway.stop()
        verdicts.check("it stops with exit code 0", code == 0, f"exit {code}: {gateway.last_words()}")


def together(server, verdicts, seed):
    """Three gateways: one is killed, one stands still past its leases and comes back."""
    name, dsn = server.database()
    with Receiver(0.1, seed) as receiver, make("pg-a", dsn, receiver.port) as first, \
            make("pg-b", dsn, receiver.port, first.folder / "keys") as second, \
            make("pg-c", dsn, receiver.port, first.folder / "keys") as third:
        for gateway in (first, second, third):
            gateway.start()
        senders = Senders([first, second, third], 120, seed)
        time.sleep(5)
        verdicts.check("each gateway took webhooks", all(senders.taken.values()), str(list(senders.taken.values())))
        def owners():
            return int(server.sql("SELECT count(DISTINCT owner) FROM lane WHERE owner <> ''", name))
        verdicts.check("each gateway delivered", eventually(lambda: owners() == 3, 30, 0.5), f"{owners()} of 3 leased lanes")
        wanted, began = dict(senders.newest), time.monotonic()
        first.kill()
        os.kill(second.process.pid, signal.SIGSTOP)
        eventually(lambda: not behind(receiver, wanted), 90)
        resumed = time.monotonic() - began
        time.sleep(max(0, 40 - resumed))  # past every lease of the one that stands still
        os.kill(second.process.pid, signal.SIGCONT)
        time.sleep(5)
        judge(verdicts, "three gateways", receiver, senders, third,
              {"gateways": 3, "kills": 1, "stopped_s": f"{time.monotonic() - began:.0f}", "resumed_s": f"{resumed:.1f}", "seed": seed})
        verdicts.check(f"the work of the dead goes on within {RESUMED_WITHIN} s", resumed < RESUMED_WITHIN, f"{resumed:.1f} s")
        verdicts.check("who stood still works on", second.wait_ready(20), second.last_words())
        for gateway in (second, third):
            code = gateway.stop()
            verdicts.check("it stops with exit code 0", code == 0, f"exit {code}: {gateway.last_words()}")


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
        judge(verdicts, "a store that moved", receiver, after, gateway,
              {"rows_moved": sum(counts[0] for counts in rows.values()), "kills": kills, "seed": seed})
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
