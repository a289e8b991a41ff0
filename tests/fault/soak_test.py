#!/usr/bin/env python3
"""A gateway under steady load with a fault every minute, for two hours: nothing lost, twice or out of order, and memory,
descriptors and the database stay as large as they are.

A shop (signed webhooks) and an ERP (read each minute) change a fixed set of customers; every change goes to three
destinations. Faults that end the process come in the first and the last sixth of the time: between them one process
lives through all others, so that its memory is judged over one long life. The store is filled beforehand, with the
shortest retention there is, so that as much reaches the end of its time as comes in; what was overdue must be gone.

The judge is oracle.py. docs/soak.md and its plot are written by soak/report.py when the run is a full one.

  --seed N --minutes N --full (120 minutes) --postgres --data FILE (where the samples go)
"""
import argparse
import contextlib
import datetime
import json
import pathlib
import random
import sqlite3
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "fakes"), str(HERE / "soak")]
import report  # noqa: E402
import scene  # noqa: E402
from faults import RESTARTS, Faults, Sampler  # noqa: E402
from gateway import BINARY, ROOT, Gateway, Verdicts, eventually  # noqa: E402
from oracle import counts, judge, told  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

SHOPS, WEBHOOKS, ROWS = 4, 20, 5  # senders; changes a second of the shop and of the ERP
SHOP_CUSTOMERS, ERP_CUSTOMERS = 2000, 1000
OVERDUE = 20_000


def sqlite_size(path):
    """The store on disk: the whole file, its audit trail, its log."""
    def size(name):
        return name.stat().st_size if name.exists() else 0

    def look():
        trail = None
        with contextlib.suppress(sqlite3.Error):
            db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1)
            trail = db.execute("SELECT sum(pgsize) FROM dbstat WHERE name = 'audit' AND aggregate = TRUE").fetchone()[0]
            db.close()
        return {"store": size(path), "trail": trail, "log": size(path.with_name(path.name + "-wal"))}
    return look


def postgres_size(server, name):
    def look():
        whole, trail = server.sql(f"SELECT pg_database_size('{name}'), pg_total_relation_size('audit')", name).split("|")
        return {"store": int(whole), "trail": int(trail), "log": None}
    return look


