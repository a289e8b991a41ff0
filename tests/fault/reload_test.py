#!/usr/bin/env python3
"""Configurations changed under load: no webhook refused, nothing lost, no effect twice, a bad one changes nothing.

A shop posts signed webhooks without a pause. Meanwhile the configuration is changed RELOADS times, a fifth of them with
a mistake in a random file, through the admin face, by SIGHUP and by the command. Every good one writes its number into
what the destination is sent, so that it shows which configuration made a record.

  refused      webhooks that were not answered 200
  lost         accepted and never applied at the destination
  duplicated   applied under two keys
  stale        made by a configuration that was replaced before the webhook was posted
  taken        mistakes that were taken up

  --seed N --reloads N
"""
import argparse
import itertools
import pathlib
import random
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import SHOP_HOOK, Gateway, Refused, Verdicts, eventually  # noqa: E402
from receiver import Receiver  # noqa: E402

SECRET = "shop-secret-of-the-reload-test"
IN = """mapping: reload/customer
to: contact
fields:
  customer_number: { from: id, as: text }
  name.full: name
"""
OUT = """mapping: reload/contact.out
from: contact
to: external
fields:
  number: customer_number
  name: name.full
  made_by: { value: "%s" }
"""
CONFIG = """
connections:
  shop:
    SHOP_HOOK
    credentials: { webhook_secret: "${secret:shop#webhook_secret}" }
    webhooks: { topics: [customers/update] }
    streams:
      customers: { mapping: reload/customer }
  crm:
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:%(port)d"
        actions:
          upsert:
            request: { method: POST, path: "/generation/%(number)d", body: "{record}" }
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    network: { allow: [127.0.0.0/8], ports: [%(port)d] }
deliveries:
  - name: customers
    to: crm
    entity: contact
    action: upsert
    mapping: reload/contact.out
    purpose: service.order
    retry: { schedule: [200ms, 500ms, 1s] }
""".replace("SHOP_HOOK", SHOP_HOOK)


class Load(threading.Thread):
    """Posts one customer after the other; remembers which configuration was in force before each."""

    def __init__(self, gateway, force, numbers=None, pause=0):
        super().__init__(daemon=True)
        self.gateway, self.force, self.numbers, self.pause = gateway, force, numbers or itertools.count(1), pause
        self.posted = {}      # number of the customer -> generation that was in force when it was posted
        self.refused = []
        self.slowest = 0.0
        self.ends = threading.Event()

    def run(self):
        for number in self.numbers:
            if self.ends.is_set():
                break
            before = self.force[0]
            began = time.monotonic()
            try:
                status, _, text = self.gateway.post_shopify("shop", "customers/update", {"id": number, "name": f"Person {number}"},
                                                            SECRET, f"hook-{number}")
            except OSError as error:
                status, text = 0, str(error)
            self.slowest = max(self.slowest, time.monotonic() - began)
            if status == 200:
                self.posted[number] = before
            else:
                self.refused.append((number, status, text))
            time.sleep(self.pause)


class Changes:
    """Writes configurations and has them taken up."""

    def __init__(self, gateway, port, seed, **place):
        self.gateway, self.port, self.random, self.place = gateway, port, random.Random(seed), place
        self.number = 0

    def write(self, number):
        self.gateway.configure(CONFIG % {"port": self.port, "number": number}, **self.place)
        self.gateway.write("mappings/reload/customer.yaml", IN)
        self.gateway.write("mappings/reload/contact.out.yaml", OUT % number)

    def good(self, how):
        self.number += 1
        self.write(self.number)
        if how == "signal":
            before = self.loads()
            self.gateway.process.send_signal(signal.SIGHUP)
            if not eventually(lambda: self.loads() > before, 30):
                raise Refused("SIGHUP: the configuration was not taken up in 30 s")
        elif how == "command":
            self.gateway.cli("reload", check=True)
        else:
            self.gateway.operate("config.reload")

    def loads(self):
        text = self.gateway.get("/metrics")[1]
        line = next(line for line in text.splitlines() if line.startswith('tributary_configurations_loaded_total{outcome="taken up"}'))
        return int(float(line.split()[-1]))

    def bad(self):
        """A mistake in one of the files. What it was when it was taken up all the same, else None."""
        self.write(self.number + 1)
        config = self.gateway.config.read_text()
        name, path, text = self.random.choice([
            ("an unknown key", "gateway.yaml", config.replace("    purpose:", "    porpoise:")),
            ("an unknown mapping", "gateway.yaml", config.replace("mapping: reload/customer }", "mapping: reload/custmer }")),
            ("a broken document", "gateway.yaml", config + "\n  - ["),
            ("a mapping with an unknown field", "mappings/reload/customer.yaml", IN + "  no_such_field: id\n"),
            ("another store", "gateway.yaml", config.replace("data/tributary.db", "data/other.db")),
            ("another port", "gateway.yaml", config.replace(f"127.0.0.1:{self.gateway.webhook_port}\" }}", "127.0.0.1:1\" }", 1)
             .replace(f"address: \"127.0.0.1:{self.gateway.webhook_port}\"", "address: \"127.0.0.1:1\"")),
        ])
        self.gateway.write(path, text)
        try:
            self.gateway.operate("config.reload")
        except Refused as refusal:
            said = str(refusal)
            told = f"{path.rsplit('/', 1)[-1]}:" in said or "only a restart changes" in said
            return None if told else f"{name}: the answer names no place: {said}"
        return name


