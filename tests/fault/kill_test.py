#!/usr/bin/env python3
"""kill -9 at random moments of a mixed run: nothing lost, no effect twice, order kept for each customer.

An ERP (SQLite, several thousand customers, updated while it is read) and a shop (signed webhooks, re-sent with the same
id until they are answered 2xx) feed one gateway, which delivers to a local HTTP destination that answers 500 a tenth of
the time, half of that after it took the record. The gateway is killed KILLS times and started again.

The judge is oracle.py.

  --seed N --kills N --records N
"""
import argparse
import http.client
import json
import pathlib
import random
import sqlite3
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import SHOP_HOOK, Gateway, Refused, Verdicts, eventually, shopify_headers  # noqa: E402
from receiver import Receiver  # noqa: E402
from oracle import judge  # noqa: E402

SECRET = "shop-secret-of-the-kill-test"
MAPPINGS = {
    "kill/erp.yaml": """mapping: kill/erp
to: contact
fields:
  customer_number: number
  name.full: name
  ext.change: { from: change, as: text }
""",
    "kill/shop.yaml": """mapping: kill/shop
to: contact
fields:
  customer_number: number
  name.full: name
  ext.change: { from: change, as: text }
""",
    "kill/contact.out.yaml": """mapping: kill/contact.out
from: contact
to: external
fields:
  number: customer_number
  name: name.full
  change: ext.change
""",
}
CONFIG = """
connections:
  erp:
    connector: sql
    settings:
      type: sqlite
      path: erp.db
      streams:
        customers: { table: customers, key: id, cursor: revision, page: 200 }
    streams:
      customers: { mapping: kill/erp }
  shop:
    SHOP_HOOK
    credentials: { webhook_secret: "${secret:shop#webhook_secret}" }
    webhooks: { topics: [customers/update] }
    streams:
      customers: { mapping: kill/shop }
  crm:
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:%(port)d"
        actions:
          upsert:
            request: { method: POST, path: /customers, body: "{record}" }
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    network: { allow: [127.0.0.0/8], ports: [%(port)d] }
deliveries:
  - name: crm-customers
    to: crm
    entity: contact
    action: upsert
    mapping: kill/contact.out
    purpose: service.order
    retry: { schedule: [200ms, 500ms, 1s, 2s] }
""".replace("SHOP_HOOK", SHOP_HOOK)


class Progress:
    """How far the kills are. Sources keep step with it, so that every kill finds work under way."""

    def __init__(self, kills):
        self.kills, self.done, self.failed = kills, 0, None

    def wait_for(self, part):
        """Until the kills are as far as `part` (0 to 1) of the records."""
        while self.failed is None and part > (self.done + 1) / self.kills:
            time.sleep(0.02)


class Erp:
    """The legacy system: a table, and the newest committed change of every customer."""

    def __init__(self, path, customers, changes, seed):
        self.path, self.random = path, random.Random(seed)
        self.newest = {}
        self.customers, self.changes, self.written = customers, changes, 0
        self.revision = 0
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, number TEXT, name TEXT, change INTEGER,"
                        " revision INTEGER)")
        self.db.execute("CREATE INDEX by_revision ON customers (revision, id)")
        self.write(range(1, customers + 1))

    def write(self, ids):
        self.db.execute("BEGIN IMMEDIATE")
        for one in ids:
            self.revision += 1
            change = self.newest.get(one, 0) + 1
            self.db.execute("INSERT INTO customers VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                            " name = excluded.name, change = excluded.change, revision = excluded.revision",
                            (one, f"E{one}", f"Erp Person {one} {change}", change, self.revision))
            self.newest[one] = change
            self.written += 1
        self.db.execute("COMMIT")

    def work(self, progress):
        while self.written < self.changes and progress.failed is None:
            progress.wait_for(self.written / self.changes)
            count = min(self.random.randint(1, 40), self.changes - self.written)
            self.write(self.random.sample(range(1, self.customers + 1), count))


class Shop:
    """Senders of webhooks, each with customers of its own, whose changes it sends one after the other."""

    def __init__(self, gateway, customers, changes, senders, seed):
        self.gateway = gateway
        generator = random.Random(seed)
        self.plans = [[] for _ in range(senders)]
        counts = {}
        order = list(range(1, customers + 1)) + [generator.randint(1, customers) for _ in range(changes - customers)]
        for one in order:
            counts[one] = counts.get(one, 0) + 1
            self.plans[one % senders].append((one, counts[one]))
        self.acknowledged = {}   # customer -> newest change answered 2xx
        self.sent = [0] * senders
        self.repeats = [0] * senders

    def work(self, sender, progress):
        plan = self.plans[sender]
        connection = None
        for index, (one, change) in enumerate(plan):
            progress.wait_for(index / len(plan))
            body = json.dumps({"id": one, "number": f"S{one}", "name": f"Shop Person {one} {change}",
                               "change": change}).encode()
            headers = shopify_headers("customers/update", body, SECRET, f"{one}-{change}")
            while progress.failed is None:
                try:
                    if connection is None:
                        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.webhook_port, timeout=20)
                    connection.request("POST", "/hooks/shop", body, headers)
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status // 100 == 2:
                        break
                    if answer.status != 503:
                        progress.failed = f"a webhook was answered {answer.status}"
                except (OSError, http.client.HTTPException):
                    if connection:
                        connection.close()
                    connection = None
                self.repeats[sender] += 1
                time.sleep(0.05)
            self.acknowledged[one] = change
            self.sent[sender] += 1


