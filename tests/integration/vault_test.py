#!/usr/bin/env python3
"""The vault from outside: keys rotated under load, killed in the middle, destroyed; masters changed; rows swapped in the
database; secrets set by two at once; and canaries looked for in everything that leaves the process."""
import base64
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import BINARY, ROOT, SHOP_HOOK, Gateway, Refused, Verdicts, eventually, run  # noqa: E402

HOOK_SECRET = "canary-hook-secret-1f0c8a77"
SPARE_SECRET = "canary-opened-not-sent-7d20b3aa"  # a field that is opened with the others, and that no connector reads
OTHER_SECRET = "canary-never-used-9b61d2e4"
# One mapping and one connector: the program is started often here.
MAPPING = """mapping: shop/person
to: contact
fields:
  name.given: first
  emails: [ { from: email } ]
"""
CONFIG = f"""
paths:
  connectors: [connectors]
  mappings: [mappings]
  canonical: {ROOT}/mappings/canonical
  purposes: {ROOT}/config/purposes.yaml
connections:
  shop:
    {SHOP_HOOK}
    credentials: "${{secret:shop}}"
    streams: {{ customers: {{ mapping: shop/person }} }}
"""
# A key service for the tests: the key is a file, and it knows only what it wrapped itself.
SERVICE = """#!/usr/bin/env python3
import base64, hashlib, hmac, json, os, sys
asked = json.loads(sys.stdin.readline())
key = open({key!r}, "rb").read()
pad = lambda salt: hashlib.sha256(key + salt).digest()
tag = lambda bytes: hmac.new(key, bytes, "sha256").digest()
if asked["operation"] == "status":
    print(json.dumps({{"key_id": "test-1"}}))
elif asked["operation"] == "wrap":
    salt, plain = os.urandom(16), base64.b64decode(asked["plaintext"])
    body = salt + bytes(a ^ b for a, b in zip(plain, pad(salt)))
    print(json.dumps({{"key_id": "test-1", "ciphertext": (body + tag(body)).hex()}}))
else:
    whole = bytes.fromhex(asked["ciphertext"])
    body = whole[:-32]
    if asked["key_id"] != "test-1" or tag(body) != whole[-32:]:
        print(json.dumps({{"error": "this was wrapped by another key"}}))
    else:
        plain = bytes(a ^ b for a, b in zip(body[16:], pad(body[:16])))
        print(json.dumps({{"plaintext": base64.b64encode(plain).decode()}}))
"""


class Room:
    def __init__(self, gateway):
        self.gateway = gateway
        self.folder = gateway.folder
        self.database = gateway.folder / "data/tributary.db"
        self.sent = 0

    def rows(self, sql, *arguments):
        with contextlib.closing(sqlite3.connect(self.database)) as database, database:
            return database.execute(sql, arguments).fetchall()

    def post(self, number):
        body = {"id": number, "first": f"Person {number}", "email": f"canary{number}@example.com"}
        return self.gateway.post_shopify("shop", "customers/create", body, HOOK_SECRET, f"w-{number}")[0]

    def flood(self, until):
        """Webhooks from four senders until the event is set; (accepted, everything else that was answered)."""
        lock, tally = threading.Lock(), [0, []]

        def sender():
            while not until.is_set():
                with lock:
                    self.sent += 1
                    number = self.sent
                try:
                    status = self.post(number)
                except OSError as error:
                    status = repr(error)
                with lock:
                    if status == 200:
                        tally[0] += 1
                    else:
                        tally[1].append(status)
        threads = [threading.Thread(target=sender) for _ in range(4)]
        for thread in threads:
            thread.start()
        return threads, tally

    def keys(self, use=None):
        return [key for key in self.gateway.operate("vault.status")["keys"] if use in (None, key["use"])]