def soak(options, seed, verdicts, gateway, server):
    minutes, every, long = options.minutes, 60 if options.minutes >= 5 else 4, options.minutes >= 5
    at_version = version()
    generator = random.Random(seed)
    secrets = ["secret 0 of the shop"]
    destinations = {name: scene.Destination(seed + i) for i, name in enumerate(scene.DESTINATIONS)}
    name, dsn = server.database() if server else (None, None)
    store = f'{{ type: postgres, dsn: "{dsn}" }}' if server else None
    path = gateway.folder / "data/tributary.db"
    scene.configure(gateway, destinations, store)
    gateway.init([("shop", "webhook_secret", secrets[0])])
    if not server:
        scene.fill(path, WEBHOOKS, 3 * (WEBHOOKS + ROWS), int(minutes * 60), OVERDUE)
    gateway.start()
    shops = [scene.Shop(gateway, range(i + 1, SHOP_CUSTOMERS + 1, SHOPS), WEBHOOKS / SHOPS, lambda: secrets[-1], seed + 10 + i)
             for i in range(SHOPS)]
    office = scene.Office(gateway.folder, ERP_CUSTOMERS, ROWS, seed + 20)
    faults = Faults(gateway, destinations, shops, secrets, store, generator, every / 60)
    sampler = Sampler(gateway, postgres_size(server, name) if server else sqlite_size(path), every / 6)
    for thread in [*shops, office, sampler]:
        thread.start()
    began, injected = time.monotonic(), []
    while (at := (len(injected) + 1) * every) < minutes * 60:
        time.sleep(max(0, began + at - time.monotonic()))
        kind = faults.next(not long or not 1 / 6 < at / (minutes * 60) < 5 / 6) if injected else "kill"
        injected.append((time.monotonic() - sampler.began, kind, kind in RESTARTS))
        print(f"{datetime.datetime.now():%H:%M:%S} {kind}", flush=True)
        faults.inject(kind)
        if gateway.process is None or gateway.process.poll() is not None:
            faults.failed.append(f"{kind}: the gateway ended by itself: {gateway.last_words()}")
            break
    time.sleep(max(0, began + minutes * 60 - time.monotonic()))
    for thread in [*shops, office]:
        thread.ends.set()
        thread.join(60)
    eventually(lambda: gateway.operate("sync.run", connection="erp", stream="customers"), 60)
    drained = gateway.quiet(300)
    faults.redrive()
    drained = gateway.quiet(120) and drained
    overdue = (0, 0) if server else eventually(lambda: scene.left_of(path) == (0, 0), 20) and (0, 0) or scene.left_of(path)
    sampler.ends.set()
    sampler.join()

    newest = {f"S{one}": change for shop in shops for one, change in shop.newest.items()}
    newest |= {f"E{one}": change for one, change in office.erp.newest.items()}
    found = {which: judge(one.journal, newest) for which, one in destinations.items()}
    sums = {what: sum(len(one[what]) for one in found.values()) for what in counts(found["crm"])}
    figures = {"injected": len(injected), **sums, "changes": sum(newest.values()), "webhooks": sum(shop.sent for shop in shops),
               "sent": sum(len(one.journal) for one in destinations.values()), "kills": faults.kills,
               "slowest_recovery_s": f"{faults.slowest:.2f}", "minutes": f"{minutes:g}"}
    run = {"samples": sampler.samples, "faults": injected, "told": {**figures, "seed": seed}, "minutes": minutes, "every": every,
           "rate": WEBHOOKS + ROWS, "customers": SHOP_CUSTOMERS + ERP_CUSTOMERS, "engine": "PostgreSQL" if server else "SQLite",
           "date": str(datetime.date.today()), "binary": build_of(BINARY), "version": at_version,
           "command": f"tests/fault/soak_test.py --minutes {minutes:g}" + " --postgres" * bool(server)}
    options.data.parent.mkdir(exist_ok=True)
    options.data.write_text(json.dumps(run))
    told("soak" + "_postgres" * bool(server), seed, **figures)
    shape = report.figures(run)
    told("soak_size", seed, **{what: f"{value:.1f}" for what, value in shape.items()})

    trail = gateway.operate("audit.verify")
    letters = gateway.operate("queue.list")["total"]
    bad = [status for shop in shops for status in shop.bad]
    verdicts.check(f"the gateway comes through {len(injected)} faults", not faults.failed, "; ".join(faults.failed))
    verdicts.check("webhooks are answered 2xx, or 503 and again later", not bad, str(bad[:10]))
    verdicts.check("the queue drains and no dead letter is left", drained and letters == 0, f"{letters} letters")
    for which, one in found.items():
        verdicts.check(f"{which}: nothing lost, twice, out of order or invented", not any(one.values()), str(one)[:600])
    verdicts.check("what was past its time is taken out, however much it was", overdue == (0, 0), str(overdue))
    verdicts.check("the audit trail is intact", trail["intact"], str(trail))
    if minutes >= 60 and build_of(BINARY) == "release":
        verdicts.check("memory is flat", shape["rss_mb_an_hour"] < 1, f"{shape['rss_mb_an_hour']:.2f} MB an hour")
        verdicts.check("descriptors and threads are flat", shape["descriptors_last"] <= shape["descriptors_first"] + 5
                       and shape["threads_last"] <= shape["threads_first"], str(shape))
        verdicts.check("the log stays below 64 MB", shape["log_largest_mb"] < 64, str(shape))
        verdicts.check("without the audit trail the database is flat", shape["rest_last"] < 1.05 * shape["rest_first"], str(shape))
    code = gateway.stop()
    verdicts.check("it stops with exit code 0", code == 0, f"exit {code}: {gateway.last_words()}")
    for one in destinations.values():
        one.close()
    return run


def build_of(binary):
    return "with AddressSanitizer" if b"__asan_init" in pathlib.Path(binary).read_bytes() else "release"


def version():
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT)
    return done.stdout.strip() or "unknown"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--full", action="store_true", help="120 minutes")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "build/soak.json")
    options = parser.parse_args()
    options.minutes = options.minutes or (120 if options.full else 0.5)
    verdicts = Verdicts()
    print(f"seed {options.seed}", flush=True)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(PostgresServer()) if options.postgres else None
        run = soak(options, options.seed, verdicts, stack.enter_context(Gateway("soak")), server)
        if options.minutes >= 60 and not server:
            report.write(run)
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
