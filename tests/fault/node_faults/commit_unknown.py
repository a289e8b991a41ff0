"""Connections to the database are cut around a COMMIT: unsent, sent, or committed with the answer lost."""
import time

from gateway import eventually
from nodes import Senders, halt, make, settle
from postgres_proxy import PostgresProxy
from postgres_server import PostgresServer
from receiver import Receiver


def campaign(verdicts, seed, full):
    wanted, longest = (5000, 900) if full else (50, 40)
    with PostgresServer() as server:
        name, _ = server.database()
        with Receiver(0.1, seed) as receiver, PostgresProxy(f"{server.folder}/.s.PGSQL.5432", 0.0, seed) as proxy:
            dsn = f"host=127.0.0.1 port={proxy.port} user=tributary dbname={name}"
            with make("one", dsn, receiver.port) as first, make("two", dsn, receiver.port, first.folder / "keys") as second:
                for gateway in (first, second):
                    gateway.start()
                senders = Senders([first, second], 200, seed, threads=12)
                proxy.rate = 0.1
                began = time.monotonic()
                eventually(lambda: sum(proxy.cut.values()) >= wanted, longest, 0.1)
                proxy.rate = 0.0
                took = time.monotonic() - began
                logs = first.log_text() + second.log_text()
                settled = logs.count("store.commit_settled")
                settle(verdicts, "commit unknown", receiver, senders, first, seed, injected=sum(proxy.cut.values()),
                       **{f"cut_{way}": count for way, count in proxy.cut.items()},
                       settled_as_committed=logs.count('"committed":true'), settled_as_not=logs.count('"committed":false'),
                       seconds=f"{took:.0f}")
                verdicts.check(f"commit unknown: {wanted} connections were cut", sum(proxy.cut.values()) >= wanted,
                               f"{proxy.cut} in {took:.0f} s")
                verdicts.check("commit unknown: gateways asked what became of it", settled > wanted / 2, str(settled))
                verdicts.check("commit unknown: no webhook hung", senders.hung == 0, str(senders.hung))
                halt(verdicts, "commit unknown", first, second)
