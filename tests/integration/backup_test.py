#!/usr/bin/env python3
"""Backups from outside: made under load, killed in the middle, tampered with, restored after people withdrew or were
erased, and drilled. A store that goes back in time never forgets who said no."""
import contextlib
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
import letters  # noqa: E402
from gateway import BINARY, ROOT, Gateway, Refused, Verdicts, eventually  # noqa: E402
from receiver import Receiver  # noqa: E402

SECRET = "canary-secret-77ab01"
PERSON = "Canary Person"
# One connector of the installation: the program is started often here, and they are what it reads longest.
CONFIG = f"""
paths:
  connectors: [connectors]
  mappings: [mappings]
  canonical: {ROOT}/mappings/canonical
  purposes: {ROOT}/config/purposes.yaml
backup: {{ folder: backups, ledger: outside/ledger }}
audit: {{ checkpoints: outside/checkpoints }}
""" + letters.CONNECTIONS
NOISE = 2500   # rows that make a backup take a while
KILLS = 3


class House:
    def __init__(self, gateway, receiver):
        self.gateway, self.receiver = gateway, receiver
        self.database = gateway.folder / "data/tributary.db"
        self.folder = gateway.folder / "backups"
        self.ledger = gateway.folder / "outside/ledger"
        self.sent_ids = 0

    def post(self, number, name=None):
        self.sent_ids += 1
        person = {"id": f"C{number}", "name": name or f"{PERSON} {number}", "email": f"canary.person.{number}@example.com"}
        return self.gateway.post_shopify("shop", "customers/create", person, SECRET, f"hook-{self.sent_ids}")[0]

    def say(self, number, state, minutes_ago):
        return letters.say(self.gateway, number, state, minutes_ago)

    def sql(self, statement, *values):
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as database, database:
            return database.execute(statement, values).fetchall()

    def copy(self, name):
        """The database of a stopped gateway, whole."""
        self.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.database, self.gateway.folder / name)

    def put_back(self, name):
        for file in self.database.parent.glob("tributary.db*"):
            if not file.name.endswith(".lock"):
                file.unlink()
        shutil.copy(self.gateway.folder / name, self.database)

    def count(self, table):
        return self.sql(f"SELECT count(*) FROM {table}")[0][0]

    def files(self, holds="data"):
        return sorted(self.folder.glob(f"*.{holds}.backup"))

    def mailed(self):
        return letters.mailed(self.receiver)

    def lines(self):
        return self.ledger.read_text().count("\n") if self.ledger.exists() else 0

    def restore(self, *more, check=True):
        return self.gateway.cli("restore", *more, check=check)


def under_load(house):
    """Webhooks flow while backups are made: none is refused, and all that was acknowledged before is in them."""
    gateway, statuses, stop = house.gateway, [], threading.Event()

    def flow(base):
        number = base
        while not stop.is_set():
            statuses.append(house.post(number))
            number += 1
    threads = [threading.Thread(target=flow, args=(1000 * i,)) for i in (1, 2)]
    for thread in threads:
        thread.start()
    done = []
    for _ in range(3):
        time.sleep(0.2)
        done.append(gateway.operate("backup.run"))
    stop.set()
    for thread in threads:
        thread.join()
    refused = [status for status in statuses if status != 200]
    rows = [sum(file["rows"] for file in one["files"]) for one in done]
    print(f"     {len(statuses)} webhooks while 3 backups were made, {len(refused)} refused; rows {rows}, "
          f"{[one['took_ms'] for one in done]} ms")
    if refused or len(statuses) < 20:
        return f"{len(statuses)} webhooks, refused: {refused[:5]}"
    if [sorted(file["holds"] for file in one["files"]) for one in done] != [["data", "keys"]] * 3:
        return f"{done}"
    gateway.quiet()
    listed = gateway.cli("backup", "list", check=True).json["files"]
    if len(listed) != 6:
        return f"{len(listed)} files listed"
    for file in listed:
        verified = gateway.cli("backup", "verify", file["file"], check=True).json
        if verified["rows"] != file["rows"]:
            return f"{verified} and {file}"
    return None