def rotated_under_load(room):
    """req 19: two rotations while webhooks come in: none fails, all is processed, everything opens."""
    until = threading.Event()
    threads, tally = room.flood(until)
    rotations = []
    try:
        for _ in range(2):
            time.sleep(1)
            rotations.append(room.gateway.operate("vault.rotate", destroy=True))
    finally:
        time.sleep(0.5)
        until.set()
        for thread in threads:
            thread.join()
    if not room.gateway.quiet():
        return "the inbox is not worked off"
    check = room.gateway.operate("vault.verify")
    people = room.rows("SELECT count(*) FROM subject_key")[0][0]
    print(f"rotation under load: 2 rotations, {tally[0]} webhooks accepted, {len(tally[1])} not; {people} subject keys, "
          f"{sum(r['rewrapped_subject_keys'] for r in rotations)} wrapped anew, {check['broken']} do not open")
    if tally[1] or tally[0] < 20:
        return f"accepted {tally[0]}, else {tally[1][:5]}"
    if check["broken"] or check["subject_keys"] != people or people < tally[0]:
        return f"{check}, {people} keys for {tally[0]} webhooks"
    if any(len(r["destroyed"]) != 2 or not r["complete"] for r in rotations):
        return f"{rotations}"
    states = [key["state"] for key in room.keys("subject")]
    return None if sorted(states) == ["destroyed", "destroyed", "primary"] else f"{states}"


def killed_in_rewrap(room):
    """kill -9 while keys are wrapped anew; the next start goes on by itself, and nothing is lost."""
    gateway = room.gateway
    kills, interrupted = 0, 0
    for delay in (0.005, 0.03, 0.08, 0.15, 0.3):
        old = {key["key"] for key in room.keys() if key["state"] == "primary"}
        worker = threading.Thread(target=swallow, args=(gateway,))
        worker.start()
        time.sleep(delay)
        gateway.kill()
        kills += 1
        worker.join()
        gateway.start()
        # By itself: no command is given.
        def wrapped_by_old():
            return sum(key["subject_keys"] + key["secrets"] + key["webhooks"] for key in room.keys()
                       if key["state"] == "decrypt_only")
        interrupted += old != {key["key"] for key in room.keys() if key["state"] == "primary"}
        if not eventually(lambda: wrapped_by_old() == 0, 20, 0.2):
            return f"after kill {kills}: {room.keys()}"
        check = gateway.operate("vault.verify")
        if check["broken"]:
            return f"after kill {kills}: {check}"
    print(f"kill -9 in a rotation: {kills} kills, {interrupted} with a new primary key already, 0 keys lost")
    done = gateway.operate("vault.rotate", destroy=True)
    left = [key["state"] for key in room.keys() if key["use"] in ("cred", "subject") and key["state"] != "destroyed"]
    return None if done["complete"] and left == ["primary", "primary"] else f"{done} {left}"


def swallow(gateway):
    with contextlib.suppress(Exception):  # it is killed meanwhile
        gateway.operate("vault.rotate")


def refused_rotations(room):
    gateway = room.gateway
    for use, word in (("blind_index", "looked up"), ("suppression", "looked up"), ("audit", "signs"), ("nonsense", "cred, subject")):
        told = gateway.cli("vault", "rotate", "--use", use)
        if told.code != 1 or word not in told.out + told.err:
            return f"{use}: {told}"
    primary = next(key["key"] for key in room.keys("cred") if key["state"] == "primary")
    told = gateway.cli("vault", "destroy", primary)
    if told.code != 1 or "rotate it first" not in told.err:
        return f"{told}"
    old = primary
    gateway.operate("secret.set", name="other", field="token", value=OTHER_SECRET)
    # Wrapped with the old key: not by a command that wraps anew at once, but as a crash would leave it.
    before = room.rows("SELECT wrapped_key FROM secret WHERE name = 'other'")[0][0]
    gateway.operate("vault.rotate", use="cred")
    room.rows("UPDATE secret SET wrapped_key = ? WHERE name = 'other'", before)
    told = gateway.cli("vault", "destroy", old)
    if told.code != 1 or "1 secrets" not in told.err:
        return f"{told}"
    gateway.operate("vault.rewrap")
    told = gateway.cli("vault", "destroy", old)
    return None if told.code == 0 and told.json["destroyed"] == old else f"{told}"


