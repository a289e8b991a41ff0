#!/usr/bin/env python3
"""The operator's commands against a running gateway and against none: secrets, consent, redrive, pause, sync, health."""
import datetime
import http.client
import json
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import SHOP_HOOK, Gateway, Refused, Verdicts, eventually  # noqa: E402
from receiver import Receiver  # noqa: E402

SECRET = "canary-secret-5f1d9c0b7a"
EMAIL = "canary.person.8842@example.com"
MAPPING = """mapping: ops/erp
to: contact
fields:
  customer_number: number
  name.full: name
  emails: [ email ]
  %s
"""
STRICT = "birth_date: { from: born, as: partial_date }"
LENIENT = "birth_date: { from: born, as: partial_date, on_error: drop }"
CONFIG = """
connections:
  erp:
    connector: sql
    settings:
      type: sqlite
      path: erp.db
      streams:
        customers: { table: customers, key: id, cursor: revision }
    streams:
      customers: { mapping: ops/erp }
  shop:
    SHOP_HOOK
    credentials: { webhook_secret: "${secret:shop#webhook_secret}" }
    webhooks: {}
    streams:
      customers: { mapping: shopify/customer }
  crm:
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:%(port)d"
        auth: { type: header, name: X-Key, value: "{credentials.key}" }
        actions:
          upsert:
            request: { method: POST, path: /customers, body: "{record}" }
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    credentials: { key: "${secret:crm#key}" }
    network: { allow: [127.0.0.0/8], ports: [%(port)d] }
  letters:
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:%(port)d"
        actions:
          mail:
            request: { method: POST, path: /letters, body: "{record}" }
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    network: { allow: [127.0.0.0/8], ports: [%(port)d] }
deliveries:
  - { name: crm-customers, to: crm, entity: contact, action: upsert, purpose: service.order,
      retry: { schedule: [200ms] } }
  - { name: letters-customers, to: letters, entity: contact, action: mail, purpose: marketing.post, channel: post,
      retry: { schedule: [200ms] } }
""".replace("SHOP_HOOK", SHOP_HOOK)


def make_erp(gateway):
    erp = sqlite3.connect(gateway.folder / "erp.db", isolation_level=None)
    erp.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, number TEXT, name TEXT, email TEXT, born TEXT,"
                " revision INTEGER)")
    for one in range(1, 6):
        erp.execute("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?)",
                    (one, f"C{one}", f"Canary Person {one}", EMAIL if one == 1 else f"person{one}@example.com",
                     "1980-02-03" if one < 5 else "next tuesday", one))
    return erp