def split(house):
    """The subject keys are in a file of their own, and the file of data has none."""
    def parts(file):
        text = file.read_bytes()
        manifest = json.loads(text[text.rindex(b"tributary backup manifest 1\n"):].split(b"\n")[1])
        return {part["name"]: part["rows"] for part in manifest["parts"]}
    data, keys = parts(house.files()[-1]), parts(house.files("keys")[-1])
    if "subject_key" in data or set(keys) != {"subject_key"} or not keys["subject_key"]:
        return f"{data} {keys}"
    modes = {file.stat().st_mode & 0o777 for file in house.folder.glob("*.backup")}
    return None if modes == {0o600} else f"modes {modes}"


def canary(house):
    """Nothing personal, no secret, no key and no table's content in clear in any file of the backups and outside."""
    ring = json.loads((house.gateway.folder / "keys/key.ring").read_text())
    needles = [PERSON, "canary.person", SECRET, "signed_form", "gateway.start"]
    needles += [key["wrapped"] for key in ring["keys"]] + [(house.gateway.folder / "keys/master.key").read_text().strip()]
    found, searched = [], 0
    for folder in (house.folder, house.ledger.parent):
        for file in folder.rglob("*"):
            if file.is_file():
                content = file.read_bytes()
                searched += len(content)
                found += [f"{needle!r} in {file.name}" for needle in needles if needle.encode() in content]
    return "; ".join(found) or (None if searched > 10_000 else f"only {searched} bytes")


def refusals(house):
    """No restore under a running gateway, none over data, none of files that do not belong together."""
    gateway = house.gateway
    running = house.restore(check=False)
    gateway.stop()
    before = house.database.read_bytes()
    over = house.restore(check=False)
    data, keys = house.files()[-1], house.files("keys")[-1]
    wrong = [house.restore(keys, "--keys", keys, "--force", check=False),
             house.restore(data, "--keys", data, "--force", check=False),
             house.restore(house.gateway.config, "--force", check=False)]
    if "another gateway" not in running.out + running.err or "--force" not in over.out + over.err:
        return f"{running} {over}"
    codes = [answer.code for answer in [running, over, *wrong]]
    return None if 0 not in codes and house.database.read_bytes() == before else f"exit {codes}, {wrong}"


def tampered(house):
    """Whatever is done to a file shows in `verify`, and `restore` leaves the store as it is."""
    data = house.files()[-1]
    text, other = data.read_bytes(), house.files()[0].read_bytes()
    head = text.index(b"\n", text.index(b"\n") + 1) + 1
    middle = len(text) // 2
    changes = {
        "cut in the middle": text[:middle], "cut at its end": text[:-1], "empty": b"", "longer": text + b"x",
        "a flipped bit": text[:middle] + bytes([text[middle] ^ 1]) + text[middle + 1:],
        "the head of another": other[:other.index(b"\n", other.index(b"\n") + 1) + 1] + text[head:],
        "a changed count": text.replace(b'"rows":', b'"rowz":', 1),
        "another schema": text.replace(b'"schema":', b'"schema":1', 1),
    }
    before, wrong = house.database.read_bytes(), []
    for name, changed in changes.items():
        file = house.gateway.write("tampered.data.backup", "")
        file.write_bytes(changed)
        verify = house.gateway.cli("backup", "verify", file)
        if verify.code != 1:
            wrong.append(f"{name}: verify {verify}")
    restore = house.restore(file, "--force", check=False)
    if restore.code != 1 or house.database.read_bytes() != before or list(house.database.parent.glob("*.restoring*")):
        wrong.append(f"restore {restore}")
    file.unlink()
    return "; ".join(wrong) or None


