"""One of two gateways loses the database for a while: its cable is pulled, or packets vanish without a word.

Each gateway is in a network namespace of its own. The one that is cut off still reaches the destination and is still sent
webhooks: it must stop sending before its leases run out, answer 503 and not hang, notice, and come back by itself.
"""
import itertools
import threading
import time

from gateway import eventually
from network import DATABASE, FRONT, Node
from nodes import RESUMED_WITHIN, Senders, behind, halt, make, settle
from postgres_server import PostgresServer
from receiver import Receiver

LEASE, REJOINED_WITHIN, NOTICED_WITHIN = 30, 10, 15


class Prober(threading.Thread):
    """Posts a webhook every half second that was acknowledged before, so that it changes nothing."""

    def __init__(self, gateway, senders):
        super().__init__(daemon=True)
        self.gateway, self.over, self.answers = gateway, threading.Event(), []
        self.body, self.headers = senders.webhook(next(iter(senders.newest)), 1)

    def run(self):
        while not self.over.wait(0.5):
            began = time.monotonic()
            try:
                status = self.gateway.post("shop", self.body, self.headers, timeout=30)[0]
            except TimeoutError:
                status = "hang"
            self.answers.append((began, time.monotonic() - began, status))

    def stop(self):
        self.over.set()
        self.join()


def not_ready(gateway):
    return gateway.get("/readyz")[0] == 503


def cut(node, how, on):
    if how == "cable":
        node.link(on)
    else:
        node.forward(on)


def lose_database(verdicts, what, how, node, lost, receiver, senders, full):
    """Figures of one partition. Beside other campaigns, as in the reduced run, the machine takes its time."""
    slack, seconds = (1, 60) if full else (2, 35)
    noticed_within, rejoined_within = NOTICED_WITHIN * slack, REJOINED_WITHIN * slack
    prober = Prober(lost, senders)
    began = time.monotonic()
    cut(node, how, False)
    prober.start()
    noticed = time.monotonic() - began if eventually(lambda: not_ready(lost), 60, 0.1) else 60.0
    wanted = dict(senders.newest)
    resumed = time.monotonic() - began if eventually(lambda: not behind(receiver, wanted), 60, 0.2) else 60.0
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    healthy = lost.get("/healthz")[0]
    prober.stop()
    back = time.monotonic()
    cut(node, how, True)
    taken = senders.taken[lost]
    rejoined = time.monotonic() - back if eventually(
        lambda: not not_ready(lost) and senders.taken[lost] > taken, 60, 0.05) else 60.0
    late = [request.at - began for request in receiver.journal
            if request.path.startswith("/lost") and began + LEASE < request.at < back]
    odd = [answer for answer in prober.answers if answer[2] not in (200, 503)]
    verdicts.check(f"{what}: nothing is sent after the leases ran out", not late, str(late[:5]))
    verdicts.check(f"{what}: it is noticed within {noticed_within} s", noticed <= noticed_within, f"{noticed:.1f} s")
    verdicts.check(f"{what}: webhooks are put off, and none hangs", not odd and len(prober.answers) > 5, str(odd[:5]))
    verdicts.check(f"{what}: the process counts as healthy", healthy == 200, str(healthy))
    verdicts.check(f"{what}: the other goes on with its work within {RESUMED_WITHIN} s", resumed < RESUMED_WITHIN, f"{resumed:.1f} s")
    verdicts.check(f"{what}: it is back within {rejoined_within} s", rejoined < rejoined_within, f"{rejoined:.1f} s")
    return {"noticed": noticed, "rejoined": rejoined, "resumed": resumed,
            "webhook": max((answer[1] for answer in prober.answers), default=0.0)}


def campaign(verdicts, seed, full):
    ways = ["half_open", "cable"] * 3 if full else ["half_open"]
    first, second = Node(2), Node(3)
    try:
        with PostgresServer({"listen_addresses": DATABASE}, "host all all 10.0.0.0/8 trust\n") as server:
            name, _ = server.database()
            dsn = f"host={DATABASE} user=tributary dbname={name}"
            with Receiver(0.1, seed, "0.0.0.0") as receiver, \
                    make("kept", dsn, receiver.port, destination=FRONT, node=first) as kept, \
                    make("lost", dsn, receiver.port, kept.folder / "keys", destination=FRONT, node=second) as lost:
                for gateway in (kept, lost):
                    gateway.start()
                senders = Senders([kept, lost], 60, seed)
                time.sleep(4)
                found = {}
                for how, number in zip(ways, itertools.count(1)):
                    one = lose_database(verdicts, f"partition {number}, {how.replace('_', ' ')}", how, second, lost, receiver, senders,
                                        full)
                    for figure, seconds in one.items():
                        found.setdefault(f"slowest_{figure}_s", []).append(seconds)
                    time.sleep(3)
                slowest = {figure: f"{max(seconds):.1f}" for figure, seconds in found.items()}
                settle(verdicts, "partition", receiver, senders, kept, seed, injected=len(ways),
                       slowest_recovery_s=slowest.pop("slowest_rejoined_s"), **slowest)
                verdicts.check("partition: no webhook hung", senders.hung == 0, str(senders.hung))
                halt(verdicts, "partition", kept, lost)
    finally:
        first.close()
        second.close()
