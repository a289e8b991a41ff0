#!/usr/bin/env python3
"""The wall clock is set under a gateway at work: by an hour, by a day, to 1970, to 2039, and back each time.

A library before libc (clock/jump.c) adds to the wall clock what a file says, and leaves monotonic clocks alone. While a
push is under way, a hint of a 429 runs, a lane waits after failures and a token is good, the clock jumps. Then:
  lost, duplicated, inversions, ghosts   by oracle.py, at each destination
  again      requests that were sent a second time though nothing was wrong with the first: a lease that was taken away
  early      requests that came before the hint of a 429 was over
  late       changes that were not everywhere some seconds after they could be
  gave_up    dead letters: a delivery that is given up after an hour was not tried for an hour
and in full, a stream that is read every minute by schedule:
  missed     times between two runs that are longer than a minute and the look at a clock that was set

  --seed N --full (all jumps, several rounds, with the schedule)
"""
import argparse
import http.server
import json
import mmap
import pathlib
import random
import struct
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "fakes"))
from gateway import SHOP_HOOK, Gateway, Verdicts, eventually  # noqa: E402
from oracle import counts, judge, told  # noqa: E402
from sync_resume_test import MEMBER, OUT, Club  # noqa: E402
from unkind import Unkind  # noqa: E402

SECRET = "shop-secret-of-the-clock-test"
HOUR, DAY = 3_600_000, 86_400_000
HINT, SLOW = 3.0, 2.5  # seconds that the limited one asks for, and that the slow one takes
CONFIG = """
connections:
  club:
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:%(club)d"
        streams:
          members: { request: { path: /members }, records: items, key: number }
    network: { allow: [127.0.0.0/8], ports: [%(club)d], timeout: 5s }
    streams:
      members: { mapping: clock/shop, full_refresh: true%(schedule)s }
  shop:
    SHOP_HOOK
    credentials: { webhook_secret: "${secret:shop#webhook_secret}" }
    webhooks: { topics: [customers/update] }
    streams:
      customers: { mapping: clock/shop }
""".replace("SHOP_HOOK", SHOP_HOOK)
DESTINATION = """  %(name)s:
    connector: http
    %(credentials)s
    settings:
      definition:
        base_url: "http://127.0.0.1:%(port)d"
        %(auth)s
        actions:
          upsert:
            request: { method: POST, path: /customers, body: "{record}" }
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    network: { allow: [127.0.0.0/8], ports: [%(port)d, %(tokens)d], timeout: 10s }
"""
DELIVERY = """
  - { name: to-%(name)s, to: %(name)s, entity: contact, action: upsert, mapping: clock/contact.out, purpose: service.order,
      retry: { schedule: [1s], give_up_after: 1h } }"""
TOKEN = """credentials: { client: "${secret:guarded#client}", secret: "${secret:guarded#secret}" }"""
AUTH = """auth: { type: oauth2, grant: client_credentials, token_url: "http://127.0.0.1:%d/token", client_id: "{credentials.client}",
                client_secret: "{credentials.secret}" }
        allowed_hosts: [127.0.0.1]"""


class WallClock:
    """What the gateway's wall clock is ahead, in milliseconds."""

    def __init__(self, folder):
        self.file, library = folder / "clock", folder / "jump.so"
        self.file.write_bytes(bytes(8))
        subprocess.run(["clang-19", "-shared", "-fPIC", "-O1", "-o", library, HERE / "clock/jump.c"], check=True)
        self.environment = {"LD_PRELOAD": str(library), "TRIBUTARY_CLOCK": str(self.file)}
        with open(self.file, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 8)
        self.ahead = 0

    def set(self, ahead):
        self.ahead = ahead
        self.page[:8] = struct.pack("q", ahead)


