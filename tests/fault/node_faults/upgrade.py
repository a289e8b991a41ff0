"""Two gateways restarted in turn under traffic, behind a balancer that asks them whether they are ready; and a database that
a newer program has upgraded.

With TRIBUTARY_OLDER, the program of an earlier version, the gateways begin with that one and each restart of the first round
is an upgrade; without it this program takes over from itself.
"""
import os
import threading
import time

from gateway import BINARY, eventually
from nodes import Senders, halt, make, settle
from postgres_server import PostgresServer
from receiver import Receiver

ASKS_EVERY, LEAVE = 0.3, 2  # seconds: the balancer's checks, and how long a gateway says no before its ports close
SIDE_BY_SIDE = 20           # seconds that gateways of two versions serve one database


class Balancer(threading.Thread):
    """Knows which gateways said that they are ready when they were last asked."""

    def __init__(self, gateways):
        super().__init__(daemon=True)
        self.gateways, self.ready, self.over = gateways, [], threading.Event()

    def run(self):
        while not self.over.is_set():
            self.ready = [gateway for gateway in self.gateways if self.asked(gateway)]
            self.over.wait(ASKS_EVERY)

    @staticmethod
    def asked(gateway):
        try:
            return gateway.get("/readyz", timeout=1)[0] == 200
        except OSError:
            return False

    def turns(self):
        number = 0
        while True:
            number += 1
            ready = self.ready
            while not ready:
                time.sleep(0.02)
                ready = self.ready
            yield ready[number % len(ready)]


def refuses_newer(verdicts, server, name, gateway):
    """As a program sees it that is older than the one that upgraded the database."""
    server.sql("UPDATE store_version SET version = version + 1", name)
    gateway.spawn()
    code = gateway.process.wait(60)
    gateway.process = None
    verdicts.check("rolling upgrade: an older program refuses a newer database", code == 1 and "this program knows up to" in
                   gateway.log_text()[-2000:], f"exit {code}: {gateway.log_text()[-500:]}")
    server.sql("UPDATE store_version SET version = version - 1", name)
    gateway.start()


def campaign(verdicts, seed, full):
    rounds = 20 if full else 1
    older = os.environ.get("TRIBUTARY_OLDER", BINARY)
    with PostgresServer() as server, Receiver(0.1, seed) as receiver:
        name, dsn = server.database()
        with make("one", dsn, receiver.port, leave=LEAVE, binary=older) as first, \
                make("two", dsn, receiver.port, first.folder / "keys", leave=LEAVE, binary=older) as second:
            for gateway in (first, second):
                gateway.start()
            balancer = Balancer([first, second])
            balancer.start()
            eventually(lambda: len(balancer.ready) == 2)
            senders = Senders([first, second], 80, seed, turns=balancer.turns)
            codes, away = [], []
            for _ in range(rounds):
                for gateway in (first, second):
                    time.sleep(1 if gateway.binary == BINARY else SIDE_BY_SIDE)
                    began = time.monotonic()
                    codes.append(gateway.stop())
                    gateway.binary = BINARY
                    gateway.start()
                    away.append(time.monotonic() - began)
                    taken = senders.taken[gateway]
                    eventually(lambda: senders.taken[gateway] > taken, 20)
            settle(verdicts, "rolling restarts", receiver, senders, first, seed, injected=len(codes), unreached=senders.unreached,
                   slowest_recovery_s=f"{max(away):.1f}")
            balancer.over.set()
            verdicts.check("rolling restarts: each stops with exit code 0", not any(codes), str(codes))
            verdicts.check("rolling restarts: no webhook meets a closed port or is put off", senders.unreached + senders.resent == 0,
                           f"{senders.unreached} unreached, {senders.resent} put off")
            second.stop()
            refuses_newer(verdicts, server, name, second)
            halt(verdicts, "rolling restarts", first, second)
