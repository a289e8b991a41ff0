"""Gateways that stand still past their leases with sends in flight, and then go on as if nothing had happened.

What a zombie brings back must not count: for each lane that it held when it stopped, and that another took over meanwhile,
its own count of lost leases must grow by one.
"""
import contextlib
import os
import signal
import time

import oracle
from gateway import eventually
from nodes import Senders, figure, halt, make, node_of, settle
from postgres_server import PostgresServer
from receiver import Receiver

PAST_LEASES = 34  # a lease lasts 30 s


class Zombie:
    """A gateway that is stopped. `held`: lane -> epoch of its leases then."""

    def __init__(self, gateway, server, database):
        self.gateway, self.server, self.database, self.node = gateway, server, database, node_of(gateway)

    def lanes(self, where):
        rows = self.server.sql(f"SELECT id, epoch FROM lane WHERE {where}", self.database)
        return dict(tuple(map(int, row.split("|"))) for row in rows.split())

    def stop(self):
        eventually(lambda: self.lanes(f"owner = '{self.node}' AND lease_until IS NOT NULL"), 10, 0.01)
        os.kill(self.gateway.process.pid, signal.SIGSTOP)

    def look(self):
        """What it holds; once the server has ended what it was in the middle of."""
        self.held = self.lanes(f"owner = '{self.node}' AND lease_until IS NOT NULL")

    def lost(self):
        """How many of its lanes went to somebody else, or may."""
        now = self.lanes("true")
        kept = self.lanes(f"owner = '{self.node}' AND lease_until IS NOT NULL")
        return sum(now.get(lane) != epoch or lane not in kept for lane, epoch in self.held.items())


    def stale(self, gone, lost_before):
        """How many outcomes it brought back of lanes that were gone, beyond those that it counts as lost."""
        def grown():
            return figure(self.gateway, "leases_lost_total") - lost_before
        eventually(lambda: grown() >= gone, 20, 0.2)
        return max(0, int(gone - grown())), int(grown())


def stand_still(server, database, gateways):
    """One round: all stop, and go on when their leases ran out. (zombie, lanes that went, stale outcomes, losses counted) of
    each, and the seconds until the last one had said what it lost."""
    zombies = [Zombie(gateway, server, database) for gateway in gateways]
    before = [figure(gateway, "leases_lost_total") for gateway in gateways]
    for zombie in zombies:
        zombie.stop()
    time.sleep(10)  # a session inside a transaction is ended after 8 s
    for zombie in zombies:
        zombie.look()
    time.sleep(PAST_LEASES - 10)
    gone = [zombie.lost() for zombie in zombies]
    for zombie in zombies:
        os.kill(zombie.gateway.process.pid, signal.SIGCONT)
    began = time.monotonic()
    found = [(zombie, lanes, *zombie.stale(lanes, lost)) for zombie, lanes, lost in zip(zombies, gone, before)]
    return found, time.monotonic() - began


@contextlib.contextmanager
def scene(receiver, dsn, zombies):
    alive = make("alive", dsn, receiver.port)
    gateways = [alive, *(make(f"zombie{n}", dsn, receiver.port, alive.folder / "keys") for n in range(zombies))]
    try:
        for gateway in gateways:
            gateway.start()
        yield gateways
    finally:
        for gateway in gateways:
            gateway.close()


def campaign(verdicts, seed, full):
    zombies, rounds = (4, 25) if full else (1, 1)
    with PostgresServer() as server, Receiver(0.1, seed, delay=1.0) as receiver:
        name, dsn = server.database()
        with scene(receiver, dsn, zombies) as (alive, *others):
            senders = Senders([alive, *others], 150, seed, threads=8, patience=2)
            found, slowest = [], 0.0
            for _ in range(rounds):
                time.sleep(4)
                some, took = stand_still(server, name, others)
                found += some
                slowest = max(slowest, took)
                verdicts.check(f"zombies {len(found)}: they work on", all(one.wait_ready(20) for one in others),
                               str([one.last_words() for one in others])[-1500:])
            gone, stale, counted = (sum(one[column] for one in found) for column in (1, 2, 3))
            settle(verdicts, "zombie", receiver, senders, alive, seed, injected=len(found), gateways=1 + zombies,
                   with_leases=sum(bool(one[0].held) for one in found), leases_taken_over=gone, lease_losses_counted=counted,
                   stale_settles=stale, slowest_recovery_s=f"{slowest:.1f}")
            verdicts.check("zombie: no stale outcome is accepted, and each lost lease is counted", stale == 0 and counted > 0,
                           f"{stale} of {gone} were, {counted} counted")
            halt(verdicts, "zombie", alive, *others)


def without_fence(verdicts, seed, full):
    """The guard broken on purpose: a claim does not raise the lane's epoch, so every token is good for ever."""
    del full
    with PostgresServer() as server, Receiver(0.0, seed, delay=2.0) as receiver:
        name, dsn = server.database()
        with scene(receiver, dsn, 1) as (alive, other):
            server.sql("CREATE FUNCTION keep_epoch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.epoch = OLD.epoch; RETURN NEW; "
                       "END $$; CREATE TRIGGER keep_epoch BEFORE UPDATE ON lane FOR EACH ROW EXECUTE FUNCTION keep_epoch()", name)
            senders = Senders([alive, other], 80, seed, threads=12, patience=2)
            time.sleep(4)
            found, _ = stand_still(server, name, [other])
            senders.stop()
            oracle.told("zombie_without_fence", seed, injected=1, leases_taken_over=found[0][1], stale_settles=found[0][2])
            verdicts.check("without the fence, stale outcomes are accepted and found", found[0][2] > 0, str(found[0][1:]))