class Operations:
    def __init__(self, gateway, receiver, erp):
        self.gateway, self.receiver, self.erp = gateway, receiver, erp

    def sent(self, path):
        return [request for request in self.receiver.journal if request.path == path]

    def secrets(self):
        """Set, replaced and listed while the gateway runs; values never shown."""
        self.gateway.cli("secret", "set", "extra", "token", stdin="one-value", check=True)
        self.gateway.cli("secret", "set", "extra", "other", stdin="two-value", check=True)
        listed = self.gateway.cli("secret", "list", check=True)
        found = {one["name"]: (one["version"], sorted(one["fields"])) for one in listed.json["secrets"]}
        if found.get("extra") != (2, ["other", "token"]) or "shop" not in found:
            return f"listed {found}"
        if "one-value" in listed.out or SECRET in listed.out:
            return "a value is shown"
        self.gateway.cli("secret", "remove", "extra", check=True)
        left = [one["name"] for one in self.gateway.cli("secret", "list").json["secrets"]]
        return f"still there: {left}" if "extra" in left else None

    def first_sync(self):
        done = self.gateway.cli("sync", "run", "erp", "customers", check=True).json
        if (done["records"], done["changed"], done["quarantined"]) != (5, 4, 1):
            return f"{done}"
        self.gateway.quiet(20)
        status = self.gateway.cli("status", check=True).json
        crm = next(row for row in status["destinations"] if row["destination"] == "crm")
        return None if crm["delivered"] == 4 and len(self.sent("/customers")) == 4 else f"{status}"

    def second_sync(self):
        before = len(self.receiver.journal)
        done = self.gateway.cli("sync", "run", "erp", "customers", check=True).json
        self.gateway.quiet(20)
        if done["changed"] or len(self.receiver.journal) != before:
            return f"{done}, {len(self.receiver.journal) - before} requests"
        self.erp.execute("UPDATE customers SET name = 'Canary Person Two', revision = 10 WHERE id = 2")
        done = self.gateway.cli("sync", "run", "erp", "customers", check=True).json
        self.gateway.quiet(20)
        fresh = self.receiver.journal[before:]
        if done["changed"] != 1 or len(fresh) != 1 or fresh[0].record["name"]["full"] != "Canary Person Two":
            return f"a changed customer: {done}, {[one.record for one in fresh]}"
        done = self.gateway.cli("sync", "reset", "erp", "customers", check=True)
        done = self.gateway.cli("sync", "run", "erp", "customers", check=True).json
        self.gateway.quiet(20)
        if done["records"] < 5 or done["changed"] or len(self.receiver.journal) != before + 1:
            return f"after a reset everything is read and nothing sent: {done}"
        runs = self.gateway.cli("sync", "status", check=True).json["runs"]
        return None if len(runs) == 4 and not any(run["error"] for run in runs) else f"history: {runs}"

    def redrive(self):
        """A mapping is mended, its dead letter redriven: first as a dry run that changes nothing."""
        letter = self.gateway.cli("queue", "list", check=True).json["dead_letters"]
        if len(letter) != 1 or letter[0]["stage"] != "map" or "birth_date" not in letter[0]["cause"]:
            return f"expected one dead letter of the mapping: {letter}"
        dry = self.gateway.cli("queue", "redrive", "--stage", "map", check=True).json
        if not dry["dry_run"] or dry["would_redrive"] != 0 or dry["kept"] != 1 or not dry["outcomes"][0]["cause"]:
            return f"before the mapping is mended: {dry}"
        code = self.gateway.stop()
        self.gateway.write("mappings/ops/erp.yaml", MAPPING % LENIENT)
        self.gateway.start()
        before = len(self.sent("/customers"))
        dry = self.gateway.cli("queue", "redrive", "--stage", "map", check=True).json
        if dry["would_redrive"] != 1 or self.gateway.cli("queue", "list").json["total"] != 1:
            return f"the dry run: {dry}"
        done = self.gateway.cli("queue", "redrive", "--stage", "map", "--confirm", check=True).json
        if done["dry_run"] or done["redriven"] != 1:
            return f"{done}"
        self.gateway.quiet(20)
        left = self.gateway.cli("queue", "list", check=True).json["total"]
        fresh = self.sent("/customers")[before:]
        return None if code == 0 and left == 0 and len(fresh) == 1 and fresh[0].record["customer_number"] == "C5" \
            else f"exit {code}, {left} letters left, sent {[one.record for one in fresh]}"

    def consent(self):
        """Advertising waits for consent, goes out when the subject gave it, and stops when it was withdrawn."""
        whom = ["--connection", "erp", "--external-id", "1", "--purpose", "marketing.post", "--channel", "post"]
        rows = self.gateway.cli("queue", "withheld", "--destination", "letters", check=True).json["withheld"]
        if len(rows) != 5 or not all(row["reason"].startswith("C-") for row in rows) or self.sent("/letters"):
            return f"expected five withheld with reason codes: {rows}"

        def say(state, minutes_ago):
            at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes_ago)
            proof = ["--proof", "signed_form"] if state == "given" else []
            return self.gateway.cli("consent", "record", *whom, "--state", state, "--origin", "subject", *proof,
                                    "--event-time", at.strftime("%Y-%m-%dT%H:%M:%SZ"), check=True).json
        given = say("given", 60)
        if given["released"] != 1:
            return f"consent that was given released {given}"
        self.gateway.quiet(20)
        mailed = self.sent("/letters")
        if len(mailed) != 1 or mailed[0].record["customer_number"] != "C1":
            return f"sent {[one.record for one in mailed]}"
        say("withdrawn", 30)
        self.erp.execute("UPDATE customers SET name = 'Canary Person One', revision = 11 WHERE id = 1")
        self.gateway.cli("sync", "run", "erp", "customers", check=True)
        self.gateway.quiet(20)
        if len(self.sent("/letters")) != 1:
            return "sent after consent was withdrawn"
        events = self.gateway.cli("consent", "show", "--connection", "erp", "--external-id", "1", check=True).json
        states = [event["event_state"] for event in events["events"]]
        if states != ["given", "withdrawn"]:
            return f"`consent show`: {states}"
        # Acts within five minutes of each other: the most restrictive one counts.
        if say("given", 28)["released"] != 0:
            return "a grant two minutes after the withdrawal released it"
        say("given", 1)
        self.gateway.quiet(20)
        again = self.sent("/letters")[1:]
        return None if len(again) == 1 and again[0].record["name"]["full"] == "Canary Person One" else \
            f"given again: {[one.record for one in again]}"

    def pause(self):
        self.gateway.cli("queue", "pause", "crm", "--reason", "maintenance", check=True)
        before = len(self.sent("/customers"))
        self.erp.execute("UPDATE customers SET name = 'Canary Person III', revision = 12 WHERE id = 3")
        self.gateway.cli("sync", "run", "erp", "customers", check=True)
        row = self.gateway.destination("crm")
        # Long enough for three of the worker's own looks.
        moved = eventually(lambda: len(self.sent("/customers")) > before, 1)
        if moved or not row["paused"] or row["queued"] != 1:
            return f"a paused destination: {row}"
        self.gateway.cli("queue", "resume", "crm", check=True)
        if not eventually(lambda: len(self.sent("/customers")) == before + 1, 20):
            return f"after resume: {self.gateway.destination('crm')}"
        return None if not self.gateway.destination("crm")["paused"] else "still shown as paused"

    def health(self):
        for path in ("/healthz", "/readyz"):
            if self.gateway.get(path)[0] != 200:
                return f"{path}: {self.gateway.get(path)}"
        self.gateway.quiet(20)
        status, text = self.gateway.get("/metrics")
        values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
        wanted = {'tributary_items_delivered_total{destination="crm"}', "tributary_records", "tributary_inbox_waiting",
                  'tributary_records_mapped_total{connection="erp",stream="customers"}',
                  'tributary_commit_seconds{quantile="0.95"}', 'tributary_queue_oldest_seconds{destination="crm"}',
                  'tributary_sync_lag_seconds{connection="erp",stream="customers"}'}
        missing = wanted - set(values)
        if status != 200 or missing:
            return f"{status}, missing {missing}"
        delivered = float(values['tributary_items_delivered_total{destination="crm"}'])
        if delivered != len(self.sent("/customers")):
            return f"counts {delivered} deliveries, the destination {len(self.sent('/customers'))}"
        return "the metrics hold a personal value" if EMAIL in text or "Canary" in text else None

    def admin_needs_token(self):
        answers = []
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            connection = http.client.HTTPConnection("127.0.0.1", self.gateway.admin_port, timeout=10)
            connection.request("POST", "/v1/operations/status", "{}", headers)
            answers.append(connection.getresponse().status)
            connection.close()
        mode = (self.gateway.folder / "data/admin.token").stat().st_mode & 0o777
        return None if answers == [401, 401] and mode == 0o600 else f"{answers}, token mode {mode:o}"

    def json_everywhere(self):
        """Every command prints one JSON value with --json, errors included."""
        sample = self.gateway.write("sample.json", json.dumps({"number": "C9", "name": "Sample Person"}))
        customer = self.gateway.cli("customer", "list", check=True).json
        first = next(iter(customer["customers"]))
        uid = first["customer"] if isinstance(first, dict) else first
        commands = [["check"], ["init"], ["status"], ["quality"], ["sync", "status"], ["sync", "run", "erp", "customers"],
                    ["queue", "list"], ["queue", "lanes"], ["queue", "withheld"], ["queue", "redrive"],
                    ["queue", "pause", "crm"], ["queue", "resume", "crm"], ["customer", "list"],
                    ["customer", "show", uid, "--purpose", "service.support"], ["audit", "verify"], ["secret", "list"], ["connector", "list"],
                    ["connector", "show", "shopify"], ["mapping", "test", "shopify/customer"],
                    ["map", "ops/erp", sample],
                    ["consent", "show", "--connection", "erp", "--external-id", "1"]]
        wrong = []
        for command in commands:
            answer = self.gateway.cli(*command)
            if answer.code != 0 or answer.json is None:
                wrong.append(f"{' '.join(map(str, command))}: {answer}")
        for command in (["queue", "show", "999999"], ["sync", "run", "nobody", "nothing"], ["customer", "show", "x"],
                        ["map", "ops/epr", sample], ["connector", "show", "shopfy"]):
            answer = self.gateway.cli(*command)
            line = (answer.err.strip().splitlines() or [""])[-1]
            try:
                told = json.loads(line)
            except ValueError:
                told = {}
            if answer.code == 0 or not told.get("what"):
                wrong.append(f"error of {' '.join(map(str, command))}: {answer}")
        return "; ".join(wrong) or None

    def without_gateway(self):
        """The same commands work on the store when no gateway runs."""
        for command in (["status"], ["queue", "list"], ["sync", "run", "erp", "customers"], ["audit", "verify"]):
            answer = self.gateway.cli(*command)
            if answer.code != 0 or answer.json is None:
                return f"{command}: {answer}"
        audit = self.gateway.cli("audit", "verify").json
        return None if audit["intact"] and audit["checked"] > 0 else f"{audit}"

    def canary(self):
        """Personal values and secrets stand nowhere in clear: not in the database, its log, our logs or the keys."""
        needles = [EMAIL, EMAIL.split("@")[0], "Canary Person", SECRET, "crm-canary-key"]
        found, read = [], 0
        for folder in ("data", "keys"):
            for file in (self.gateway.folder / folder).rglob("*"):
                if file.is_file():
                    content = file.read_bytes()
                    read += len(content)
                    found += [f"{needle!r} in {file.name}" for needle in needles if needle.encode() in content]
        log = self.gateway.log_text()
        found += [f"{needle!r} in the log" for needle in needles if needle in log]
        return "; ".join(found) or (None if read > 10_000 and log else f"only {read} bytes were searched")