def two_at_once(room):
    """req 11: two clients set fields of one secret at the same time; none is lost."""
    gateway = room.gateway
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: gateway.operate("secret.set", name="joint", field=f"f{n}", value="v"), range(40)))
    row = next(one for one in gateway.operate("secret.list")["secrets"] if one["name"] == "joint")
    print(f"one secret set by four clients: 40 calls, {40 - len(row['fields'])} lost")
    return None if len(row["fields"]) == 40 and row["version"] == 40 else f"{row}"


def canaries(room):
    """req 20: what is secret or personal is in nothing that leaves the process."""
    gateway = room.gateway
    pid = gateway.process.pid
    words = [HOOK_SECRET.encode(), SPARE_SECRET.encode(), OTHER_SECRET.encode(), b"canary1@example.com", b"Person 1"]
    words += [base64.b64encode(HOOK_SECRET.encode())]
    seen = {"log": gateway.log.read_bytes(), "metrics": gateway.get("/metrics")[1].encode()}
    seen["status"] = json.dumps([gateway.operate("status"), gateway.operate("vault.status"), gateway.operate("secret.list")]).encode()
    for body in (b"{", b"\x00\xff", json.dumps({"id": {"first": "Person 1"}}).encode()):
        answer = gateway.post_shopify("shop", "customers/create", body, "wrong", "e-1")
        seen[f"error {answer[0]}"] = str(answer).encode()
    for file in ("environ", "cmdline"):
        seen[file] = pathlib.Path(f"/proc/{pid}/{file}").read_bytes()
    for path in room.folder.rglob("*"):
        if path.is_file():
            seen[str(path.relative_to(room.folder))] = path.read_bytes()
    for where, data in seen.items():
        for word in words:
            if word in data:
                return f"{word.decode()} is in {where}"
    print(f"canaries: {len(words)} words in {len(seen)} outputs and files of {sum(map(len, seen.values()))} bytes, 0 found")
    return None


def memory_of_its_own(room):
    """No core dump is written, and no other process of the same user reads the memory."""
    pid = room.gateway.process.pid
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    if not re.search(r"Max core file size\s+0\s+0", limits):
        return limits
    # What is not dumpable belongs to root in /proc, whoever runs it; and a locked page is excluded from dumps.
    locked = re.findall(r"^VmLck:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)
    flags = re.findall(r"^VmFlags: (.*)$", pathlib.Path(f"/proc/{pid}/smaps").read_text(), re.M)
    guarded = [line for line in flags if " lo " in f" {line} " and " dd " in f" {line} "]
    if int(locked[0]) < 1024 or not guarded:
        return f"locked {locked} kB, {len(guarded)} mappings locked and out of dumps"
    if os.geteuid() == 0:
        reader = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", "cat", f"/proc/{pid}/environ"], capture_output=True)
        if reader.returncode == 0:
            return "another user reads its environment"
    return None


def reloaded(room):
    done = room.gateway.cli("reload")
    return None if done.code == 0 else f"{done}"


def core_image(room):
    """req 20: what a core dump would hold, read by root while the gateway runs: no secret that is only kept is in it."""
    if os.geteuid() != 0:
        print("memory that a dump would hold: not read, this takes root")
        return None
    pid = room.gateway.process.pid
    words = {"kept": SPARE_SECRET.encode(), "used": HOOK_SECRET.encode(), "control": str(room.gateway.config).encode()}
    found, read, skipped, left_out = dict.fromkeys(words, 0), 0, 0, 0
    mapping = None
    with open(f"/proc/{pid}/smaps", errors="replace") as smaps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in smaps:
            if head := re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line):
                mapping, resident = head, 0
            elif line.startswith("Rss:"):
                resident = int(line.split()[1])
            elif line.startswith("VmFlags:"):
                begin, end = int(mapping[1], 16), int(mapping[2], 16)
                if " dd " in f"{line.strip()} ":
                    left_out += end - begin
                elif not mapping[3].startswith("r") or not resident:
                    continue
                elif end - begin > 1 << 30:
                    skipped += 1  # reservations and the shadow of a sanitizer, which holds no bytes of ours
                else:
                    memory.seek(begin)
                    tail = b""
                    while begin < end:
                        try:
                            data = memory.read(min(1 << 22, end - begin))
                        except OSError:
                            break
                        if not data:
                            break
                        for name, word in words.items():
                            found[name] += (tail + data).count(word)
                        # So that a word across two reads is found; one near the border may be counted twice.
                        tail = data[-(max(map(len, words.values())) - 1):]
                        begin, read = begin + len(data), read + len(data)
    print(f"memory that a dump would hold: {read} bytes read, {left_out} left out of dumps, {skipped} reservations not read; "
          f"a secret that is kept {found['kept']} times, one that a connector used {found['used']} times")
    if not found["control"]:
        return "the search finds nothing at all"
    # What a connector computes with passes through ordinary memory; docs/vault.md says so.
    return f"the secret is in it {found['kept']} times" if found["kept"] else None


