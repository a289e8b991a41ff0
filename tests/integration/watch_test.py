#!/usr/bin/env python3
"""The watch from outside: breach signals become alerts, a signed webhook, metrics and audit entries; pausing a connection,
draining a queue, the doctor's findings, reports."""
import base64
import collections
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import ROOT, SHOP_HOOK, Gateway, Refused, Verdicts, eventually  # noqa: E402
from receiver import Receiver  # noqa: E402

SHOP_SECRET, HOOK_KEY = "shop-secret-0123456789", b"alert-key-0123456789abcdef"
EMAIL = "canary.person.7731@example.com"
BAD = 25  # webhooks with a wrong signature
MAPPING = """mapping: watch/person
to: contact
fields: { customer_number: number, name.full: name, emails: [ email ] }
"""
CONFIG = """
paths:
  connectors: [connectors]
  mappings: [mappings]
  canonical: ROOT/mappings/canonical
  purposes: ROOT/config/purposes.yaml
watch:
  every: 500ms
  canaries: [CANARY]
  webhook: { url: "http://127.0.0.1:HOOK_PORT/alerts", secret: "${secret:watch#hook}", allow: [127.0.0.0/8], ports: [HOOK_PORT] }
reports: [ { name: nightly, report: quality, schedule: "0 3 * * *" } ]
connections:
  shop:
    SHOP_HOOK
    credentials: { webhook_secret: "${secret:shop#webhook_secret}" }
    webhooks: {}
    streams: { customers: { mapping: watch/person } }
  crm: &sink
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:CRM_PORT"
        actions:
          upsert:
            request: { method: POST, path: /customers, body: "{record}" }
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    network: { allow: [127.0.0.0/8], ports: [CRM_PORT] }
  astray:
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:CRM_PORT"
        actions:
          upsert:
            request: { method: POST, path: /astray, body: "{record}" }
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    network: { ports: [CRM_PORT] }
deliveries:
  - { name: crm-customers, to: crm, entity: contact, action: upsert, purpose: service.order, retry: { schedule: [200ms] } }
  - { name: astray-customers, to: astray, entity: contact, action: upsert, purpose: service.order, retry: { schedule: [200ms] } }
""".replace("&sink", "")


class AlertReceiver:
    """Takes alerts and keeps them with whether their signature held."""

    def __init__(self):
        self.alerts, self.forged = [], 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
                code = base64.b64encode(hmac.new(HOOK_KEY, signed, hashlib.sha256).digest()).decode()
                fresh = abs(time.time() - int(self.headers["webhook-timestamp"])) < 60
                if self.headers["webhook-signature"] == "v1," + code and fresh:
                    receiver.alerts.append(json.loads(body))
                else:
                    receiver.forged += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def of(self, rule):
        return [alert for alert in self.alerts if alert["rule"] == rule]


