"""The database server crashes again and again under the load of two gateways."""
import time

from gateway import eventually
from nodes import RESUMED_WITHIN, Senders, halt, make, settle
from postgres_server import PostgresServer
from receiver import Receiver

RECOVERED_WITHIN = 3


def campaign(verdicts, seed, full):
    crashes = 40 if full else 3
    with PostgresServer() as server:
        _, dsn = server.database()
        with Receiver(0.1, seed) as receiver, make("one", dsn, receiver.port) as first, \
                make("two", dsn, receiver.port, first.folder / "keys") as second:
            for gateway in (first, second):
                gateway.start()
            senders = Senders([first, second], 120, seed)
            recovered = []
            for _ in range(crashes):
                time.sleep(5 if full else 3)
                server.crash()
                began = time.monotonic()
                taken, effects = dict(senders.taken), len(receiver.effects)
                eventually(lambda: all(senders.taken[one] > count for one, count in taken.items())
                           and len(receiver.effects) > effects, 60, 0.02)
                recovered.append(time.monotonic() - began)
            settle(verdicts, "server restarts", receiver, senders, first, seed, injected=crashes,
                   slowest_recovery_s=f"{max(recovered):.2f}", median_recovery_s=f"{sorted(recovered)[len(recovered) // 2]:.2f}")
            verdicts.check("server restarts: no webhook hung", senders.hung == 0, str(senders.hung))
            # Beside other campaigns it is the machine that takes its time.
            longest = RECOVERED_WITHIN if full else RESUMED_WITHIN
            verdicts.check(f"server restarts: both gateways take webhooks and deliver {longest} s after each",
                           max(recovered) < longest, f"{max(recovered):.2f} s")
            halt(verdicts, "server restarts", first, second)