def edited_rows(room):
    """req 18: a row edited or swapped in the database no longer opens; the rest goes on."""
    gateway = room.gateway
    gateway.cli("secret", "set", "one", "token", "--connector", "http", "--host", "api.example.com", stdin="v1", check=True)
    gateway.cli("secret", "set", "two", "token", "--connector", "http", "--host", "api.example.com", stdin="v2", check=True)
    columns = "name, version, owner, connector, allowed_hosts, fields, wrapped_key, sealed"
    kept = room.rows(f"SELECT {columns} FROM secret WHERE name IN ('one', 'two') ORDER BY name")
    if gateway.cli("vault", "verify").code != 0:
        return "it does not verify before"
    edits = {
        "allowed_hosts": ("UPDATE secret SET allowed_hosts = 'attacker.example' WHERE name = 'one'", 1),
        "connector": ("UPDATE secret SET connector = 'shopify' WHERE name = 'one'", 1),
        "owner": ("UPDATE secret SET owner = 'somebody' WHERE name = 'one'", 1),
        "version": ("UPDATE secret SET version = version + 1 WHERE name = 'one'", 1),
        "name": ("UPDATE secret SET name = 'three' WHERE name = 'one'", 1),
        "a row laid over another": ("UPDATE secret SET sealed = (SELECT s.sealed FROM secret s WHERE s.name <> secret.name AND s.name IN ('one', 'two')), "
                             "wrapped_key = (SELECT s.wrapped_key FROM secret s WHERE s.name <> secret.name AND s.name IN ('one', 'two')) "
                             "WHERE name IN ('one', 'two')", 1),
        "two subjects swapped": ("UPDATE subject_key SET wrapped = (SELECT s.wrapped FROM subject_key s ORDER BY s.subject DESC LIMIT 1) "
                                 "WHERE subject = (SELECT min(subject) FROM subject_key)", 1),
    }
    keys = room.rows("SELECT subject, wrapped FROM subject_key ORDER BY subject LIMIT 1")
    for name, (sql, broken) in edits.items():
        room.rows(sql)
        told = gateway.cli("vault", "verify")
        room.rows("DELETE FROM secret WHERE name = 'three'")
        for row in kept:
            room.rows("INSERT OR IGNORE INTO secret (name, version, created_at, updated_at, owner, connector, allowed_hosts, fields, "
                      "wrapped_key, sealed) VALUES (?, ?, 0, 0, ?, ?, ?, ?, ?, ?)", *row)
            room.rows("UPDATE secret SET version = ?2, owner = ?3, connector = ?4, allowed_hosts = ?5, fields = ?6, wrapped_key = ?7, "
                      "sealed = ?8 WHERE name = ?1", *row)
        room.rows("UPDATE subject_key SET wrapped = ? WHERE subject = ?", keys[0][1], keys[0][0])
        if told.code != 1 or told.json["broken"] != broken:
            return f"{name}: {told}"
    told = gateway.cli("vault", "verify")
    print(f"rows edited in the database: {len(edits)} ways, each is noticed")
    return None if told.code == 0 else f"{told}"