def sync(gateway, progress, stop, passes):
    """Reads the ERP over and over; a run that a kill ends is taken up by the next one."""
    while not stop.is_set() and progress.failed is None:
        try:
            gateway.operate("sync.run", connection="erp", stream="customers")
            passes.append(1)
            time.sleep(0.2)
        except (OSError, http.client.HTTPException, Refused, ValueError):
            time.sleep(0.05)


def kill_often(gateway, progress, generator):
    """Returns the seconds that each start took until it was ready."""
    recoveries = []
    for number in range(progress.kills):
        # One kill in five may hit the start itself, the others come while the gateway is at work.
        if number and number % 5 == 0:
            time.sleep(generator.uniform(0.01, 0.3))
        else:
            began = time.monotonic()
            if not gateway.wait_ready():
                progress.failed = "the gateway did not come back:\n" + gateway.last_words()
                return recoveries
            if number:
                recoveries.append(time.monotonic() - began)
            time.sleep(generator.uniform(0.2, 2))
        if gateway.process.poll() is not None:
            progress.failed = "the gateway ended by itself:\n" + gateway.last_words()
            return recoveries
        gateway.kill()
        gateway.spawn()
        progress.done += 1
    began = time.monotonic()
    if not gateway.wait_ready():
        progress.failed = "the gateway did not come back:\n" + gateway.last_words()
    recoveries.append(time.monotonic() - began)
    return recoveries


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--kills", type=int, help="default: 20, in full 50")
    parser.add_argument("--records", type=int, help="default: 6,000, in full 20,000")
    parser.add_argument("--full", action="store_true", help="three runs with three seeds")
    parser.add_argument("--keep", action="store_true", help="leave the gateway's folder when something fails")
    options = parser.parse_args()
    options.kills = options.kills or (50 if options.full else 20)
    options.records = options.records or (20_000 if options.full else 6_000)
    verdicts = Verdicts()
    for run in range(3 if options.full else 1):
        campaign(options, options.seed + run, verdicts)
    return verdicts.exit_code()


def campaign(options, seed, verdicts):
    print(f"seed {seed}", flush=True)
    generator = random.Random(seed)
    began = time.monotonic()
    half = options.records // 2
    with Receiver(0.1, seed) as receiver, Gateway("kill") as gateway:
        for name, text in MAPPINGS.items():
            gateway.write("mappings/" + name, text)
        gateway.configure(CONFIG % {"port": receiver.port})
        gateway.init([("shop", "webhook_secret", SECRET)])
        erp = Erp(gateway.folder / "erp.db", max(1, half * 3 // 10), half, seed + 1)
        shop = Shop(gateway, max(1, half // 4), options.records - half, 8, seed + 2)
        progress, stop, passes = Progress(options.kills), threading.Event(), []
        gateway.spawn()
        sources = [threading.Thread(target=erp.work, args=(progress,))]
        sources += [threading.Thread(target=shop.work, args=(i, progress)) for i in range(len(shop.plans))]
        reader = threading.Thread(target=sync, args=(gateway, progress, stop, passes))
        for thread in [*sources, reader]:
            thread.start()
        recoveries = kill_often(gateway, progress, generator)
        killed_for = time.monotonic() - began
        for thread in sources:
            while thread.is_alive():
                thread.join(1)
                if gateway.process.poll() is not None and progress.failed is None:
                    progress.failed = "the gateway ended by itself:\n" + gateway.last_words()
        stop.set()
        reader.join()
        if not verdicts.check("the gateway starts again after every kill", progress.failed is None, progress.failed):
            return
        last = eventually(lambda: gateway.operate("sync.run", connection="erp", stream="customers"), 60)
        drained = gateway.quiet(300)
        status = gateway.operate("status")
        letters = gateway.operate("queue.list")
        finding = gateway.operate("audit.verify")
        code = gateway.stop()
        newest = {f"E{one}": change for one, change in erp.newest.items()}
        newest.update({f"S{one}": change for one, change in shop.acknowledged.items()})
        found = judge(receiver.journal, newest)
        counts = {
            "injected": erp.written + sum(shop.sent), "sent": len(receiver.journal),
            "applied": len(receiver.effects), "lost": len(found["lost"]), "duplicated": len(found["duplicated"]),
            "inversions": len(found["inversions"]), "ghosts": len(found["ghosts"]), "kills": progress.done,
            "webhooks_resent": sum(shop.repeats), "sync_runs": len(passes),
            "slowest_recovery_s": f"{max(recoveries, default=0):.2f}", "killing_s": f"{killed_for:.0f}",
            "seconds": f"{time.monotonic() - began:.0f}", "seed": seed}
        print("COUNTS kill " + " ".join(f"{name}={count}" for name, count in counts.items()), flush=True)
        size = f"{options.records} records, {progress.done} kills"
        verdicts.check(f"the queue is empty in the end ({size})", drained, f"{status}")
        verdicts.check("no record went to the dead letters", letters["total"] == 0, str(letters)[:800])
        verdicts.check("the last sync read to the end", last is not None and last["quarantined"] == 0, str(last))
        for name, what in (("lost", "no acknowledged change is lost"),
                           ("duplicated", "no change takes effect twice"),
                           ("inversions", "changes of one customer keep their order"),
                           ("ghosts", "nothing is delivered that was never sent")):
            verdicts.check(f"{what} ({size})", not found[name], f"{len(found[name])}, such as {found[name][:5]}")
        verdicts.check("the audit trail is intact after all kills", finding["intact"], str(finding))
        verdicts.check("it stops with exit code 0 after all kills", code == 0, f"exit {code}")
        if options.keep and verdicts.failed:
            print("kept in", gateway.folder)
            gateway.folder = pathlib.Path("/nonexistent")


if __name__ == "__main__":
    sys.exit(main())