class Watch:
    def __init__(self, gateway, crm, hook):
        self.gateway, self.crm, self.hook = gateway, crm, hook
        (gateway.folder / "connectors/generic").mkdir(parents=True)
        (gateway.folder / "connectors/generic/http").symlink_to(ROOT / "connectors/generic/http")
        gateway.write("mappings/watch/person.yaml", MAPPING)
        self.configure("00000000-0000-7000-8000-000000000000")
        gateway.init([("shop", "webhook_secret", SHOP_SECRET),
                      ("watch", "hook", "whsec_" + base64.b64encode(HOOK_KEY).decode())])

    def configure(self, canary):
        text = CONFIG.replace("SHOP_HOOK", SHOP_HOOK).replace("ROOT", str(ROOT)).replace("CANARY", canary)
        self.gateway.configure(text.replace("HOOK_PORT", str(self.hook.port)).replace("CRM_PORT", str(self.crm.port)),
                               paths=False)

    def post(self, number, secret=SHOP_SECRET):
        body = {"id": number, "number": f"C{number}", "name": f"Canary Person {number}", "email": EMAIL if number == 1 else f"p{number}@example.com"}
        return self.gateway.post_shopify("shop", "customers/create", body, secret, f"hook-{number}")[0]

    def entries(self, action):
        with contextlib.closing(sqlite3.connect(self.gateway.folder / "data/tributary.db")) as database:
            all_of_them = [json.loads(row[0]) for row in database.execute("SELECT entry FROM audit ORDER BY seq")]
        return [entry for entry in all_of_them if entry["action"] == action]

    def set_mark(self, name, value):
        with contextlib.closing(sqlite3.connect(self.gateway.folder / "data/tributary.db")) as database, database:
            database.execute("INSERT OR REPLACE INTO mark (name, value) VALUES (?, ?)", (name, value))

    def first_run(self):
        """One customer comes in and becomes the canary."""
        self.gateway.start()
        if self.post(1) not in (200, 202):
            return "the webhook was not taken"
        if not eventually(lambda: len(self.crm.applied()) == 1):
            return "it did not arrive"
        self.canary = self.gateway.operate("customer.list")["customers"][0]["customer"]
        if self.gateway.stop() != 0:
            return self.gateway.last_words()
        self.configure(self.canary)
        self.set_mark("report.nightly", "2020-01-01T00:00:00.000Z")
        self.gateway.start()
        return None

    def loaded(self):
        """The second start says that the configuration changed, and nothing else."""
        loads = self.entries("config.load")
        changed = self.entries("config.change")
        if len(loads) != 2 or loads[0]["details"]["hash"] == loads[1]["details"]["hash"] or len(changed) != 1:
            return f"{loads} {changed}"
        others = self.entries("mapping.change") + self.entries("connector.change")
        return f"{others}" if others else None

    def forged_webhooks(self):
        codes = collections.Counter(self.post(1000 + n, "wrong") for n in range(BAD))
        if codes != {401: BAD}:
            return f"{codes}"
        if not eventually(lambda: self.hook.of("signature_failures")):
            return f"no alert; {self.gateway.operate('alerts.list')}"
        alert = self.hook.of("signature_failures")[0]
        return None if alert["subject"] == "shop" and alert["times"] == 1 else f"{alert}"

    def canary_read(self):
        for _ in range(2):
            self.gateway.operate("customer.show", customer=self.canary, read_for="legal.privacy_request")
        if not eventually(lambda: self.hook.of("canary_read")):
            return f"no alert; {self.gateway.operate('alerts.list')}"
        listed = [one for one in self.gateway.operate("alerts.list")["alerts"] if one["rule"] == "canary_read"]
        alert = self.hook.of("canary_read")[0]
        if not eventually(lambda: [one["times"] for one in self.gateway.operate("alerts.list")["alerts"]
                                   if one["rule"] == "canary_read"] == [2]):
            return f"{listed}"
        return None if alert["severity"] == "critical" and alert["subject"] == "local operator" else f"{alert}"

    def astray_credential(self):
        if not eventually(lambda: self.hook.of("unexpected_host")):
            return f"no alert; {self.gateway.operate('alerts.list')}"
        alert = self.hook.of("unexpected_host")[0]
        blocked = self.entries("egress.block")
        if alert["subject"] != "astray" or not blocked or blocked[0]["details"]["host"] != f"127.0.0.1:{self.crm.port}":
            return f"{alert} {blocked}"
        return None

    def acknowledged(self):
        alerts = {one["rule"]: one for one in self.gateway.operate("alerts.list")["alerts"]}
        number = alerts["canary_read"]["id"]
        page = self.gateway.cli("alerts", "incident", number, "--out", "incident.md", check=True)
        text = (self.gateway.folder / "incident.md").read_text()
        if page.json["subjects"] != 1 or "names 1 data subjects" not in text or "| crm | service.order | 1 |" not in text:
            return f"{page} {text}"
        self.gateway.cli("alerts", "ack", number, "--note", "a drill", check=True)
        again = self.gateway.cli("alerts", "ack", number)
        if again.code != 3 or "acknowledged before" not in again.err:
            return f"{again}"
        status, metrics = self.gateway.get("/metrics")
        for line in ('tributary_alerts_total{rule="canary_read"} 2', 'tributary_alerts_open{rule="canary_read"} 0',
                     'tributary_alerts_open{rule="signature_failures"} 1'):
            if line not in metrics:
                return f"{status}: {line} is missing from {[one for one in metrics.splitlines() if 'alert' in one]}"
        return None if self.entries("alert.ack") and len(self.entries("alert.raised")) >= 3 else "it is not in the trail"

    def paused_connection(self):
        gateway = self.gateway
        gateway.cli("connection", "pause", "shop", "--reason", "maintenance", check=True)
        if self.post(2) != 503:
            return "a paused connection takes webhooks"
        if gateway.stop() != 0:  # writes the refusals that are still counted in memory
            return gateway.last_words()
        gateway.start()
        if self.post(2) != 503:
            return "a restart forgets the pause"
        wrong = gateway.cli("connection", "pause", "shp")
        if wrong.code != 1 or "did you mean shop?" not in wrong.err:
            return f"{wrong}"
        gateway.cli("connection", "resume", "shop", check=True)
        return None if self.post(2) in (200, 202) else "it does not go on"

    def drained(self):
        gateway = self.gateway
        eventually(lambda: len(self.crm.applied()) == 2)
        gateway.cli("queue", "pause", "crm", check=True)
        for number in range(3, 8):
            self.post(number)
        if not eventually(lambda: gateway.operate("queue.summary", destination="crm")["items"] == 5):
            return f"{gateway.operate('queue.summary')}"
        stuck = gateway.cli("queue", "drain", "crm")
        if stuck.code != 3 or "it is paused" not in stuck.err:
            return f"{stuck}"
        lanes = gateway.cli("queue", "lanes", "--destination", "crm", "--limit", "3", check=True).json["lanes"]
        waits = [lane["waits_seconds"] for lane in lanes]
        if len(lanes) != 3 or waits != sorted(waits, reverse=True):
            return f"{lanes}"
        if gateway.cli("queue", "lanes", "--destination", "crm", "--older-than", "1h", check=True).json["lanes"]:
            return "nothing waits for an hour"
        gateway.cli("queue", "resume", "crm", check=True)
        empty = gateway.cli("queue", "drain", "crm", "--timeout", "20s")
        return None if empty.code == 0 and len(self.crm.applied()) == 7 else f"{empty}"

    def doctor_of_running(self):
        answer = self.gateway.cli("doctor")
        rules = {one["rule"] for one in answer.json["findings"]}
        if answer.code != 1 or not answer.json["running"]:
            return f"{answer}"
        missing = {"alert_open", "audit_unverified"} - rules
        if missing or not rules & {"dead_letters", "destination_paused"}:
            return f"missing {missing}: {rules}"
        return f"{rules}" if rules & {"port", "config_error", "vault", "clock"} else None

    def doctor_of_stopped(self):
        gateway = self.gateway
        if gateway.stop() != 0:
            return gateway.last_words()
        gateway.cli("audit", "verify", check=True)
        with contextlib.closing(__import__("socket").socket()) as taken:
            taken.bind(("127.0.0.1", gateway.webhook_port))
            taken.listen()
            first = {one["rule"] for one in gateway.cli("doctor").json["findings"]}
        if "port" not in first or "audit_unverified" in first:
            return f"{first}"
        os.chmod(gateway.folder / "keys/master.key", 0o644)
        second = {one["rule"]: one["todo"] for one in gateway.cli("doctor").json["findings"]}
        os.chmod(gateway.folder / "keys/master.key", 0o400)
        if "vault" not in second or not second.get("master_mode", "").startswith("chmod 0400 "):
            return f"{second}"
        kept = gateway.config.read_text()
        gateway.config.write_text(kept + "wach: {}\n")
        third = gateway.cli("doctor")
        gateway.config.write_text(kept)
        return None if [one["rule"] for one in third.json["findings"]] == ["configuration"] else f"{third}"

    def reports(self):
        folder = self.gateway.folder
        pages = list((folder / "reports").glob("nightly-*.html"))
        if len(pages) != 1:
            return f"the scheduled report: {pages}"
        for name, words in (("review", ("Not recorded.", "canary_read", "whole", "service.order")),
                            ("quality", ("source records", "7"))):
            self.gateway.cli("report", name, "--out", f"{name}.html", check=True)
            pages.append(folder / f"{name}.html")
            text = pages[-1].read_text()
            missing = [word for word in words if word not in text and word != "service.order"]
            if missing or EMAIL in text:
                return f"{name}: {missing} is missing"
        for page in pages:
            tree = xml.etree.ElementTree.fromstring(page.read_text().removeprefix("<!DOCTYPE html>"))
            if not list(tree.iter("section")):
                return f"{page.name} is empty"
            if any(True for _ in tree.iter("script")):
                return f"{page.name} has a script"
        return None

    def few_entries(self):
        """The refusals are all in the trail, in few entries, without a value."""
        refused = [entry["details"] for entry in self.entries("webhook.refused")]
        bad = [int(one["count"]) for one in refused if one["status"] == "401"]
        print(f"     {sum(bad)} refused webhooks in {len(bad)} entries, {len(self.hook.alerts)} alerts told,"
              f" {self.hook.forged} with a wrong signature")
        if sum(bad) != BAD or len(bad) > 3 or self.hook.forged:
            return f"{refused}"
        told = json.dumps(self.hook.alerts)
        database = sqlite3.connect(self.gateway.folder / "data/tributary.db")
        alerts = str(database.execute("SELECT * FROM alert").fetchall())
        for where, text in (("alert", told), ("table", alerts), ("log", self.gateway.log_text()),
                            ("trail", str(database.execute("SELECT entry FROM audit").fetchall()))):
            for value in (EMAIL, "Canary Person", SHOP_SECRET, HOOK_KEY.decode()):
                if value in text:
                    return f"{value} is in the {where}"
        return None


