"""Gateways on one PostgreSQL database, who sends them webhooks, and what is counted of it in the end.

Senders change customers of their own, each change after the one before was answered 2xx, at whichever gateway answers; every
change carries its number. The judge is tests/fault/oracle.py.
"""
import http.client
import itertools
import json
import pathlib
import random
import re
import shutil
import sqlite3
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
import oracle  # noqa: E402
from gateway import Gateway, eventually, shopify_headers  # noqa: E402
from kill_test import CONFIG, MAPPINGS, SECRET  # noqa: E402

RESUMED_WITHIN = 45


class Senders:
    """Threads that change customers of their own until stop(); `newest` is what was acknowledged."""

    def __init__(self, gateways, customers, seed, newest=(), threads=6, turns=None, patience=20):
        """`turns`: gives the gateway to try next; else one after the other. `patience`: without an answer within these
        seconds a gateway hangs."""
        self.gateways, self.newest, self.patience = gateways, dict(newest), patience
        self.resent, self.unreached, self.hung, self.odd, self.slowest = 0, 0, 0, [], 0.0
        self.taken = {gateway: 0 for gateway in gateways}
        self.turns = turns or (lambda: itertools.cycle(self.gateways))
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(range(n, customers, threads), random.Random(seed + n)), daemon=True)
                        for n in range(threads)]
        for thread in self.threads:
            thread.start()

    def work(self, customers, generator):
        turns = self.turns()
        while not self.over.is_set():
            one = generator.choice(customers)
            change = self.newest.get(one, 0) + 1
            self.send(turns, one, change)
            self.newest[one] = change
            time.sleep(0.01)

    @staticmethod
    def webhook(one, change):
        body = json.dumps({"id": one, "number": f"S{one}", "name": f"Person {one} {change}", "change": change}).encode()
        return body, shopify_headers("customers/update", body, SECRET, f"{one}-{change}")

    def send(self, turns, one, change):
        """What was begun is ended: nobody knows else whether it counts."""
        body, headers = self.webhook(one, change)
        while True:
            gateway = next(turns)
            began = time.monotonic()
            try:
                status, answered, _ = gateway.post("shop", body, headers, timeout=self.patience)
            except TimeoutError:
                self.hung += 1
                continue
            except (OSError, http.client.HTTPException):  # it is not there, or went away: a balancer would ask another
                self.unreached += 1
                time.sleep(0.05)
                continue
            self.slowest = max(self.slowest, time.monotonic() - began)
            if status in (200, 202):
                self.taken[gateway] += 1
                return
            if status != 503 or "Retry-After" not in answered:
                self.odd.append(status)
            self.resent += 1
            time.sleep(0.05)

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def numbered(newest):
    return {f"S{one}": change for one, change in newest.items()}


def behind(receiver, newest):
    """Examples of customers whose newest acknowledged change did not take effect yet."""
    now = {}
    for request in receiver.applied():
        number, change = request.record["number"], int(request.record["change"])
        now[number] = max(change, now.get(number, 0))
    return [number for number, change in numbered(newest).items() if now.get(number, 0) < change]


def make(name, dsn, port, keys=None, store='{ type: postgres, dsn: "%s" }', destination="127.0.0.1", connections="", more="",
         **place):
    """A gateway that is not started. It sends to /NAME/customers, so that a journal tells who sent. `keys`: those of another
    gateway on the same database."""
    gateway = Gateway(name, **place)
    for file, text in MAPPINGS.items():
        gateway.write("mappings/" + file, text)
    sqlite3.connect(gateway.folder / "erp.db").execute(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, number TEXT, name TEXT, change INTEGER, revision INTEGER)")
    config = (CONFIG % {"port": port}).replace("\ndeliveries:", connections + "\ndeliveries:")
    config = config.replace("path: /customers", f"path: /{name}/customers").replace("http://127.0.0.1:", f"http://{destination}:")
    config = config.replace("127.0.0.0/8", "127.0.0.0/8, 10.0.0.0/8")
    gateway.configure(config + more, store=store.replace("%s", dsn))
    if keys:
        shutil.copytree(keys, gateway.folder / "keys")
    else:
        gateway.init([("shop", "webhook_secret", SECRET)])
    return gateway


def settle(verdicts, campaign, receiver, senders, alive, seed, **figures):
    """Ends the load, waits until nothing is left to do, tells and judges what came of it."""
    senders.stop()
    newest = dict(senders.newest)
    eventually(lambda: not behind(receiver, newest), 90)
    drained = alive.quiet(60)
    with receiver.lock:
        found = oracle.judge(list(receiver.journal), numbered(newest))
    status, finding = alive.operate("status"), alive.operate("audit.verify")
    figures = {"webhooks": sum(newest.values()), "sent": len(receiver.journal), "applied": len(receiver.effects),
               "webhooks_put_off": senders.resent, "hung": senders.hung, "slowest_webhook_s": f"{senders.slowest:.1f}", **figures}
    oracle.told(campaign.replace(" ", "_"), seed, **{"injected": sum(newest.values()), **oracle.counts(found), **figures})
    for name, promise in (("lost", "no acknowledged change is lost"), ("duplicated", "no change takes effect twice"),
                          ("inversions", "changes of one customer keep their order"),
                          ("ghosts", "nobody invented a change")):
        verdicts.check(f"{campaign}: {promise}", not found[name], f"{len(found[name])}, such as {found[name][:5]}")
    verdicts.check(f"{campaign}: webhooks were taken, or put off with 503 and Retry-After", not senders.odd, str(senders.odd[:5]))
    verdicts.check(f"{campaign}: the queue is empty in the end", drained, f"{status} {alive.log_text()[-1500:]}")
    verdicts.check(f"{campaign}: the audit trail is intact", finding["intact"], str(finding))


def figure(gateway, name):
    """The sum of a metric over its labels; 0 when it is not there."""
    text = gateway.get("/metrics")[1]
    return sum(float(value) for value in re.findall(rf"^tributary_{name}(?:{{[^}}]*}})? (\S+)$", text, re.M))


def node_of(gateway):
    """The name under which a gateway holds leases."""
    return re.search(r'^tributary_node_info{.*node="([^"]*)"', gateway.get("/metrics")[1], re.M).group(1)


def halt(verdicts, campaign, *gateways):
    for gateway in gateways:
        code = gateway.stop()
        verdicts.check(f"{campaign}: a gateway stops with exit code 0", code == 0, f"exit {code}: {gateway.last_words()}")