def bound_secret(room):
    """req 11: a credential bound to another connection or connector is refused where it is used."""
    gateway = room.gateway
    headers = {"connector": "shopify", "owner": "elsewhere"}
    for option, value in headers.items():
        gateway.cli("secret", "bind", "shop", f"--{option}", value, check=True)
        gateway.start()
        status = room.post(900001)
        log = gateway.log_text()
        gateway.stop()
        if status == 200 or ("is for the connector shopify" if option == "connector" else "belongs to connection elsewhere") not in log:
            return f"{option}: {status} {log[-600:]}"
    gateway.cli("secret", "bind", "shop", "--connector", "http", "--owner", "shop", check=True)
    gateway.start()
    status = room.post(900002)
    gateway.stop()
    bad = gateway.cli("secret", "set", "shop", "x", "--host", "https://a.example/", stdin="v")
    if bad.code != 1 or "a host is a name" not in bad.err:
        return f"{bad}"
    return None if status == 200 else f"its own connection is answered {status}: {gateway.log_text()[-600:]}"


def masters(room):
    """The ring under another master: a file, a passphrase from a descriptor, a key service; each alone opens it."""
    gateway = room.gateway
    text = gateway.config.read_text()

    def configure(master):
        gateway.config.write_text(re.sub(r"vault: .*", f"vault: {{ ring: keys/key.ring, master: {master} }}", text))

    def with_phrase(phrase, arguments):
        got, give = os.pipe()
        os.write(give, phrase.encode() + b"\n")
        os.close(give)
        done = subprocess.run([BINARY, "--config", str(gateway.config), "--json", *arguments(got)], capture_output=True, text=True,
                              cwd=gateway.folder, pass_fds=(got,), timeout=60)
        os.close(got)
        return done

    service = gateway.write("kms.py", SERVICE.format(key=str(gateway.folder / "kms.key")))
    service.chmod(0o755)
    (gateway.folder / "kms.key").write_bytes(os.urandom(32))
    program = f"{{ type: program, command: [{sys.executable}, {service}] }}"

    # What the ring would be looked for elsewhere with is refused before anything is done.
    told = gateway.cli("vault", "rewrap-master", "--to", "{ type: file, path: other/new.key }")
    if told.code != 1 or "vault.ring" not in told.err:
        return f"{told}"
    configure("{ type: file, path: keys/master.key }")
    gateway.cli("vault", "rewrap-master", "--to", "{ type: file, path: keys/second.key }", check=True)
    told = gateway.cli("vault", "status")
    if told.code != 1 or "is not the one that sealed this key ring" not in told.err:
        return f"the old master: {told}"
    configure("{ type: file, path: keys/second.key }")
    gateway.cli("vault", "rewrap-master", "--to", program, check=True)
    configure(program)
    told = gateway.cli("vault", "verify", check=True).json
    if not told["intact"] or "test-1" not in gateway.cli("vault", "status", check=True).out:
        return f"{told}"
    # Fails closed: the service away, another key in it, its answer no JSON.
    key = (gateway.folder / "kms.key").read_bytes()
    for what, change, word in (
            ("gone", lambda: (gateway.folder / "kms.key").unlink(), "ended with"),
            ("another key", lambda: (gateway.folder / "kms.key").write_bytes(os.urandom(32)), "another key"),
            ("no JSON", lambda: service.write_text("#!/usr/bin/env python3\nprint('hello')\n"), "JSON")):
        change()
        told = gateway.cli("vault", "status")
        if told.code == 0 or word not in told.err:
            return f"{what}: {told}"
        (gateway.folder / "kms.key").write_bytes(key)
    service.write_text(SERVICE.format(key=str(gateway.folder / "kms.key")))
    # To a passphrase, that comes by a descriptor.
    done = with_phrase("correct horse battery", lambda fd: ("vault", "rewrap-master", "--to", "{ type: passphrase }",
                                                            "--passphrase-fd", str(fd)))
    if done.returncode != 0:
        return f"{done}"
    for phrase, code in (("correct horse battery", 0), ("correct horse batterx", 1)):
        def verify(fd):
            configure(f"{{ type: passphrase, fd: {fd} }}")
            return "vault", "verify"
        done = with_phrase(phrase, verify)
        if done.returncode != code or phrase in done.stdout + done.stderr:
            return f"{phrase}: {done}"
    acts = [json.loads(row[0])["action"] for row in room.rows("SELECT entry FROM audit")]
    return None if acts.count("vault.master.change") == 3 else f"{acts}"