class Tokens:
    """A token endpoint. Only the newest token is good, for an hour by its own word."""

    def __init__(self):
        self.given, self.good = 0, ""
        tokens = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                tokens.given += 1
                tokens.good = f"token-{tokens.given}"
                body = json.dumps({"access_token": tokens.good, "token_type": "Bearer", "expires_in": 3600}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


class Destinations:
    def __init__(self):
        self.tokens = Tokens()
        self.limits, self.hints, self.fails = False, [], 0
        kinds = {"slow": lambda *_: (True, (200, SLOW)), "limited": self.limited, "failing": self.failing, "guarded": self.guarded}
        self.all = {name: Unkind(kind) for name, kind in kinds.items()}

    def limited(self, _, request):
        if not self.limits:
            return True, (200,)
        self.limits = False
        self.hints.append(time.monotonic())
        return False, (429, f"Retry-After: {HINT:.0f}")

    def failing(self, _, request):
        self.fails -= 1
        return self.fails < 0, (200,) if self.fails < 0 else (503,)

    def guarded(self, _, request):
        good = request.authorization == "Bearer " + self.tokens.good
        return good, (200,) if good else (401,)

    def configuration(self):
        return [{"name": name, "port": one.port, "tokens": self.tokens.port,
                 "credentials": TOKEN if name == "guarded" else "",
                 "auth": AUTH % self.tokens.port if name == "guarded" else ""} for name, one in self.all.items()]


class Scene:
    def __init__(self, gateway, clock, destinations, generator):
        self.gateway, self.clock, self.destinations, self.random = gateway, clock, destinations, generator
        self.newest, self.late, self.bad, self.customers = {}, [], [], 0

    def change(self, one):
        change = self.newest.get(f"S{one}", 0) + 1
        body = {"id": one, "number": f"S{one}", "name": f"Person {one} {change}", "change": change}
        status = self.gateway.post_shopify("shop", "customers/update", body, SECRET, f"{one}-{change}")[0]
        if status != 200:
            self.bad.append(status)
        self.newest[f"S{one}"] = change

    def behind(self):
        """Destinations that do not have everything."""
        return [name for name, one in self.destinations.all.items() if judge(list(one.journal), self.newest)["lost"]]

    def jump(self, to):
        before = {name: len(one.journal) for name, one in self.destinations.all.items()}
        old = self.random.sample(range(1, self.customers + 1), min(2, self.customers))
        fresh = range(self.customers + 1, self.customers + 4)
        self.customers += 3
        self.destinations.limits, self.destinations.fails = True, 3
        for one in [*old, *fresh]:
            self.change(one)
        eventually(lambda: all(len(one.journal) > before[name] for name, one in self.destinations.all.items()), 5)
        time.sleep(self.random.uniform(0, 0.5))
        if self.random.random() < 0.5:
            self.destinations.tokens.good = "none"  # ended, whatever the clocks say
        self.clock.set(to)
        self.change(self.random.choice(fresh))  # a lane that is under way
        self.change(self.customers + 1)
        self.customers += 1
        if not eventually(lambda: not self.behind(), 25):
            self.late.append((to // HOUR, self.behind()))
        time.sleep(0.3)


def shapes(scene):
    """How the destinations were asked: (again, early)."""
    slow = scene.destinations.all["slow"].journal
    again = len(slow) - len({request.key for request in slow})
    early = [request for said in scene.destinations.hints for request in scene.destinations.all["limited"].journal
             if said + 0.3 < request.at < said + HINT - 0.05]
    return again, len(early)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    generator, verdicts = random.Random(options.seed), Verdicts()
    to_1970, to_2039 = -int(time.time() * 1000) + DAY, int((2_177_452_800 - time.time()) * 1000)
    places = [HOUR, -HOUR, DAY, -DAY, to_1970, to_2039] if options.full else [DAY, to_1970]
    jumps = [to for _ in range(4 if options.full else 1) for place in generator.sample(places, len(places)) for to in (place, 0)]
    destinations = Destinations()
    club, runs = Club(1, 2), []
    club.at_page = lambda _: runs.append(time.monotonic())  # None: it is answered
    with Gateway("clock") as gateway:
        clock = WallClock(gateway.folder)
        gateway.environment = clock.environment
        gateway.write("mappings/clock/shop.yaml", MEMBER.replace("resume/", "clock/").replace("clock/member", "clock/shop"))
        gateway.write("mappings/clock/contact.out.yaml", OUT.replace("resume/member.out", "clock/contact.out"))
        places = destinations.configuration()
        gateway.configure(CONFIG % {"club": club.port, "schedule": ', schedule: "* * * * *"' * options.full}
                          + "".join(DESTINATION % one for one in places) + "deliveries:" + "".join(DELIVERY % one for one in places) + "\n")
        gateway.init([("shop", "webhook_secret", SECRET), ("guarded", "client", "gateway"), ("guarded", "secret", "client-secret")])
        gateway.start()
        scene = Scene(gateway, clock, destinations, generator)
        began = time.monotonic()
        for to in jumps:
            scene.jump(to)
            if gateway.process.poll() is not None:
                verdicts.check("it runs on", False, gateway.last_words())
                return verdicts.exit_code()
        drained = gateway.quiet(60)
        ended = time.monotonic()
        letters = gateway.operate("queue.list")["total"]
        if options.full:  # its members stand at the destinations too
            scene.newest.update({member["number"]: member["change"] for member in club.members})
            eventually(lambda: not scene.behind(), 130)
        found = {name: judge(one.journal, scene.newest) for name, one in destinations.all.items()}
        sums = {what: sum(len(one[what]) for one in found.values()) for what in counts(found["slow"])}
        again, early = shapes(scene)
        lost_leases = gateway.log_text().count("lease lost") + gateway.log_text().count("lane taken back")
        gaps = [b - a for a, b in zip([began, *runs], [*runs, ended])]
        missed = sum(gap > 130 for gap in gaps) if options.full else 0
        told("clock", options.seed, injected=len(jumps), **sums, changes=sum(scene.newest.values()), again=again, early=early,
             late=len(scene.late), gave_up=letters, leases_lost=lost_leases, tokens=destinations.tokens.given,
             scheduled_runs=len(runs), missed=missed, seconds=f"{ended - began:.0f}")
        verdicts.check(f"webhooks are taken while the clock is set {len(jumps)} times", not scene.bad, str(scene.bad))
        for name, one in found.items():
            verdicts.check(f"{name}: nothing lost, twice, out of order or invented", not any(one.values()), str(one)[:500])
        verdicts.check("no lease is taken from a worker that is alive", again == 0 and lost_leases == 0, f"{again} sent again, {lost_leases}")
        verdicts.check("nothing is sent before the hint of a 429 is over", early == 0 and len(destinations.hints) > 0, str(early))
        verdicts.check("nothing waits for a time that is long past or far away", drained and not scene.late, str(scene.late))
        verdicts.check("nothing is given up before its time", letters == 0, f"{letters} dead letters")
        if options.full:
            extra = len(runs) - (ended - began) / 60
            verdicts.check("the schedule misses no more than one time, and runs once more for each jump at most",
                           missed == 0 and extra <= len(jumps) + 1, f"{missed} missed, {extra:.0f} more, {max(gaps):.0f} s at most")
        code = gateway.stop()
        verdicts.check("it stops with exit code 0", code == 0, f"exit {code}: {gateway.last_words()}")
    for one in destinations.all.values():
        one.close()
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