def withdrawn(house):
    """An old backup holds letters for two who consented; one withdrew since. She gets none, the other does."""
    gateway = house.gateway
    gateway.start()
    gateway.operate("queue.pause", destination="letters", reason="test")
    for number in (1, 2):
        if house.post(number) != 200:
            return "a webhook was refused"
    gateway.quiet_inbox()
    for number in (1, 2):
        house.say(number, "given", 60)
    if not eventually(lambda: gateway.destination("letters").get("queued") == 2, 10):
        return f"nothing waits: {gateway.destination('letters')}"
    old = gateway.operate("backup.run")["files"]
    house.old = next(file["file"] for file in old if file["holds"] == "data")
    lines = house.lines()
    house.say(1, "withdrawn", 30)
    if not eventually(lambda: house.lines() > lines, 5):
        return "the withdrawal is not in the ledger"
    gateway.kill()
    done = house.restore(house.old, "--force").json
    if done["withdrawals_replayed"] != 1 or house.lines() != lines + 1:
        return f"{done}"
    if house.mailed():
        return f"sent too early: {house.mailed()}"
    gateway.start()
    gateway.operate("queue.resume", destination="letters")
    eventually(lambda: "C2" in house.mailed(), 10)
    gateway.quiet()
    time.sleep(0.3)
    print(f"     letters after the restore: {house.mailed().count('C1')} to who withdrew, "
          f"{house.mailed().count('C2')} to who did not")
    return None if house.mailed() == ["C2"] else f"sent to {house.mailed()}"


def copied_back(house):
    """The same by hand: an old database file put in place; the start replays before anything is sent."""
    gateway = house.gateway
    gateway.stop()
    house.copy("old.db")
    gateway.start()
    house.say(2, "withdrawn", 20)
    gateway.stop()
    house.put_back("old.db")
    (gateway.folder / "old.db").unlink()
    events = house.count("consent_event")
    gateway.start()
    if house.count("consent_event") != events + 1 or "replayed" not in gateway.log_text():
        return f"{house.count('consent_event')} events, before {events}"
    return None


