#!/usr/bin/env python3
"""What a person may ask of their data, from outside: an access pack that holds everything, an erasure after which no file
holds any of it, and kill -9 in the middle of erasures.

Anna stands in two connections (ERP table, shop webhooks), with an order, an item that waits, a dead letter, a webhook in
the inbox, consent and a suppression. Ben stands beside her and keeps all that is his.
"""
import ctypes
import ctypes.util
import json
import pathlib
import shutil
import sqlite3
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import ROOT, SHOP_HOOK, Gateway, Verdicts, eventually, run  # noqa: E402
from receiver import Receiver  # noqa: E402

SECRET = "shop-secret-of-the-subject-test"
CANARIES = ["Kanarienvogel", "anna.canary@example.org", "+491701112223", "Zwitscherweg", "broken-canary-note", "canary-inbox-word"]
KILLS = 6
CONFIG = """
paths:
  connectors: [CONNECTORS]
  mappings: [mappings]
  canonical: ROOT/mappings/canonical
  purposes: ROOT/config/purposes.yaml
connections:
  erp:
    connector: sql
    trusted_contact_points: true
    settings:
      type: sqlite
      path: erp.db
      streams:
        customers: { table: customers, key: id }
        orders: { table: orders, key: id }
    streams:
      customers: { mapping: t/erp, full_refresh: true }
      orders: { mapping: t/order, full_refresh: true }
  shop:
    SHOP_HOOK
    trusted_contact_points: true
    credentials: { webhook_secret: "${secret:shop#webhook_secret}" }
    webhooks: { topics: [customers/update] }
    streams:
      customers: { mapping: t/shop }
  crm:
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:%(port)d"
        actions:
          upsert:
            request: { method: POST, path: /customers, body: "{record}" }
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    network: { allow: [127.0.0.0/8], ports: [%(port)d] }
deliveries:
  - { name: crm-customers, to: crm, entity: contact, action: upsert, mapping: t/out, purpose: service.order }
  - { name: crm-orders, to: crm, entity: order, action: upsert, purpose: service.order, pause: true }
""".replace("SHOP_HOOK", SHOP_HOOK).replace("ROOT", str(ROOT))
MAPPINGS = {
    "t/erp.yaml": """mapping: t/erp
to: contact
fields:
  name.full: name
  emails: [ email ]
  phones: [ { from: phone, label: mobile } ]
  addresses: [ { fields: { lines: [ street ], country: land } } ]
""",
    "t/shop.yaml": """mapping: t/shop
to: contact
fields:
  name.full: name
  emails: [ email ]
  language: { from: locale, as: lang }
""",
    "t/order.yaml": """mapping: t/order
to: order
defaults: { currency: currency }
fields:
  number: number
  placed_at: placed_at
  currency: currency
  total: { from: total, as: money, currency: currency }
  note: note
  contact: { link: contact, key: customer }
""",
    "t/out.yaml": """mapping: t/out
from: contact
to: external
fields: { name: name.full, email: "emails[0].address" }
""",
}


def unzip(file, passphrase):
    """Name -> text, as libarchive reads it; None when it does not open."""
    library = ctypes.CDLL(ctypes.util.find_library("archive") or "libarchive.so.13")
    for name in ("archive_read_new", "archive_entry_pathname"):
        getattr(library, name).restype = ctypes.c_void_p if name == "archive_read_new" else ctypes.c_char_p
    library.archive_read_data.restype = ctypes.c_ssize_t
    reader = ctypes.c_void_p(library.archive_read_new())
    library.archive_read_support_format_zip(reader)
    library.archive_read_add_passphrase(reader, passphrase.encode())
    if library.archive_read_open_filename(reader, str(file).encode(), ctypes.c_size_t(10240)) != 0:
        return None
    files, entry = {}, ctypes.c_void_p()
    try:
        while library.archive_read_next_header(reader, ctypes.byref(entry)) == 0:
            name, data, piece = library.archive_entry_pathname(entry).decode(), b"", ctypes.create_string_buffer(65536)
            while (size := library.archive_read_data(reader, piece, ctypes.c_size_t(len(piece)))) > 0:
                data += piece.raw[:size]
            if size < 0:
                return None
            files[name] = data.decode()
        return files
    finally:
        library.archive_read_free(reader)