def judge(crm, posted):
    """(lost, twice, stale, mixed) of what was posted: number of the customer -> configuration in force before."""
    by_customer = {}
    for request in crm.effects.values():
        by_customer.setdefault(request.record["number"], []).append(request)
    lost = [number for number in posted if str(number) not in by_customer]
    twice = [number for number, requests in by_customer.items() if len(requests) > 1]
    stale = [number for number, before in posted.items()
             for request in by_customer.get(str(number), []) if int(request.record["made_by"]) < before]
    mixed = [request.record for request in crm.effects.values() if request.path != f"/generation/{request.record['made_by']}"]
    return lost, twice, stale, mixed


def campaign(verdicts, seed, reloads):
    with Receiver() as crm, Gateway("reload") as gateway:
        changes = Changes(gateway, crm.port, seed)
        changes.write(0)
        gateway.init([("shop", "webhook_secret", SECRET)])
        gateway.start()
        force = [0]
        load = Load(gateway, force)
        load.start()
        taken, slowest, mistakes = [], 0.0, 0
        for _ in range(reloads):
            if changes.random.random() < 0.2:
                mistakes += 1
                wrong = changes.bad()
                if wrong:
                    taken.append(wrong)
                continue
            began = time.monotonic()
            changes.good(changes.random.choice(["face"] * 8 + ["signal", "command"]))
            slowest = max(slowest, time.monotonic() - began)
            force[0] = changes.number
        load.ends.set()
        load.join(30)
        gateway.quiet(60)
        lost, twice, stale, mixed = judge(crm, load.posted)
        seen = {int(request.record["made_by"]) for request in crm.effects.values()}
        print(f"reloads {reloads} ({mistakes} with a mistake), webhooks {len(load.posted)}, configurations seen {len(seen)}, "
              f"refused {len(load.refused)}, lost {len(lost)}, duplicated {len(twice)}, stale {len(stale)}, taken {len(taken)}, "
              f"slowest reload {slowest:.2f} s, slowest webhook {load.slowest:.2f} s, seed {seed}", flush=True)
        verdicts.check("webhooks are taken during every change", not load.refused, str(load.refused[:3]))
        verdicts.check("nothing is lost and nothing applied twice", not lost and not twice, f"lost {lost[:5]} twice {twice[:5]}")
        verdicts.check("what comes after a change is made by it", not stale and len(seen) > 1, f"stale {stale[:5]}, seen {len(seen)}")
        verdicts.check("mapping and action of one record are of one configuration", not mixed, str(mixed[:3]))
        verdicts.check("a configuration with a mistake is refused and says where", not taken, str(taken[:3]))
        verdicts.run("a secret is changed without a reload", lambda: rotate(gateway))
        verdicts.run("the audit trail tells of each", lambda: trail(gateway, reloads))
        verdicts.check("the gateway ends cleanly after all of them", gateway.stop() == 0, gateway.last_words())


def trail(gateway, reloads):
    answer = gateway.cli("audit", "export")
    told = sum("config.reload" in line for line in answer.out.splitlines())
    return None if answer.code == 0 and told == reloads else f"{told} entries for {reloads} reloads, exit {answer.code}"


def rotate(gateway):
    """Sealed anew while the gateway runs: both are good while both stand there, then the next one alone."""
    def seal(value):
        gateway.cli("secret", "set", "shop", "webhook_secret", stdin=value, check=True)

    def post(secret, hook):
        return gateway.post_shopify("shop", "customers/update", {"id": 1, "name": "Person 1"}, secret, hook)[0]
    seal(f"the-next-secret\n{SECRET}")
    both = post("the-next-secret", "after-1"), post(SECRET, "after-2")
    seal("the-next-secret")
    alone = post("the-next-secret", "after-3"), post(SECRET, "after-4")
    return None if (both, alone) == ((200, 200), (200, 401)) else f"next and old were answered {both}, then {alone}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--reloads", type=int)
    parser.add_argument("--full", action="store_true", help="500 reloads")
    options = parser.parse_args()
    options.reloads = options.reloads or (500 if options.full else 40)
    verdicts = Verdicts()
    campaign(verdicts, options.seed, options.reloads)
    sys.exit(verdicts.exit_code())


if __name__ == "__main__":
    main()
