#!/usr/bin/env python3
"""One gateway, ten destinations, most of them bad: each promise counted at each of them, by one oracle.

Signed webhooks (each sent one to five times at once, and forged ones between them) go to every destination:
  good 1-4     answer at once; one of them must not feel the others
  ambiguous    applies, then times out, resets or fails: nobody can know
  down         refuses connections' requests with 500 until the end
  slow         takes its time for each answer
  poison       refuses some customers' changes for good (422)
  limited      a bucket with 429 and Retry-After in every form
  hostile      endless bodies and heads, one byte at a time, gzip bombs, garbage, early closes
Then: slow attackers at the webhook port beside good traffic, and a redrive of all dead letters that is killed midway.

  --seed N --full
"""
import argparse
import collections
import concurrent.futures
import email.utils
import json
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from attackers import Attackers  # noqa: E402
from gateway import SHOP_HOOK, Gateway, Verdicts, eventually, shopify_headers  # noqa: E402
from oracle import counts, judge, told  # noqa: E402
from unkind import CONNECTION, HOSTILE, Unkind  # noqa: E402

SECRET = "shop-secret-of-the-campaign"
MAPPING = """mapping: campaign/%s
%s
fields:
  %s: %s
  %s: %s
  %s: %s
"""
GOOD = [f"good{i}" for i in range(1, 5)]
DELIVERY = """
  - { name: to-%(name)s, to: %(name)s, entity: contact, action: upsert, mapping: campaign/contact.out, purpose: service.order,
      on_permanent_failure: skip, retry: { schedule: [200ms, 300ms, 500ms] } }"""