class Case:
    def __init__(self, gateway, receiver):
        self.gateway, self.receiver = gateway, receiver
        self.database = gateway.folder / "data/tributary.db"
        self.hooks = 0

    def prepare(self):
        gateway = self.gateway
        # These connectors alone: reading all of them takes longer than the tests.
        for name in ("data/sql", "generic/http"):
            shutil.copytree(ROOT / "connectors" / name, gateway.folder / "connectors" / name)
        for name, text in MAPPINGS.items():
            gateway.write("mappings/" + name, text)
        gateway.configure(CONFIG.replace("CONNECTORS", "connectors") % {"port": self.receiver.port}, paths=False)
        with sqlite3.connect(gateway.folder / "erp.db") as erp:
            erp.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT, street TEXT, land TEXT)")
            erp.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, number TEXT, placed_at TEXT, currency TEXT, total TEXT, note TEXT, customer INTEGER)")
            erp.execute("INSERT INTO customers VALUES (1, 'Anna Kanarienvogel', 'anna.canary@example.org', '+491701112223', 'Zwitscherweg 1', 'DE')")
            erp.execute("INSERT INTO customers VALUES (2, 'Ben Bleibt', 'ben@example.net', '+491709998887', 'Hauptstr. 2', 'DE')")
            erp.execute("INSERT INTO orders VALUES (1, 'A-1', '2026-03-01T10:00:00Z', 'EUR', '19.90', 'leave it with Kanarienvogel', 1)")
            for n in range(KILLS):
                erp.execute("INSERT INTO customers VALUES (?, ?, ?, ?, 'Weg 1', 'DE')", (100 + n, f"Killed Person{n}", f"killed{n}@example.org", f"+49170200000{n}"))
                erp.execute("INSERT INTO orders VALUES (?, ?, '2026-03-01T10:00:00Z', 'EUR', '5.00', ?, ?)", (100 + n, f"K-{n}", f"for Killed Person{n}", 100 + n))
        gateway.init([("shop", "webhook_secret", SECRET)])
        gateway.start()

    def hook(self, body):
        self.hooks += 1
        return self.gateway.post_shopify("shop", "customers/update", body, SECRET, f"w{self.hooks}")[0]

    def rows(self, sql, *arguments):
        with sqlite3.connect(self.database) as database:
            return database.execute(sql, arguments).fetchall()

    def customers(self):
        """uid of the customer by the name in its golden view."""
        found = {}
        for row in self.gateway.operate("customer.list")["customers"]:
            golden = self.gateway.operate("customer.show", customer=row["customer"], read_for="legal.privacy_request")
            found[golden["golden"]["name"]["full"]] = row["customer"]
        return found

    def fill(self):
        gateway = self.gateway
        gateway.operate("sync.run", connection="erp", stream="customers")
        if self.hook({"id": 77, "name": "Anna Kanarienvogel", "email": "anna.canary@example.org", "locale": "de"}) != 200:
            return "the webhook was not taken"
        if not gateway.quiet():
            return "the gateway does not become quiet"
        gateway.operate("sync.run", connection="erp", stream="orders")
        self.hook({"id": 77, "name": "Anna Kanarienvogel", "email": "anna.canary@example.org", "locale": "broken-canary-note"})
        if not eventually(lambda: gateway.operate("queue.list")["dead_letters"]):
            return "no dead letter"
        self.people = self.customers()
        self.anna, self.ben = self.people["Anna Kanarienvogel"], self.people["Ben Bleibt"]
        records = gateway.operate("customer.show", customer=self.anna, read_for="legal.privacy_request")["records"]
        if {r["connection"] for r in records} != {"erp", "shop"}:
            return f"Anna's records are {records}"
        for customer in (self.anna, self.ben):
            gateway.operate("consent.record", customer=customer, purpose="marketing.email", state="given", origin="subject", proof="signed_form")
        # A webhook that was accepted and not worked on: the gateway dies right after its answer.
        for _ in range(20):
            self.hook({"id": 77, "name": "Anna Kanarienvogel canary-inbox-word", "email": "anna.canary@example.org", "locale": "de"})
            gateway.kill()
            if self.rows("SELECT count(*) FROM inbox")[0][0] > 0:
                break
            gateway.start()
        else:
            return "no webhook stayed in the inbox"
        with sqlite3.connect(self.database) as database:
            database.execute("INSERT INTO suppression VALUES (x'77', 'withdrawn', 1)")
        return None

    def request(self, kind, customer):
        """Through the steps, each by the command of a gateway that does not run."""
        request = self.gateway.cli("subject", "request", kind, "--customer", customer, "--by", "carl", check=True).json["request"]
        return request


