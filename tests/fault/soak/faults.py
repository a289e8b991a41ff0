"""The faults of the soak, one each minute. All lie here by name; those of RESTARTS end the gateway's process."""
import os
import signal
import threading
import time

import scene
from attackers import Attackers
from gateway import Refused, eventually

RESTARTS = ("kill", "kill_while_starting", "stop")


class Faults:
    """`scale`: how long a fault lasts, in proportion to a minute between them."""

    def __init__(self, gateway, destinations, shops, secrets, store, generator, scale):
        self.gateway, self.destinations, self.shops, self.secrets, self.store = gateway, destinations, shops, secrets, store
        self.random, self.scale = generator, scale
        self.slowest, self.failed, self.kills, self.cut = 0.0, [], 0, []
        self.kinds = [name.removeprefix("do_") for name in vars(Faults) if name.startswith("do_")]
        self.bag, self.last = [], 2000

    def next(self, restarts):
        """Every kind comes as often as every other; `restarts`: whether those that end the process may."""
        if not any(restarts or kind not in RESTARTS for kind in self.bag):
            more = list(self.kinds)
            self.random.shuffle(more)
            self.bag += more
        kind = next(kind for kind in self.bag if restarts or kind not in RESTARTS)
        self.bag.remove(kind)
        return kind

    def inject(self, kind):
        try:
            getattr(self, "do_" + kind)()
        except Exception as error:  # noqa: BLE001 - told with the name of the fault, and the soak goes on
            self.failed.append(f"{kind}: {type(error).__name__}: {error}"[:400])

    def pause(self, shortest, longest):
        time.sleep(max(0.3, self.random.uniform(shortest, longest) * self.scale))

    def ready(self, since):
        """Waits until it is; `since`: when it began to come back."""
        if not self.gateway.wait_ready():
            raise Refused("it does not come back: " + self.gateway.last_words())
        self.slowest = max(self.slowest, time.monotonic() - since)

    def start(self):
        began = time.monotonic()
        self.gateway.spawn()
        self.ready(began)

    def do_kill(self):
        self.gateway.kill()
        self.kills += 1
        self.start()

    def do_kill_while_starting(self):
        self.gateway.kill()
        for _ in range(3):
            self.gateway.spawn()
            time.sleep(self.random.uniform(0.01, 0.5))
            self.gateway.kill()
        self.kills += 4
        self.start()

    def do_stop(self):
        code = self.gateway.stop()
        self.start()
        if code != 0:
            raise Refused(f"exit {code} after SIGTERM")

    def do_freeze(self):
        """Longer than leases last, at times."""
        self.gateway.process.send_signal(signal.SIGSTOP)
        self.pause(2, 40)
        self.gateway.process.send_signal(signal.SIGCONT)
        self.ready(time.monotonic())

    def do_reload(self):
        self.last = self.random.randint(1000, 3000)
        scene.configure(self.gateway, self.destinations, self.store, self.last)
        self.gateway.operate("config.reload")

    def do_bad_reload(self):
        good = self.gateway.config.read_text()
        try:
            self.gateway.write("gateway.yaml", good.replace("    purpose:", "    porpoise:").replace("purpose: service", "porpoise: service"))
            self.gateway.operate("config.reload")
            raise AssertionError("a configuration with a mistake was taken up")
        except Refused:
            pass
        finally:
            self.gateway.write("gateway.yaml", good)

    def do_slow_attackers(self):
        slow = Attackers(self.gateway.webhook_port, 200)
        slow.open()
        slow.start()
        self.pause(12, 15)
        slow.end()
        self.cut.append(len(slow.cut))

    def do_duplicates(self):
        """Each webhook five times at once, and forged ones between them."""
        for shop in self.shops:
            shop.copies = 5
        try:
            ends = time.monotonic() + max(0.5, 10 * self.scale)
            while time.monotonic() < ends:
                status = self.shops[0].post(1, 10**6, "an old secret")
                if status not in (0, 401, 503):
                    raise AssertionError(f"a forged webhook was answered {status}")
                time.sleep(0.05)
        finally:
            for shop in self.shops:
                shop.copies = 1

    def do_new_secret(self):
        old, new = self.secrets[-1], f"secret {len(self.secrets)} of the shop"
        self.gateway.cli("secret", "set", "shop", "webhook_secret", stdin=f"{new}\n{old}", check=True)
        self.secrets.append(new)
        time.sleep(2)  # what was signed with the old one is on its way
        self.gateway.cli("secret", "set", "shop", "webhook_secret", stdin=new, check=True)

    def do_new_keys(self):
        self.gateway.cli("vault", "rotate", *self.random.choice([(), ("--destroy",), ("--use", "subject", "--destroy")]), check=True)

    def at_destination(self, mode):
        one = self.random.choice(list(self.destinations.values()))
        one.mode = mode
        self.pause(5, 25)
        one.mode = "well"

    def do_failing(self):
        self.at_destination("failing")

    def do_resetting(self):
        self.at_destination("resetting")

    def do_hanging(self):
        self.at_destination("hanging")

    def do_limiting(self):
        self.at_destination("limiting")

    def do_garbling(self):
        self.at_destination("garbling")

    def do_refusing(self):
        one = self.random.choice(list(self.destinations.values()))
        one.mode = "refusing"
        one.close()
        self.pause(5, 25)
        one.mode = "well"
        one.open()

    def do_poisoned(self):
        """Refused for good for a moment; then what lies in the dead letters is taken up again."""
        name = self.random.choice(list(self.destinations))
        self.destinations[name].mode = "poisoned"
        self.pause(1, 5)
        self.destinations[name].mode = "well"
        self.redrive()

    def redrive(self):
        for name in self.destinations:
            eventually(lambda name=name: self.gateway.operate("queue.redrive", destination=name, confirm=True), 20)


class Sampler(threading.Thread):
    """Looks at the process and the store every `every` seconds. `samples`: one dict for each look; what could not be asked
    while the gateway was not there is None."""

    def __init__(self, gateway, size_of_store, every):
        super().__init__(daemon=True)
        self.gateway, self.size_of_store, self.every = gateway, size_of_store, every
        self.samples, self.began, self.ends = [], time.monotonic(), threading.Event()

    def run(self):
        while not self.ends.wait(self.every):
            self.samples.append({"at": time.monotonic() - self.began, **self.process(), **self.size_of_store(), "queued": self.queued()})

    def process(self):
        try:
            pid = self.gateway.process.pid
            status = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status").read().splitlines())
            return {"pid": pid, "rss": int(status["VmRSS"].split()[0]) * 1024, "threads": int(status["Threads"]),
                    "descriptors": len(os.listdir(f"/proc/{pid}/fd"))}
        except (AttributeError, OSError, KeyError):  # just killed, or not started again yet
            return {"pid": None, "rss": None, "threads": None, "descriptors": None}

    def queued(self):
        try:
            status = self.gateway.operate("status", timeout=2)
            return status["inbox_waiting"] + sum(row["queued"] for row in status["destinations"])
        except Exception:  # noqa: BLE001 - it is not there, or frozen
            return None