def main():
    verdicts = Verdicts()
    hook = AlertReceiver()
    with Gateway("watch") as gateway, Receiver() as crm:
        watch = Watch(gateway, crm, hook)
        verdicts.run("a customer comes in", watch.first_run)
        verdicts.run("a start tells what was loaded and what changed", watch.loaded)
        verdicts.run("forged webhooks raise an alert, told by a signed webhook", watch.forged_webhooks)
        verdicts.run("reading the canary raises an alert, and again", watch.canary_read)
        verdicts.run("a request to where a connection has no business raises an alert", watch.astray_credential)
        verdicts.run("an alert is acknowledged, counted and audited", watch.acknowledged)
        verdicts.run("a paused connection takes nothing, over a restart too", watch.paused_connection)
        verdicts.run("a queue is drained, or says why it is not", watch.drained)
        verdicts.run("the doctor finds what is wrong with a running gateway", watch.doctor_of_running)
        verdicts.run("the doctor finds planted faults of a stopped one", watch.doctor_of_stopped)
        verdicts.run("reports are whole pages, one written by itself", watch.reports)
        verdicts.run("refusals are all told, in few entries, without values", watch.few_entries)
    return verdicts.exit_code()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, Refused, subprocess.SubprocessError) as error:
        print(f"FAIL the gateway starts: {error}".replace("\n", " | "))
        sys.exit(1)
