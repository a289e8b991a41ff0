"""What stands around the gateway of the soak: a shop, an ERP, three destinations, and a store that is full of history."""
import http.client
import json
import os
import random
import sqlite3
import threading
import time

from gateway import SHOP_HOOK, shopify_headers
from kill_test import MAPPINGS, Erp
from unkind import CONNECTION, Unkind

DESTINATIONS = ("crm", "desk", "archive")
DELIVERY = """
  - { name: to-%(name)s, to: %(name)s, entity: contact, action: upsert, mapping: kill/contact.out, purpose: service.order,
      on_permanent_failure: skip, retry: { schedule: [200ms, 500ms, 1s, %(last)dms] } }"""
CONFIG = """
retention: { delivery_ids: 7d, attempts: 1d, job_history: 1d, dead_letters: 1d, unsolved_dead_letters: 1d }
connections:
  erp:
    connector: sql
    settings:
      type: sqlite
      path: erp.db
      streams:
        customers: { table: customers, key: id, cursor: revision, page: 200 }
    streams:
      customers: { mapping: kill/erp, schedule: "* * * * *" }
  shop:
    SHOP_HOOK
    credentials: { webhook_secret: "${secret:shop#webhook_secret}" }
    webhooks: { topics: [customers/update] }
    streams:
      customers: { mapping: kill/shop }
""".replace("SHOP_HOOK", SHOP_HOOK).rstrip()


class Destination(Unkind):
    """Does what its `mode` says; whether a request that goes wrong takes effect is left to chance."""
    WRONG = {"failing": [(500,), (503,)], "resetting": ["reset", "early_close"], "hanging": ["silent"],
             "limiting": [(429, "Retry-After: 1")], "garbling": ["garbage", "tls", "drip"], "poisoned": [(422,)]}

    def __init__(self, seed):
        self.mode, self.random = "well", random.Random(seed)
        super().__init__(lambda *_: self.take())

    def take(self):
        if self.mode == "well":
            return True, (200,)
        if self.mode == "refusing":
            return False, "reset"
        knows = self.mode in ("limiting", "poisoned")
        return not knows and self.random.random() < 0.5, self.random.choice(self.WRONG[self.mode])


class Shop(threading.Thread):
    """Changes `customers` at `rate` a second, each until it is acknowledged. `copies`: so often each is sent, at once."""

    def __init__(self, gateway, customers, rate, secret, seed):
        super().__init__(daemon=True)
        self.gateway, self.customers, self.rate, self.secret = gateway, customers, rate, secret
        self.random, self.ends = random.Random(seed), threading.Event()
        self.newest, self.bad = {}, []
        self.copies, self.sent, self.again = 1, 0, 0

    def post(self, one, change, secret=None):
        body = json.dumps({"id": one, "number": f"S{one}", "name": f"Shop Person {one} {change}", "change": change}).encode()
        headers = shopify_headers("customers/update", body, secret or self.secret(), f"{one}-{change}")
        try:
            return self.gateway.post("shop", body, headers)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def run(self):
        due = time.monotonic()
        while not self.ends.wait(max(0, due - time.monotonic())):
            due = max(due + 1 / self.rate, time.monotonic() - 1)  # what a pause kept back comes soon, not at once
            one = self.random.choice(self.customers)
            change = self.newest.get(one, 0) + 1
            copies = [threading.Thread(target=self.post, args=(one, change)) for _ in range(self.copies - 1)]
            for copy in copies:
                copy.start()
            while (status := self.post(one, change)) // 100 != 2:
                self.again += 1
                if status not in (0, 503):
                    self.bad.append(status)
                time.sleep(0.1)
            for copy in copies:
                copy.join()
            self.newest[one] = change
            self.sent += self.copies


class Office(threading.Thread):
    """Writes into the ERP, which the gateway reads once a minute."""

    def __init__(self, folder, customers, rate, seed):
        super().__init__(daemon=True)
        self.erp, self.customers, self.rate = Erp(folder / "erp.db", customers, 0, seed), customers, rate
        self.random, self.ends = random.Random(seed), threading.Event()

    def run(self):
        while not self.ends.wait(2):
            self.erp.write(self.random.sample(range(1, self.customers + 1), 2 * self.rate))


def configure(gateway, destinations, store, last=2000):
    """`last`: the longest wait between attempts, so that there is something to change."""
    for name, text in MAPPINGS.items():
        gateway.write("mappings/" + name, text)
    places = [{"name": name, "port": one.port, "last": last} for name, one in destinations.items()]
    body = CONFIG + "".join(CONNECTION % one for one in places) + "\ndeliveries:" + "".join(DELIVERY % one for one in places) + "\n"
    gateway.configure(body, store or "{ type: sqlite, path: data/tributary.db }")


def fill(path, ids, attempts, seconds, overdue):
    """Puts into a new store what a gateway of this load has from long ago: so much a second of what reaches the end of its
    time in the next `seconds`, and `overdue` of each that have reached it. So it is full from the beginning."""
    now, day = int(time.time() * 1000), 86_400_000
    generator = random.Random(1)
    uids = [generator.randbytes(16) for _ in range(3000)]

    def times(count, keep):
        return sorted([now - keep - 3_600_000] * overdue + [now - keep + int(generator.uniform(0, seconds * 1000)) for _ in range(count)])

    with sqlite3.connect(path) as db:
        db.executemany("INSERT OR IGNORE INTO name (text) VALUES (?)", [("shop",), ("contact",), *((d,) for d in DESTINATIONS)])
        names = dict(db.execute("SELECT text, id FROM name"))
        db.executemany("INSERT INTO inbox_seen VALUES (?, ?, ?)",
                       ((names["shop"], os.urandom(32), at) for at in times(ids * seconds, 7 * day)))
        db.executemany("INSERT INTO attempt (at, destination, entity, record, customer, op_key, outcome, detail, took)"
                       " VALUES (?, ?, ?, ?, ?, ?, 0, 'delivered', 3)",
                       ((at, names[generator.choice(DESTINATIONS)], names["contact"], generator.choice(uids), generator.choice(uids),
                         os.urandom(32)) for at in times(attempts * seconds, day)))
    db.close()


def left_of(path):
    """How much is still there of what reached its end long before the newest sweep: (ids, attempts)."""
    day, now = 86_400_000, int(time.time() * 1000)
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    found = [db.execute(f"SELECT count(*) FROM {table} WHERE {column} < ?", (now - keep - 1_200_000,)).fetchone()[0]
             for table, column, keep in (("inbox_seen", "received_at", 7 * day), ("attempt", "at", day))]
    db.close()
    return tuple(found)