def identity(case):
    cli = case.gateway.cli
    request = case.request("access", case.anna)
    early = cli("subject", "run", request, "--to", case.gateway.folder / "early.zip")
    if early.code == 0 or "while it is approved" not in early.err + early.out:
        return f"an unverified request ran: {early}"
    strange = cli("subject", "challenge", request, "--to", "mallory@example.org")
    if strange.code == 0 or "no contact point" not in strange.err + strange.out:
        return f"a code for a stranger's address: {strange}"
    code = cli("subject", "challenge", request, "--to", "anna.canary@example.org", check=True).json["code"]
    if len(code) != 8 or cli("subject", "verify", request, "--code", "00000000" if code != "00000000" else "1").code == 0:
        return f"code {code}, or a wrong one was taken"
    verified = cli("subject", "verify", request, "--code", code, check=True).json
    if verified["state"] != "verified" or code in json.dumps(verified):
        return f"{verified}"
    case.access = request
    return None


def access(case):
    cli, folder = case.gateway.cli, case.gateway.folder
    cli("subject", "approve", case.access, check=True)
    done = cli("subject", "run", case.access, "--to", folder / "anna.zip", check=True).json
    if (folder / "anna.zip").stat().st_mode & 0o777 != 0o600:
        return "others may read the archive"
    if b"Kanarienvogel" in (folder / "anna.zip").read_bytes():
        return "the archive is not encrypted"
    counts = done["counts"]
    expected = {"person": 1, "records": 3, "consent": 1, "queue": 1, "dead_letters": 1}
    if any(counts[name] < least for name, least in expected.items()):
        return f"the pack lacks something: {counts}"
    if unzip(folder / "anna.zip", "wrong") is not None:
        return "the archive opens with any passphrase"
    files = unzip(folder / "anna.zip", done["passphrase"])
    if files is None or sorted(files) != ["data.csv", "data.html", "data.json"]:
        return f"the archive holds {files and sorted(files)}"
    for name, text in files.items():
        for word in CANARIES[:5] + ["crm", "service.order", "marketing.email", "erp"]:
            if word not in text:
                return f"{name} does not hold {word}"
    (folder / "anna.zip").unlink()
    return None


def held(case):
    cli = case.gateway.cli
    cli("subject", "hold", case.anna, "--basis", "lawsuit 4711", check=True)
    request = case.request("erasure", case.anna)
    cli("subject", "verify", request, "--attest", "passport, file 4711", check=True)
    shown = cli("subject", "approve", request, check=True).json
    if shown["scope"].get("under_hold") != "lawsuit 4711":
        return f"{shown}"
    waits = cli("subject", "run", request, check=True).json
    if waits["state"] != "partially_done" or "lawsuit 4711" not in str(waits["waits_for"]) or waits["removed"]:
        return f"erased under hold: {waits}"
    cli("subject", "release", case.anna, check=True)
    case.erasure = request
    return None