def main():
    verdicts = Verdicts()
    with Receiver() as receiver, Gateway("operations") as gateway:
        gateway.write("mappings/ops/erp.yaml", MAPPING % STRICT)
        gateway.configure(CONFIG % {"port": receiver.port})
        erp = make_erp(gateway)
        gateway.init([("shop", "webhook_secret", SECRET), ("crm", "key", "crm-canary-key-1")])
        gateway.start()
        them = Operations(gateway, receiver, erp)
        verdicts.run("secrets are set, listed and removed, never shown", them.secrets)
        verdicts.run("a sync delivers what its mapping takes", them.first_sync)
        verdicts.run("a second sync sends nothing, a changed customer one update", them.second_sync)
        verdicts.run("a dead letter is redriven with a newer mapping, dry run first", them.redrive)
        verdicts.run("consent withholds, releases and withholds again", them.consent)
        verdicts.run("a paused destination waits and goes on", them.pause)
        verdicts.run("health and metrics tell the truth", them.health)
        verdicts.run("operations need the bearer token", them.admin_needs_token)
        verdicts.run("--json is JSON on every command", them.json_everywhere)
        verdicts.run("req 20: while it runs nothing personal or secret stands on the disk in clear", them.canary)
        code = gateway.stop()
        verdicts.check("SIGTERM stops it with exit code 0", code == 0, f"exit {code}: {gateway.last_words()}")
        verdicts.run("commands work without a running gateway", them.without_gateway)
        verdicts.run("req 21: after the stop nothing personal or secret stands on the disk in clear", them.canary)
    return verdicts.exit_code()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, Refused) as error:
        print(f"FAIL the gateway starts: {error}".replace("\n", " | "))
        sys.exit(1)