def erased(house):
    """Who was erased after the backup does not come back, not even sealed; everybody else does."""
    gateway = house.gateway
    if house.post(7) != 200 or house.post(8) != 200:
        return "a webhook was refused"
    gateway.quiet_inbox()
    data = gateway.operate("backup.run")["files"]
    old = next(file["file"] for file in data if file["holds"] == "data")
    gateway.stop()
    record, subject, = house.sql("SELECT uid, subject FROM source_record WHERE external_id = 'C7'")[0]
    customer = house.sql("SELECT customer FROM identity_link WHERE record = ?", record)[0][0]
    before = {table: house.count(table) for table in ("source_record", "subject_key", "identity_link", "customer")}
    # The erasure itself is not what is tried here: its entry in the ledger of the store is.
    house.sql("INSERT INTO erasure (request, subject, readmitted, at) VALUES (?, ?, 0, ?)", bytes(15) + b"\1", subject,
              int(time.time() * 1000))
    house.sql("DELETE FROM source_record WHERE uid = ?", record)
    house.sql("DELETE FROM subject_key WHERE subject = ?", subject)
    lines = house.lines()
    gateway.cli("audit", "checkpoint", check=True)
    if house.lines() <= lines:
        return "the erasure is not in the ledger"
    done = house.restore(old, "--force").json
    after = {table: house.count(table) for table in before}
    if {table: before[table] - after[table] for table in before} != dict.fromkeys(before, 1):
        return f"{before} became {after}: {done}"
    tables = [row[0] for row in house.sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
    left = []
    for table in tables:
        for row in house.sql(f'SELECT * FROM "{table}"'):
            if table not in ("erasure", "consent_event") and {record, subject, customer} & set(row):
                left.append(table)
    print(f"     of the erased person {len(left)} rows came back, {done['rows_left_out']} were left out of {done['rows']}")
    if left or done["erasures_replayed"] != 1:
        return f"rows in {left}; {done}"
    return None if house.sql("SELECT count(*) FROM source_record WHERE external_id = 'C8'") == [(1,)] else "C8 is gone too"


def trail(house):
    """The trail of a restored store is whole, tells of the restore, and forks from what was lost."""
    verify = house.gateway.cli("audit", "verify")
    if verify.code != 0 or not verify.json["intact"]:
        return f"{verify}"
    actions = [json.loads(row[0])["action"] for row in house.sql("SELECT entry FROM audit ORDER BY seq")]
    if "backup.run" not in actions or "backup.restore" not in actions:
        return f"{actions[-20:]}"
    fork = house.gateway.cli("audit", "verify", "--checkpoints", house.gateway.folder / "outside/checkpoints")
    return None if fork.code == 1 and not fork.json["intact"] else f"the fork does not show: {fork}"


def lost_ledger(house):
    """Without its ledger no restore, unless the operator says so."""
    kept = house.ledger.read_bytes()
    house.ledger.unlink()
    without = house.restore(house.files()[-1], "--force", check=False)
    text = kept.split(b"\n")
    other = b"1" if text[0][40:41] == b"0" else b"0"
    house.ledger.write_bytes(b"\n".join([text[0][:40] + other + text[0][41:], *text[1:]]))
    changed = house.restore(house.files()[-1], "--force", check=False)
    house.ledger.write_bytes(kept)
    codes = without.code, changed.code
    return None if 0 not in codes and "--accept-ledger" in without.out + without.err else f"{without} {changed}"


def drilled(house):
    """A drill restores and tries; one that fails is an exit code, a log line, a metric and an audit entry."""
    gateway = house.gateway
    gateway.start()
    gateway.operate("backup.run")
    good = gateway.cli("backup", "drill")
    if good.code != 0 or not good.json["passed"] or good.json["records_opened"] < 3:
        return f"{good}"
    print(f"     drill: RPO {good.json['rpo_ms']} ms, RTO {good.json['rto_ms']} ms, {good.json['rows']} rows, "
          f"{good.json['records_opened']} records opened")
    newest = house.files()[-1]
    kept = newest.read_bytes()
    newest.write_bytes(kept[:5000] + bytes([kept[5000] ^ 1]) + kept[5001:])
    bad = gateway.cli("backup", "drill")
    metrics = gateway.get("/metrics")[1]
    newest.write_bytes(kept)
    if bad.code != 1 or bad.json["passed"] or "restore drill failed" not in gateway.log_text():
        return f"{bad}"
    if "tributary_restore_drill_failed 1" not in metrics or "tributary_backup_age_seconds" not in metrics:
        return "the metrics do not tell"
    again = gateway.cli("backup", "drill", check=True).json
    listed = gateway.cli("backup", "list", check=True).json["drill"]
    if not again["passed"] or not listed["passed"] or "tributary_restore_drill_failed 0" not in gateway.get("/metrics")[1]:
        return f"{listed}"
    left = list(house.folder.glob("*.draft"))
    return f"left over: {left}" if left else None


def killed_backup(house):
    """Killed in the middle of a backup: no file that is not whole has a backup's name, and the next start is clean."""
    gateway = house.gateway
    gateway.stop()
    now = int(time.time() * 1000)
    with contextlib.closing(sqlite3.connect(house.database)) as database, database:
        database.executemany("INSERT INTO attempt (at, destination, entity, op_key, outcome, detail, took) "
                             "VALUES (?, 1, 1, zeroblob(32), 1, ?, 1)", ((now + i, "x" * 2000) for i in range(NOISE)))
    gateway.start()
    began = time.monotonic()
    gateway.operate("backup.run")
    took = time.monotonic() - began
    halves = 0
    for i in range(KILLS):
        asking = threading.Thread(target=quietly, args=(gateway,))
        asking.start()
        time.sleep(took * (i + 0.5) / KILLS)
        gateway.kill()
        asking.join()
        halves += len(list(house.folder.glob("*.draft")))
        gateway.start()
        if list(house.folder.glob("*.draft")):
            return "a draft outlives the next start"
    listed = gateway.cli("backup", "list", check=True).json["files"]
    named = len(list(house.folder.glob("*.backup")))
    bad = [file["file"] for file in listed[-4:] if gateway.cli("backup", "verify", file["file"]).code != 0]
    print(f"     {KILLS} kills within {took * 1000:.0f} ms of a backup left {halves} drafts; {named} files named, "
          f"{len(listed)} whole")
    return None if not bad and named == len(listed) and halves else f"{bad}, {named} named, {len(listed)} listed, {halves} drafts"


def quietly(gateway):
    with contextlib.suppress(Exception):
        gateway.operate("backup.run")


def killed_restore(house):
    """Killed in the middle of a restore: the store is the old one or the new one, never in between."""
    gateway = house.gateway
    gateway.stop()
    house.copy("whole.db")
    before = house.count("audit")
    began = time.monotonic()
    command = [BINARY, "--config", gateway.config, "--json", "restore", house.files()[-1], "--force"]
    subprocess.run(command, cwd=gateway.folder, check=True, capture_output=True)
    took, after, seen = time.monotonic() - began, house.count("audit"), []
    for i in range(KILLS):
        house.put_back("whole.db")
        process = subprocess.Popen(command, cwd=gateway.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(took * (0.3 + 0.7 * i / (KILLS - 1)))
        process.kill()
        process.wait()
        if house.sql("PRAGMA integrity_check") != [("ok",)]:
            return f"kill {i}: the database is damaged"
        seen.append("old" if house.count("audit") == before else "new" if house.count("audit") == after else "neither")
    (gateway.folder / "whole.db").unlink()
    print(f"     {KILLS} kills within {took * 1000:.0f} ms of a restore left: {', '.join(seen)}")
    if "neither" in seen:
        return f"{seen}"
    gateway.start()
    verify = gateway.cli("audit", "verify", check=True).json
    code = gateway.stop()
    left = list(house.database.parent.glob("*.restoring*"))
    house.restore(house.files()[-1], "--force")
    return None if code == 0 and verify["intact"] and not list(house.database.parent.glob("*.restoring*")) else f"{verify}, {left}"


def main():
    verdicts = Verdicts()
    with Receiver() as receiver, Gateway("backup") as gateway:
        (gateway.folder / "outside").mkdir()
        shutil.copytree(ROOT / "connectors/generic/http", gateway.folder / "connectors/generic/http")
        gateway.write("mappings/own/customer.yaml", letters.MAPPING)
        gateway.configure(CONFIG % (receiver.port, receiver.port), paths=False)
        gateway.init([("shop", "webhook_secret", SECRET)])
        gateway.quiet_inbox = lambda: eventually(lambda: gateway.operate("status")["inbox_waiting"] == 0, 20)
        house = House(gateway, receiver)
        gateway.start()
        verdicts.run("backups under load refuse no webhook", lambda: under_load(house))
        verdicts.run("keys lie apart from data", lambda: split(house))
        verdicts.run("nothing stands in clear", lambda: canary(house))
        verdicts.run("a restore that must not be is refused", lambda: refusals(house))
        verdicts.run("tampering shows", lambda: tampered(house))
        verdicts.run("req 23: E9: who withdrew after the backup gets nothing", lambda: withdrawn(house))
        verdicts.run("a database copied back by hand remembers too", lambda: copied_back(house))
        verdicts.run("req 24: who was erased after the backup stays erased", lambda: erased(house))
        verdicts.run("the audit trail goes on and its fork shows", lambda: trail(house))
        verdicts.run("a ledger that is lost or changed stops a restore", lambda: lost_ledger(house))
        verdicts.run("drills pass, and alert when they do not", lambda: drilled(house))
        verdicts.run("a killed backup leaves nothing that looks whole", lambda: killed_backup(house))
        verdicts.run("a killed restore leaves the old store or the new one", lambda: killed_restore(house))
        verdicts.run("req 20: nothing stands in clear at the end", lambda: canary(house))
    return verdicts.exit_code()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, Refused) as error:
        print(f"FAIL the gateway starts: {error}".replace("\n", " | "))
        sys.exit(1)