def erase(case):
    tables = ["source_record", "item", "dead_letter", "identity_key", "identity_link", "disclosure", "subject_key"]
    before = {table: case.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
    sealed = case.rows("SELECT count(*) FROM subject_key")[0][0]
    done = case.gateway.cli("subject", "run", case.erasure, check=True).json
    after = {table: case.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
    case.removed = done["removed"]
    for table in tables:
        if before[table] - after[table] < case.removed.get(table, 0):
            return f"{table}: {before[table]} before, {after[table]} after, said {case.removed.get(table, 0)}"
    if done["sealed_blobs_tried"] < 3 or case.removed["source_record"] != 3 or case.removed["item"] < 1:
        return f"{done}"
    if done["state"] != "partially_done" or not any("crm" in reason for reason in done["waits_for"]):
        return f"the CRM was told, and has not answered: {done}"
    if done["kept_for_the_law"] != 1 or sealed - after["subject_key"] < 2:
        return f"{done}, {sealed} keys before, {after['subject_key']} after"
    body = json.loads(case.rows("SELECT body FROM remainder")[0][0])
    if body["total"]["minor"] != 1990 or "note" in body or "number" in body:
        return f"kept for the law: {body}"
    print(f"  erased: {case.removed}, {done['sealed_blobs_tried']} sealed blobs tried, 0 opened")
    return None


def contents(folder):
    """Name and bytes of each file. One that went away while others were read may have moved into them: all again."""
    for _ in range(20):
        try:
            # The ERP still has her; her webhook's bytes in the shop's own system are not ours either.
            return [(f.name, f.read_bytes()) for f in folder.rglob("*") if f.is_file() and f.name != "erp.db"]
        except FileNotFoundError:
            time.sleep(0.2)
    raise AssertionError("files come and go")


def no_trace(case):
    files = contents(case.gateway.folder)
    found = [(name, word) for name, data in files for word in CANARIES if word.encode() in data]
    print(f"  searched {len(files)} files for {len(CANARIES)} words: {len(found)} found")
    return None if not found else f"{found}"


def others(case):
    ben = case.gateway.cli("customer", "show", case.ben, "--purpose", "legal.privacy_request", check=True).json
    if ben["golden"]["name"]["full"] != "Ben Bleibt":
        return f"{ben}"
    if case.rows("SELECT count(*) FROM suppression")[0][0] != 1:
        return "the suppression is gone"
    evidence = case.rows("SELECT body, length(sealed) FROM consent_event ORDER BY seq")
    if len(evidence) != 2 or any("contact_point" in body for body, _ in evidence):
        return f"consent events: {evidence}"
    return None


def kept_out(case):
    gateway = case.gateway
    records = case.rows("SELECT count(*) FROM source_record")[0][0]
    gateway.start()
    told = eventually(lambda: [a for a in gateway.operate("alerts.list")["alerts"] if a["rule"] == "by_hand" and a["subject"] == "crm"], timeout=30)
    if not told or "have to be told by hand" not in told[0]["what"]:
        return f"nobody is told that the CRM has to be told by hand: {gateway.operate('alerts.list')}"
    for stream in ("customers", "orders"):
        gateway.operate("sync.run", connection="erp", stream=stream)
    case.hook({"id": 77, "name": "Anna Kanarienvogel", "email": "anna.canary@example.org", "locale": "de"})
    case.hook({"id": 78, "name": "Anna Kanarienvogel", "email": "anna.canary@example.org", "locale": "de"})
    if not eventually(lambda: gateway.operate("status")["inbox_waiting"] == 0):
        return "webhooks are left"
    if case.rows("SELECT count(*) FROM source_record")[0][0] != records:
        return "she is back"
    entries = [json.loads(entry) for (entry,) in case.rows("SELECT entry FROM audit")]
    refused = sum(int(e["details"]["records"]) for e in entries if e["action"] == "subject.refuse")
    print(f"  refused {refused} records of hers")
    if refused < 4:
        return f"only {refused} refusals are told"
    # She orders again: from here on she is a customer like any other.
    with sqlite3.connect(gateway.folder / "erp.db") as erp:
        erp.execute("INSERT INTO orders VALUES (2, 'A-2', ?, 'EUR', '7.00', '', 1)", (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5)),))
    gateway.operate("sync.run", connection="erp", stream="orders")
    gateway.operate("sync.run", connection="erp", stream="customers")
    back = case.customers()
    return None if "Anna Kanarienvogel" in back else f"{back}"


