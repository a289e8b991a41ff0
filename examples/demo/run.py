#!/usr/bin/env python3
"""The main job on the embedded default: ./dev demo

An ERP database and a shop's signed webhooks, some of both bad on purpose, go through a gateway to a second database, a
loyalty programme that fails now and then, and a newsletter that only gets who agreed to it. Ends with a table of what
happened to every record, checked against what was put in, and exits 0 only when all sums agree.
"""
import argparse
import json
import pathlib
import shutil
import signal
import sys
import threading
import time

import erp as erp_database
from gateway import Failed, Gateway
from receiver import Receiver
from shop import SECRET, Shop
from tally import Tally

ROOT = pathlib.Path(__file__).resolve().parents[2]


def say(text):
    print(text, flush=True)


class Progress:
    """One line that tells how far things are, renewed in a thread: on a terminal in place, else every few seconds."""

    def __init__(self, gateway, shop, total):
        self.gateway, self.shop, self.total = gateway, shop, total
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.began = time.monotonic()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        if sys.stdout.isatty():
            say("")

    def _run(self):
        every = 0.5 if sys.stdout.isatty() else 5
        while not self.done.wait(every):
            try:
                status = self.gateway.status()
            except (Failed, OSError):
                continue
            taken = sum(row["mapped"] + row["quarantined"] for row in status["streams"])
            share = min(1.0, taken / self.total)
            bar = "#" * round(share * 24)
            delivered = sum(row["delivered"] for row in status["destinations"])
            waiting = status["inbox_waiting"] + sum(row["queued"] for row in status["destinations"])
            line = (f"  [{bar:<24}] {share:4.0%}  {taken} of {self.total} records  {delivered} delivered  {waiting} waiting  "
                    f"{time.monotonic() - self.began:.0f} s")
            print("\r\033[K" + line if sys.stdout.isatty() else line, end="" if sys.stdout.isatty() else "\n", flush=True)


def until_quiet(gateway, seconds):
    """Waits until nothing waits any more; the last status."""
    ends = time.monotonic() + seconds
    while True:
        status = gateway.status()
        waiting = status["inbox_waiting"] + sum(row["queued"] for row in status["destinations"])
        if waiting == 0 or time.monotonic() > ends:
            return status
        time.sleep(0.3)


def consents(customers, first):
    """Every twentieth ERP customer confirmed the newsletter; a few of them took it back."""
    events = []
    for number in range(first, customers, 20):
        event = {"connection": "erp", "external_id": erp_database.name(number), "purpose": "marketing.email",
                 "channel": "email", "event_type": "explicit", "origin": "subject", "state": "given",
                 "event_time": "2026-01-10T09:00:00Z", "proof": "doi_token", "doi_confirmed_at": "2026-01-10T09:05:00Z"}
        events.append(event)
        if number % 100 == first % 100:
            events.append({**event, "state": "withdrawn", "event_time": "2026-01-12T09:00:00Z"})
    return events


def play(gateway, receiver, erp, shop):
    """Everything that happens; the last status, and the reports of the sync runs."""
    gateway.do("init")
    gateway.do("secret", "set", "webshop", "webhook_secret", stdin=SECRET)
    gateway.start()
    runs = []
    sender = threading.Thread(target=shop.send, args=(gateway.webhooks,))
    with Progress(gateway, shop, erp.customers + erp.orders + len(shop.made)):
        say("the ERP is synchronised while the shop sends its webhooks")
        sender.start()
        for stream in ("customers", "orders"):
            runs.append((stream, gateway.do("sync", "run", "erp", stream)))
        sender.join()
        until_quiet(gateway, 120)
    say("somebody confirms the newsletter, some take it back; customers move; the ERP is synchronised again")
    events = consents(erp.customers, erp.bad_customers)
    file = gateway.folder / "consents.json"
    file.write_text(json.dumps(events))
    imported = gateway.do("consent", "import", str(file))
    if imported["recorded"] != len(events):
        raise Failed(f"{imported['recorded']} of {len(events)} consent events were recorded")
    erp.change()
    runs.append(("customers", gateway.do("sync", "run", "erp", "customers")))
    return until_quiet(gateway, 120), runs, events


def look_closer(gateway, status):
    """Commands that work now, with the gateway stopped, and just as well while it runs."""
    program, config = (path.relative_to(pathlib.Path.cwd()) if path.is_relative_to(pathlib.Path.cwd()) else path
                       for path in (gateway.program, gateway.config))
    letters = gateway.do("queue", "list", "--limit", "1")["dead_letters"]
    first = letters[0]["id"] if letters else 1
    return [f"{program} --config {config} {rest}" for rest in (
        "status", "queue list --stage map", f"queue show {first}", "queue list --destination loyalty",
        "queue withheld --destination newsletter", "queue redrive --destination loyalty", "sync status",
        "customer list", "quality", "audit verify")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the tributary binary")
    parser.add_argument("--folder", default=str(ROOT / "build/demo"), help="where it works; made anew each time")
    parser.add_argument("--customers", type=int, default=4000)
    parser.add_argument("--orders", type=int, default=8000)
    parser.add_argument("--webhooks", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    folder = pathlib.Path(chosen.folder)
    if folder.exists() and not (folder / "gateway.yaml").exists() and any(folder.iterdir()):
        sys.exit(f"{folder} holds something else: choose another --folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the gateway ends with the demo
    began = time.monotonic()
    erp = erp_database.Erp(folder / "erp.db", chosen.customers, chosen.orders, chosen.seed)
    erp.make()
    erp_database.make_crm(folder / "crm.db")
    shop = Shop(chosen.webhooks, chosen.customers, chosen.seed)
    receiver = Receiver()
    gateway = Gateway(chosen.program, folder)
    say(f"an ERP with {erp.customers} customers and {erp.orders} orders, a shop with {len(shop.made)} webhooks; "
        f"{erp.bad_customers + erp.bad_orders} rows and {len(shop.made) - shop.kinds['good']} webhooks are bad on purpose")
    try:
        gateway.configure(receiver.port)
        status, runs, events = play(gateway, receiver, erp, shop)
    except Failed as error:
        sys.exit(f"the demo failed: {error}\nlog: {gateway.log}")
    finally:
        code = gateway.stop()
        receiver.close()
    tally = Tally(erp, shop, receiver, status, runs, events, folder / "crm.db")
    say("\nWhat happened to every record\n")
    say(tally.table())
    say("\nSums\n")
    wrong = tally.check()
    if code != 0:
        wrong.append(f"the gateway ended with exit code {code}")
    say(tally.sums())
    say(f"\n{time.monotonic() - began:.0f} s; everything lies in {folder}. Look closer:\n")
    for command in look_closer(gateway, status):
        say("  " + command)
    say("")
    if wrong:
        sys.exit("the sums do not agree: " + "; ".join(wrong))
    say("all sums agree")


if __name__ == "__main__":
    main()