class Behaviours:
    """What each destination does; `mended`: from now on all are good."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.mended = self.accepts_poison = False
        self.tokens, self.at, self.hostile = 10.0, time.monotonic(), 0
        self.injected = collections.Counter()
        self.hints = []  # when it was said, and how long to wait

    def good(self, *_):
        return True, (200,)

    def ambiguous(self, _, request):
        if self.mended or self.random.random() > 0.3:
            return True, (200,)
        self.injected["ambiguous"] += 1
        return True, self.random.choice([(500,), (503,), "reset", "early_close", "silent"]
                                        if self.injected["ambiguous"] % 10 == 0 else [(500,), (503,), "reset", "early_close"])

    def down(self, *_):
        self.injected["down"] += 0 if self.mended else 1
        return self.mended, (200,) if self.mended else (500,)

    def slow(self, *_):
        return True, (200, 0.0 if self.mended else 0.3)

    def poison(self, _, request):
        bad = int(request.record["number"][1:]) % 5 == 0 and not self.accepts_poison
        self.injected["poison"] += bad
        return not bad, (422,) if bad else (200,)

    def limited(self, _, request):
        now = time.monotonic()
        self.tokens, self.at = min(10.0, self.tokens + (now - self.at) * 40), now
        if self.tokens >= 1:
            self.tokens -= 1
            return True, (200,)
        self.injected["limited"] += 1
        # Without a hint that can be read it waits for half a minute: once is enough.
        form = self.random.choice(["1", "0.5", email.utils.formatdate(time.time() + 1, usegmt=True)])
        if self.injected["limited"] == 1:
            form = self.random.choice(["garbage", "Mon, 01 Jan 2001 00:00:00 GMT"])
        if form in ("1", "0.5"):
            self.hints.append((now, float(form)))
        return False, (429, "Retry-After: " + form)

    def hostile_one(self, _, request):
        self.hostile += 1
        if self.mended or self.hostile % 3 == 0:
            return True, (200,)
        self.injected["hostile"] += 1
        return False, sorted(HOSTILE)[self.injected["hostile"] % len(HOSTILE)]


class Shop:
    """Sends each change of a customer several times at once, and forged ones; knows what was acknowledged."""

    def __init__(self, gateway, seed):
        self.gateway, self.random = gateway, random.Random(seed)
        self.newest, self.fresh, self.sent, self.bad_answers = {}, 0, 0, []
        self.forged = self.forged_taken = 0

    def post(self, one, change, secret=SECRET, tampered=False):
        body = json.dumps({"id": one, "number": f"S{one}", "name": f"Person {one} {change}", "change": change}).encode()
        headers = shopify_headers("customers/update", body, secret, f"{one}-{change}")
        return self.gateway.post("shop", body + (b" " if tampered else b""), headers)[0]

    def change(self, pool, one):
        number = self.newest.get(one, 0) + 1
        times = self.random.randint(1, 5)
        answers = list(pool.map(lambda _: self.post(one, number), range(times)))
        self.sent += times
        self.bad_answers += [status for status in answers if status // 100 != 2]
        self.newest[one] = number
        if self.random.random() < 0.1:
            self.forged += 2
            for status in (self.post(one, number + 1, tampered=True), self.post(one, number + 1, "an old secret")):
                self.forged_taken += status != 401

    def expected(self):
        return {f"S{one}": change for one, change in self.newest.items()}


def fan_out(options, seed, verdicts, gateway, behaviours, destinations, shop):
    began = time.monotonic()
    customers, changes = (300, 3000) if options.full else (40, 160)
    generator = random.Random(seed + 1)
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        for i in range(changes):
            shop.change(pool, i % customers + 1 if i < customers else generator.randint(1, customers))
    sending = time.monotonic() - began
    verdicts.check("every webhook is answered 2xx while destinations misbehave", not shop.bad_answers, str(shop.bad_answers[:5]))
    verdicts.check(f"{shop.forged} forged webhooks are all answered 401", shop.forged_taken == 0, str(shop.forged_taken))
    good_done = eventually(lambda: all(not judge(destinations[name].journal, shop.expected())["lost"] for name in GOOD),
                           120 if options.full else 30)
    behind = time.monotonic() - began - sending
    verdicts.check("good destinations have everything while others are down, slow and hostile", good_done)
    told("fan_out", seed, injected=shop.sent, changes=changes, destinations=len(destinations), forged=shop.forged,
         sending_s=f"{sending:.1f}", good_done_s=f"{behind:.1f}")
    behaviours.mended = True
    drained = gateway.quiet(300 if options.full else 90)
    verdicts.check("the queue drains once the destinations are well", drained, str(gateway.operate("status"))[-1500:])
    for name, destination in destinations.items():
        found = judge(destination.journal, shop.expected())
        if name == "poison":  # what it refused lies in the dead letters
            found["lost"] = [one for one in found["lost"] if int(one[0][1:]) % 5]
        told(name, seed, injected=behaviours.injected[name], sent=len(destination.journal), **counts(found))
        verdicts.check(f"{name}: nothing lost, twice, out of order or invented", not any(found.values()), str(found)[:600])
    # What was under way when the hint came may still arrive: a hint counts for what leaves a moment later.
    early = [1 for said, wait in behaviours.hints for r in destinations["limited"].journal
             if said + 0.25 < r.at < said + wait - 0.05]
    refused = behaviours.injected["limited"]
    told("rate_limit", seed, injected=refused, hints=len(behaviours.hints), too_early=len(early),
         share_refused=f"{refused / max(1, len(destinations['limited'].journal)):.3f}")
    verdicts.check("no request comes before the hint of a 429", refused > 0 and not early, str(len(early)))
    verdicts.check("each kind of trouble was met", all(behaviours.injected[n] > 0 for n in ("ambiguous", "down", "poison", "hostile")),
                   str(behaviours.injected))


def redrive(options, seed, verdicts, gateway, behaviours, destinations, shop):
    """All dead letters are sent again, by a gateway that is killed meanwhile."""
    kills = 20 if options.full else 2
    dead = gateway.operate("queue.list")["total"]
    behaviours.accepts_poison = True
    slowest = 0.0
    for number in range(kills):
        threading.Thread(target=lambda: quietly(gateway, "queue.redrive", destination="poison", confirm=True), daemon=True).start()
        time.sleep(random.Random(seed + number).uniform(0.01, 0.3))
        gateway.kill()
        began = time.monotonic()
        gateway.start()
        slowest = max(slowest, time.monotonic() - began)
    gateway.operate("queue.redrive", destination="poison", confirm=True)
    drained = gateway.quiet(60)
    left = gateway.operate("queue.list")["total"]
    # A redriven change goes out as its customer is now: the newest one arrives, those that it replaces need not.
    found = judge(destinations["poison"].journal, shop.expected())
    told("redrive", seed, injected=dead, kills=kills, **counts(found), left=left, slowest_recovery_s=f"{slowest:.2f}")
    verdicts.check(f"{dead} dead letters are redriven through {kills} kills: the newest state arrives, once and in order",
                   dead > 0 and drained and left == 0 and not any(found.values()), f"left {left} {found}"[:600])


def quietly(gateway, operation, **arguments):
    try:
        gateway.operate(operation, **arguments)
    except Exception:  # noqa: BLE001 - it is killed meanwhile
        pass


def slow_attackers(options, seed, verdicts, gateway, shop):
    attackers, seconds = (1000, 30) if options.full else (200, 9)
    slow = Attackers(gateway.webhook_port, attackers)
    slow.open()
    slow.start()
    times, failures, began = [], 0, time.monotonic()
    one = 9000
    while time.monotonic() - began < seconds:
        one += 1
        asked = time.monotonic()
        status = shop.post(one, 1)
        times.append(time.monotonic() - asked)
        failures += status // 100 != 2
        shop.newest[one] = 1
        time.sleep(0.01)
    slow.end()
    cut = slow.cut
    times.sort()
    told("slow_attackers", seed, injected=attackers, good=len(times), failed=failures, cut=len(cut),
         slowest_cut_s=f"{max(cut, default=0):.1f}", p50_ms=f"{times[len(times) // 2] * 1000:.0f}",
         p99_ms=f"{times[len(times) * 99 // 100] * 1000:.0f}")
    verdicts.check(f"good webhooks are answered beside {attackers} slow attackers", failures == 0 and len(times) > 20, str(failures))
    verdicts.check("every slow attacker is cut off", len(cut) == attackers, f"{len(cut)} of {attackers}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    seed, verdicts = options.seed, Verdicts()
    behaviours = Behaviours(seed)
    kinds = {name: behaviours.good for name in GOOD}
    kinds |= {"ambiguous": behaviours.ambiguous, "down": behaviours.down, "slow": behaviours.slow,
              "poison": behaviours.poison, "limited": behaviours.limited, "hostile": behaviours.hostile_one}
    destinations = {name: Unkind(kind) for name, kind in kinds.items()}
    with Gateway("campaign") as gateway:
        gateway.write("mappings/campaign/shop.yaml", MAPPING % ("shop", "to: contact", "customer_number", "number",
                                                                "name.full", "name", "ext.change", "{ from: change, as: text }"))
        gateway.write("mappings/campaign/contact.out.yaml", MAPPING % ("contact.out", "from: contact\nto: external", "number",
                                                                       "customer_number", "name", "name.full", "change", "ext.change"))
        places = [{"name": name, "port": destination.port} for name, destination in destinations.items()]
        gateway.configure("connections:\n  shop:\n    " + SHOP_HOOK + """
    credentials: { webhook_secret: "${secret:shop#webhook_secret}" }
    webhooks: { topics: [customers/update] }
    streams:
      customers: { mapping: campaign/shop }""" + "".join(CONNECTION % place for place in places) + "\ndeliveries:"
                          + "".join(DELIVERY % place for place in places) + "\n")
        gateway.init([("shop", "webhook_secret", SECRET)])
        gateway.start()
        shop = Shop(gateway, seed)
        fan_out(options, seed, verdicts, gateway, behaviours, destinations, shop)
        redrive(options, seed, verdicts, gateway, behaviours, destinations, shop)
        slow_attackers(options, seed, verdicts, gateway, shop)
        finding = gateway.operate("audit.verify")
        verdicts.check("the audit trail is intact", finding["intact"], str(finding))
        code = gateway.stop()
        verdicts.check("it stops with exit code 0", code == 0, f"exit {code}: {gateway.last_words()}")
    for destination in destinations.values():
        destination.close()
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