def certified(case):
    gateway = case.gateway
    answer = gateway.operate("subject.certificate", request=case.erasure)
    file = gateway.write("certificate.txt", answer["certificate"])
    checked = run("--json", "subject", "certificate", "--verify", file, "--key", answer["key"], cwd="/tmp")
    said = checked.json["certificate"]
    if checked.code != 0 or said["complete"] or said["state"] != "partially_done" or said["removed"] != case.removed:
        return f"{checked}"
    file.write_text(answer["certificate"].replace('"complete":false', '"complete":true'))
    forged = run("--json", "subject", "certificate", "--verify", file, "--key", answer["key"], cwd="/tmp")
    if forged.code != 1:
        return f"a forged certificate: {forged}"
    # The CRM's operator says that it is done: only now it is complete.
    with sqlite3.connect(case.database) as database:
        database.execute("UPDATE propagation SET state = 2, next_run_at = NULL, note = 'done by hand' WHERE state <> 2")
    done = gateway.operate("subject.run", request=case.erasure)
    return None if done["state"] == "completed" and done["waits_for"] == [] else f"{done}"


def rectified(case):
    """By what is wrong, not by where it stands; and nothing but the person's own records holds what was said."""
    gateway = case.gateway
    wrong, right = "ben@example.net", "rightly.ben@example.net"

    def rectify(corrections):
        request = gateway.operate("subject.request", kind="rectification", customer=case.ben)["request"]
        gateway.operate("subject.verify", request=request, attest="passport, file 4712")
        gateway.operate("subject.approve", request=request)
        answer = gateway.cli("subject", "rectify", request, stdin=json.dumps(corrections))
        return request, answer

    def emails():
        shown = gateway.operate("customer.show", customer=case.ben, read_for="legal.privacy_request")
        return [one["address"] for one in shown["golden"].get("emails", [])]
    request, done = rectify({f"emails[address={wrong}].address": right})
    if done.code != 0 or done.json["records"] != 1 or emails() != [right]:
        return f"{done} {emails()}"
    with sqlite3.connect(gateway.folder / "erp.db") as erp:
        erp.execute("UPDATE customers SET street = 'Nebenstr. 3' WHERE id = 2")
    gateway.operate("sync.run", connection="erp", stream="customers")
    if emails() != [right]:
        return f"the source has the wrong one again: {emails()}"
    refused, canary = rectify({"emails[address=canary-of-nobody@example.net]": None})
    if canary.code == 0 or "no record of theirs has such an element" not in canary.err or "canary" in canary.err + canary.out:
        return f"{canary}"
    gateway.operate("subject.reject", request=refused, reason="file 4713")
    progress = case.rows("SELECT progress FROM subject_request WHERE hex(uid) = ?", request.replace("-", "").upper())[0][0]
    told = [bytes(entry).decode() for (entry,) in case.rows("SELECT entry FROM audit")] + [gateway.log_text(), progress]
    words = [word for word in (wrong, right, "canary-of-nobody") if any(word in text for text in told)]
    return f"told: {words}" if words or "emails[]" not in progress else None