def told_in_the_trail(room):
    entries = [row[0].decode() if isinstance(row[0], bytes) else row[0] for row in room.rows("SELECT entry FROM audit")]
    acts = [json.loads(entry)["action"] for entry in entries]
    missing = [act for act in ("secret.set", "secret.remove", "vault.key.create", "vault.key.promote", "vault.key.destroy")
               if act not in acts]
    leaked = [entry for entry in entries if "canary" in entry]
    return f"missing {missing}, leaked {leaked}" if missing or leaked else None


def main():
    verdicts = Verdicts()
    with Gateway("vault") as gateway:
        room = Room(gateway)
        (gateway.folder / "connectors/generic").mkdir(parents=True)
        (gateway.folder / "connectors/generic/http").symlink_to(ROOT / "connectors/generic/http")
        gateway.write("mappings/shop/person.yaml", MAPPING)
        gateway.configure(CONFIG, paths=False)
        gateway.init([("shop", "webhook_secret", HOOK_SECRET), ("shop", "spare", SPARE_SECRET)])
        gateway.start()
        verdicts.run("req 20: a core dump right after the start would hold no secret that is only kept", lambda: core_image(room))
        verdicts.run("keys are rotated under load without a failed request", lambda: rotated_under_load(room))
        verdicts.run("a gateway killed while it wraps keys anew goes on by itself", lambda: killed_in_rewrap(room))
        verdicts.run("what cannot be rotated or is still needed is refused", lambda: refused_rotations(room))
        verdicts.run("req 20: nor would one after rotations and kills", lambda: core_image(room))
        verdicts.run("secrets set at once by several are all kept", lambda: two_at_once(room))
        gateway.operate("secret.remove", name="joint")
        verdicts.run("no canary leaves the process", lambda: canaries(room))
        verdicts.run("the memory of the process is its own", lambda: memory_of_its_own(room))
        verdicts.run("req 20: nor would one after secrets were set, errors and a reload", lambda: reloaded(room) or core_image(room))
        code = gateway.stop()
        verdicts.check("it stops well", code == 0, gateway.last_words())
        verdicts.run("rows edited in the database are noticed", lambda: edited_rows(room))
        verdicts.run("a credential bound elsewhere is refused", lambda: bound_secret(room))
        verdicts.run("acts are in the audit trail, without a value", lambda: told_in_the_trail(room))
        verdicts.run("the master is changed: file, key service, passphrase", lambda: masters(room))
    return verdicts.exit_code()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, Refused) as error:
        print(f"FAIL the gateway starts: {error}".replace("\n", " | "))
        sys.exit(1)
