"""Three gateways on one database change their configuration together, under load: each has files of its own, one is asked.

A change counts everywhere or nowhere: one gateway's files have a mistake, or make another configuration; two are asked at
once; one stands still while the others change, and catches up by itself when it goes on.

  stale   made by a configuration that all gateways had replaced before the webhook was posted
"""
import concurrent.futures
import itertools
import random
import shutil
import signal
import time

import oracle
from gateway import Gateway, Refused, eventually
from nodes import figure, halt
from postgres_server import PostgresServer
from receiver import Receiver
from reload_test import SECRET, Changes, Load, judge

GATEWAYS = 3
FORGOTTEN_WITHIN = 45  # seconds: a gateway that was not heard of for 30 is not waited for


class Fleet:
    """The gateways, and the configuration that all have."""

    def __init__(self, gateways, dsn, port, seed):
        self.gateways, self.random = gateways, random.Random(seed)
        self.changes = [Changes(gateway, port, seed, store='{ type: postgres, dsn: "%s" }' % dsn) for gateway in gateways]
        self.number, self.force, self.slowest, self.apart = 0, [0], 0.0, 0.0

    def write(self, number, to=None):
        for changes in self.changes:
            if to is None or changes.gateway in to:
                changes.write(number)

    def loads(self, of=None):
        return [changes.loads() for changes in self.changes if of is None or changes.gateway in of]

    def change(self, of=None, patience=20):
        """The next configuration, on all or on these; the one asked is chosen. What went wrong, else None."""
        self.number += 1
        self.write(self.number)
        before = self.loads(of)
        began = time.monotonic()
        try:
            self.random.choice(of or self.gateways).operate("config.reload")
        except Refused as refusal:
            return str(refusal)
        answered = time.monotonic()
        if not eventually(lambda: all(now > was for now, was in zip(self.loads(of), before)), patience, 0.02):
            return f"loaded before: {before}, now: {self.loads(of)}"
        if of is None:
            self.slowest, self.apart = max(self.slowest, answered - began), max(self.apart, time.monotonic() - answered)
            self.force[0] = self.number
        return None

    def refused(self, spoil, says):
        """One gateway's files are not those of the others, and another one is asked. What went wrong, else None."""
        asked, odd = self.random.sample(self.gateways, 2)
        self.write(self.number + 1)
        spoil(odd)
        before = self.loads()
        try:
            asked.operate("config.reload")
        except Refused as refusal:
            wrong = f"127.0.0.1:{odd.admin_port}" not in str(refusal) or says not in str(refusal)
            time.sleep(1.5)  # longer than a look
            if self.loads() != before:
                return f"loaded before: {before}, now: {self.loads()}"
            return f"the answer does not say who and what: {refusal}" if wrong else None
        return "it was taken up"


def mistaken(gateway):
    gateway.config.write_text(gateway.config.read_text().replace("    purpose:", "    porpoise:"))


def different(gateway):
    gateway.config.write_text(gateway.config.read_text().replace("retry: { schedule: [200ms", "retry: { schedule: [300ms"))


def both_at_once(fleet):
    """Two are asked for the same change: both say that it is done, or one that it is on its way."""
    fleet.number += 1
    fleet.write(fleet.number)
    before = fleet.loads()

    def ask(gateway):
        try:
            gateway.operate("config.reload")
            return "done"
        except Refused as refusal:
            return str(refusal)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answers = list(pool.map(ask, fleet.gateways[:2]))
    if not eventually(lambda: all(now > was for now, was in zip(fleet.loads(), before))):
        return f"{answers}, loaded before: {before}, now: {fleet.loads()}"
    fleet.force[0] = fleet.number
    odd = [answer for answer in answers if answer != "done" and "is on its way" not in answer]
    return f"{answers}" if odd or "done" not in answers else None


def stands_still(fleet):
    """The others are not held up for good, and the one that stood still takes the change up when it goes on."""
    still = fleet.gateways[-1]
    still_before = len(still.log_text())
    still.process.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        if wrong := fleet.change(of=fleet.gateways[:-1], patience=FORGOTTEN_WITHIN):
            return wrong
        waited = time.monotonic() - began
    finally:
        still.process.send_signal(signal.SIGCONT)
    if not eventually(lambda: "configuration taken up" in still.log_text()[still_before:], 30):
        return f"it did not catch up: {still.log_text()[-800:]}"
    fleet.force[0] = fleet.number
    return None if waited <= FORGOTTEN_WITHIN else f"the others waited {waited:.1f} s"


def campaign(verdicts, seed, full):
    rounds = 60 if full else 6
    with PostgresServer() as server, Receiver(0.1, seed) as crm:
        _, dsn = server.database()
        gateways = [Gateway(f"reload-{n}") for n in range(GATEWAYS)]
        fleet = Fleet(gateways, dsn, crm.port, seed)
        try:
            fleet.write(0)
            gateways[0].init([("shop", "webhook_secret", SECRET)])
            for gateway in gateways:
                if gateway is not gateways[0]:
                    shutil.copytree(gateways[0].folder / "keys", gateway.folder / "keys")
                gateway.start()
            verdicts.check("joint reload: each knows of the others", eventually(
                lambda: all(figure(gateway, "gateways") == GATEWAYS for gateway in gateways), 20),
                str([figure(gateway, "gateways") for gateway in gateways]))
            loads = [Load(gateway, fleet.force, itertools.count(n + 1, GATEWAYS), 0.05) for n, gateway in enumerate(gateways)]
            for load in loads:
                load.start()
            wrong = [said for said in (fleet.change() for _ in range(rounds)) if said]
            verdicts.check("joint reload: who is asked changes all", not wrong, str(wrong[:3]))
            mistakes = [said for _ in range(rounds // 3) for said in (fleet.refused(mistaken, "gateway.yaml:"),
                                                                      fleet.refused(different, "section deliveries")) if said]
            verdicts.check("joint reload: when one does not agree nothing changes anywhere, and the answer says who and what",
                           not mistakes, str(mistakes[:3]))
            verdicts.run("joint reload: two are asked at once", lambda: both_at_once(fleet))
            # From here on webhooks may be put off: who stands still may hold the lock of writers.
            refused = [one for load in loads for one in load.refused]
            verdicts.run("joint reload: one stands still meanwhile", lambda: stands_still(fleet))
            for load in loads:
                load.ends.set()
            for load in loads:
                load.join(30)
            drained = gateways[0].quiet(60)
            posted = {number: before for load in loads for number, before in load.posted.items()}
            lost, twice, stale, mixed = judge(crm, posted)
            oracle.told("joint_reload", seed, injected=fleet.number, lost=len(lost), duplicated=len(twice), stale=len(stale),
                        gateways=GATEWAYS, webhooks=len(posted), refused=len(refused), not_agreed=2 * (rounds // 3),
                        slowest_change_s=f"{fleet.slowest:.1f}", apart_s=f"{fleet.apart:.2f}")
            verdicts.check("joint reload: nothing is lost and nothing applied twice", not lost and not twice,
                           f"lost {lost[:5]}, twice {twice[:5]}")
            verdicts.check("joint reload: what comes after a change is made by it", not stale, str(stale[:5]))
            verdicts.check("joint reload: mapping and action of one record are of one configuration", not mixed, str(mixed[:3]))
            verdicts.check("joint reload: webhooks are taken during every change", not refused, str(refused[:3]))
            verdicts.check("joint reload: the queue is empty in the end", drained, gateways[0].log_text()[-1500:])
            halt(verdicts, "joint reload", *gateways)
        finally:
            for gateway in gateways:
                gateway.close()