def killed(case):
    gateway, stages = case.gateway, {}
    for n in range(KILLS):
        customer = case.people[f"Killed Person{n}"]
        request = gateway.operate("subject.request", kind="erasure", customer=customer)["request"]
        gateway.operate("subject.verify", request=request, attest="seen")
        gateway.operate("subject.approve", request=request)

        def ask():
            try:
                gateway.operate("subject.run", request=request)
            except Exception:  # it dies under the question
                pass
        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(0.01 + 0.05 * n)
        gateway.kill()
        asking.join()
        progress = case.rows("SELECT progress FROM subject_request WHERE hex(uid) = ?", request.replace("-", "").upper())[0][0]
        stage = json.loads(progress)["stage"] if progress else "not begun"
        stages[stage] = stages.get(stage, 0) + 1
        gateway.start()
        done = gateway.operate("subject.run", request=request) if gateway.operate("subject.show", request=request)["state"] != "completed" else {"state": "completed"}
        if done["state"] not in ("completed", "partially_done"):
            return f"kill {n} at {stage}: {done}"
        shown = gateway.operate("subject.show", request=request)
        if any("destination" not in reason for reason in shown["waits_for"]) or shown["removed"].get("source_record") != 2:
            return f"kill {n} at {stage}: {shown}"
    print(f"  {KILLS} kills, by the stage that was reached: {stages}; all erasures were finished after the restart")
    if gateway.stop() != 0:
        return gateway.last_words()
    words = [f"Killed Person{n}" for n in range(KILLS)] + [f"killed{n}@example.org" for n in range(KILLS)]
    found = [(f.name, w) for f in gateway.folder.rglob("*") if f.is_file() and f.name != "erp.db" for w in words if w.encode() in f.read_bytes()]
    left = case.rows("SELECT count(*) FROM subject_request WHERE kind = 'erasure' AND state NOT IN ('completed', 'partially_done')")[0][0]
    return None if not found and left == 0 else f"{found}, {left} not finished"


def four_eyes(case):
    cli = case.gateway.cli
    customers = case.customers_now()
    both = ",".join(customers)
    request = cli("subject", "request", "erasure", "--customer", both, "--by", "carl", check=True).json["request"]
    cli("subject", "verify", request, "--attest", "list of the controller", "--by", "carl", check=True)
    alone = cli("subject", "approve", request, "--by", "carl")
    if alone.code == 0 or "somebody else" not in alone.err + alone.out:
        return f"{alone}"
    cli("subject", "approve", request, "--by", "dora", check=True)
    cli("subject", "reject", request, "--reason", "was a rehearsal", check=True)
    return None


def retained(case):
    report = case.gateway.cli("retention", "run", "--dry-run", check=True).json
    return None if report["dry_run"] and all(p["overdue"] == 0 for p in report["policies"]) else f"{report}"


def main():
    verdicts = Verdicts()
    with Gateway("subject") as gateway, Receiver() as receiver:
        case = Case(gateway, receiver)
        case.customers_now = lambda: [row["customer"] for row in gateway.cli("customer", "list", check=True).json["customers"]][:2]
        case.prepare()
        if not verdicts.run("a person with something in every table", case.fill):
            print(gateway.last_words())
            return verdicts.exit_code()
        for name, test in [("nobody unverified gets anything, and codes go to known contact points", identity),
                           ("req 24: an access pack holds everything, encrypted", access),
                           ("nothing is erased under legal hold", held),
                           ("req 24: an erasure removes it from every table and tries the keys", erase),
                           ("req 21: no file holds a word of hers", no_trace),
                           ("others keep theirs, evidence and suppressions stay", others),
                           ("she stays out, until she comes back herself", kept_out),
                           ("the certificate says what is open, and holds against forgery", certified),
                           ("req 24: a rectification names an element by what it is, and holds", rectified),
                           ("kill -9 in the middle", killed),
                           ("req 28: an erasure of many needs other eyes", four_eyes),
                           ("req 22: a dry run of retention", retained)]:
            verdicts.run(name, lambda: test(case))
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
