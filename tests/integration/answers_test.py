#!/usr/bin/env python3
"""Lists in answers, against the OpenAPI description: every operation that answers one is asked where there is something in
it, and the answer holds no field that the description does not name."""
import contextlib
import copy
import http.client
import http.server
import json
import pathlib
import shutil
import sqlite3
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from answers import answer_schema, described, lists, unlike_described, unlike_schema  # noqa: E402
from gateway import ROOT, Gateway, Verdicts, eventually, free_port  # noqa: E402
from one_time import totp  # noqa: E402
from witness import Witness  # noqa: E402

PASSWORD = "river pebble moss lantern"
PEOPLE = [{"number": "1", "name": "Anna Berg", "mail": "anna@example.com", "born": "yesterday",
           "land": "DE", "data": "contact", "told": "printer", "place": "EU"},
          {"number": "2", "name": "Ben Wald", "mail": "ben@example.com"}, {"number": "3", "mail": 7}]
SINK = """connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:PORT"
        actions:
          upsert: { request: { method: POST, path: /customers, body: "{record}" }, idempotency: idempotency_key, idempotency_header: Idempotency-Key }
    network: { allow: [127.0.0.0/8], ports: [PORT] }"""
CONFIG = """
paths:
  connectors: [connectors]
  mappings: [mappings]
  canonical: ROOT/mappings/canonical
  purposes: ROOT/config/purposes.yaml
backup: { folder: backups, ledger: outside/ledger }
audit: { checkpoints: outside/checkpoints, witnesses: [ { key: "WITNESS_KEY", url: "WITNESS_URL", allow: [127.0.0.1], ports: [WITNESS_PORT] } ] }
watch: { every: 500ms, signature_failures: 1 }
connections:
  shop:
    connector: http
    credentials: "${secret:shop}"
    trusted_contact_points: true
    network: { allow: [127.0.0.0/8], ports: [PORT] }
    webhooks: { topics: [changed], subscribe: true }
    settings:
      definition:
        base_url: "http://127.0.0.1:PORT"
        streams:
          people: { request: { path: /people }, records: data, key: number }
          goods: { request: { path: /goods }, records: data, key: sku }
        webhooks:
          verify: { type: hmac, algorithm: sha256, over: "{body}", header: X-Sig, encoding: hex, key: "{credentials.hook}" }
          delivery_id: "{body|sha256|hex}"
          topic: "{json.topic}"
          topics: { changed: { stream: people, key: number } }
          subscriptions:
            list: { request: { path: /endpoints }, records: data }
            match: { url: "{callback_url}" }
            topic: topic
            create: { path: /endpoints, body: { topic: "{topic}", url: "{callback_url}" } }
            remove: { method: DELETE, path: "/endpoints/{id}" }
    streams: { people: { mapping: t/person }, goods: { mapping: t/good } }
  cloud:
    connector: http
    credentials: "${secret:cloud}"
    settings:
      definition:
        base_url: "http://127.0.0.1:PORT"
        auth: { type: oauth2, grant: authorization_code, authorize_url: "http://127.0.0.1:PORT/auth", token_url: "http://127.0.0.1:PORT/token", client_id: "{credentials.client_id}" }
        streams: { people: { request: { path: /people }, records: data, key: number } }
    streams: { people: { mapping: t/person } }
    network: { allow: [127.0.0.0/8], ports: [PORT] }
  crm:
    SINK
  late:
    SINK
deliveries:
  - { name: crm-customers, to: crm, entity: contact, action: upsert, purpose: service.order }
  - { name: late-customers, to: late, entity: contact, action: upsert, purpose: service.order, pause: true }
  - { name: crm-news, to: crm, entity: contact, action: upsert, purpose: marketing.sms, channel: sms }
"""
# So many that a field which only the last ones have counts as drift.
GOODS = [{"sku": f"S{n}", "name": "soap"} | ({"colour": "red"} if n > 220 else {}) for n in range(300)]
MAPPINGS = {
    "t/good.yaml": "mapping: t/good\nto: product\nfields: { sku: sku, name: name }\n",
    "t/person.yaml": """mapping: t/person
to: contact
fields:
  name.full: name
  emails: [ mail ]
  birth_date: { from: born, as: partial_date, on_error: drop }
consent:
  - when: land
    fields:
      contact_ref: number
      purpose: { value: marketing.sms }
      event_state: { value: refused }
      event_time: { value: "2026-01-05T10:00:00Z" }
      jurisdiction: [ land ]
      data_categories: [ data ]
      recipients: [ told ]
      storage_locations: [ place ]
""",
}


class System(http.server.ThreadingHTTPServer):
    """People, and whom to tell of changes."""

    def __init__(self):
        self.endpoints = {}
        super().__init__(("127.0.0.1", 0), Calls)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class Calls(http.server.BaseHTTPRequestHandler):
    def answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer({"data": {"/people": PEOPLE, "/goods": GOODS}.get(self.path, list(self.server.endpoints.values()))})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/endpoints":
            self.server.endpoints["1"] = {"id": "1", **body}
        self.answer({"id": "1"})

    def log_message(self, *_):
        pass


class Answers:
    def __init__(self, gateway):
        self.gateway, self.seen = gateway, set()

    def note(self, operation, answer):
        self.seen |= {(operation, path) for path in lists(answer_schema(described()[operation]), answer)}
        return answer

    def ask(self, operation, **arguments):
        """operate() checks what comes against the description."""
        return self.note(operation, self.gateway.operate(operation, **arguments))

    def as_user(self, token, method, path, operation, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.admin_port, timeout=60)
        with contextlib.closing(connection):
            headers = {"Content-Type": "application/json"} | ({"Authorization": "Bearer " + token} if token else {})
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            told = json.loads(answer.read())
        assert answer.status == 200, told
        assert not (why := unlike_described(operation, 200, told)), why
        return self.note(operation, told)


def change(gateway, statement):
    with contextlib.closing(sqlite3.connect(gateway.folder / "data/tributary.db")) as database, database:
        assert database.execute(statement).rowcount > 0, statement


def records(asked):
    gateway = asked.gateway
    asked.ask("sync.run", connection="shop", stream="people")
    asked.ask("sync.run", connection="shop", stream="goods")
    asked.ask("sync.status")
    asked.ask("quality")
    asked.ask("queue.list")
    asked.ask("queue.redrive")
    asked.ask("queue.lanes")
    asked.ask("queue.oldest")
    asked.ask("queue.withheld")
    asked.ask("queue.summary")
    eventually(lambda: gateway.destination("crm").get("delivered"))
    asked.ask("customer.list")
    for person in asked.ask("customer.list")["customers"]:
        asked.ask("customer.show", customer=person["customer"], read_for="legal.privacy_request")
    asked.ask("subscription.settle", connection="shop")
    asked.ask("subscription.list", connection="shop")


def care(asked):
    gateway = asked.gateway
    person = {"connection": "shop", "external_id": "1"}
    asked.ask("consent.record", **person, purpose="marketing.email", state="withdrawn", channel="email", email="anna@example.com")
    asked.ask("consent.import", events=[person | {"purpose": "nothing", "state": "given"}])
    asked.ask("consent.show", **person)
    asked.ask("consent.receipt", **person)
    ben = next(one["customer"] for one in asked.ask("customer.list")["customers"]
               if asked.ask("customer.show", customer=one["customer"], read_for="legal.privacy_request")["records"][0]["external_id"] == "2")
    request = asked.ask("subject.request", kind="erasure", customer=ben)["request"]
    asked.ask("subject.verify", request=request, attest="passport, file 4711")
    asked.ask("subject.approve", request=request, by="dora")
    asked.ask("subject.run", request=request)
    asked.ask("subject.show", request=request)
    anna = asked.ask("customer.list")["customers"][0]["customer"]
    request = asked.ask("subject.request", kind="restriction", customer=anna)["request"]
    asked.ask("subject.verify", request=request, attest="passport, file 4712")
    asked.ask("subject.approve", request=request)
    asked.ask("subject.run", request=request)
    asked.ask("subject.list", all=True)
    asked.ask("subject.reject", request=asked.ask("subject.request", kind="access", customer=anna)["request"], reason="file 4713")
    asked.ask("consent.tasks")
    asked.ask("retention.run", dry_run=True)
    eventually(lambda: (gateway.post("shop", b"{}", {"X-Sig": "00"}), gateway.operate("alerts.list")["alerts"])[1])
    asked.ask("alerts.list")
    asked.ask("connection.pause", connection="cloud", reason="maintenance")
    # A store of its own has no nodes.
    change(gateway, "INSERT INTO node VALUES ('n1', 'one', '0.1.0', 0, 0, 'c1', 0, '')")
    asked.ask("node.list")
    asked.ask("doctor")
    asked.ask("status")


def keys(asked):
    gateway = asked.gateway
    asked.ask("secret.list")
    asked.ask("audit.read")
    asked.ask("audit.witness_ask")
    asked.ask("vault.rotate", use="subject", destroy=True)
    asked.ask("vault.status")
    files = asked.ask("backup.run")["files"]
    asked.ask("backup.drill")
    newest = pathlib.Path(next(file["file"] for file in files if file["holds"] == "data"))
    newest = newest if newest.is_absolute() else gateway.folder / newest
    kept = newest.read_bytes()
    newest.write_bytes(kept[:5000] + bytes([kept[5000] ^ 1]) + kept[5001:])
    asked.ask("backup.drill")
    change(gateway, "UPDATE subject_key SET wrapped = zeroblob(length(wrapped))")
    asked.ask("vault.verify")


def people(asked):
    asked.ask("user.add", name="boss", roles=["admin"], password=PASSWORD)
    secret = asked.ask("user.totp", name="boss")["secret"]
    asked.ask("user.totp", name="boss", code=totp(secret))
    asked.ask("user.add", name="ana", roles=["analyst"], password=PASSWORD)
    token = asked.as_user("", "POST", "/v1/login", "session.open", {"name": "ana", "password": PASSWORD})["token"]
    begun = asked.as_user(token, "POST", "/v1/account/totp", "account.totp", {"password": PASSWORD})
    asked.as_user(token, "PUT", "/v1/account/totp", "account.totp_confirm", {"code": totp(begun["secret"])})
    token = asked.as_user("", "POST", "/v1/login", "session.open",
                          {"name": "ana", "password": PASSWORD, "code": totp(begun["secret"], 1)})["token"]
    asked.as_user(token, "GET", "/v1/account", "account.show")
    asked.ask("user.list")
    asked.ask("token.add", label="report", permissions=["status.read"], addresses=["127.0.0.0/8"])
    asked.ask("token.list")
    asked.ask("vault.rotate", use="subject", destroy=True)  # waits for a second person
    asked.ask("approval.list")


def all_seen(asked):
    known = {(operation, path) for operation, about in described().items() if (schema := answer_schema(about))
             for path in lists(schema)}
    print(f"     {len(asked.seen & known)} of {len(known)} lists in answers of {len({name for name, _ in known})} operations were seen filled")
    left = sorted(" ".join(one) for one in known - asked.seen)
    return f"never seen with something in it: {left}" if left or len(known) < 40 else None


def noticed():
    """The judge sees what it is here for: without a field in the description the same answer is refused."""
    about = copy.deepcopy(described()["customer.list"])
    answer = {"total": 1, "customers": [{"customer": "01890000-0000-7000-8000-000000000000", "records": 1}]}
    if why := unlike_schema(about, 200, answer):
        return why
    del answer_schema(about)["properties"]["customers"]["items"]["properties"]["records"]
    if "records" not in (unlike_schema(about, 200, answer) or ""):
        return "a field that is not described goes unseen"
    wrong = {"total": 1, "customers": [{"customer": "1", "records": "one"}]}
    return None if unlike_schema(described()["customer.list"], 200, wrong) else "a wrong type goes unseen"


def main():
    verdicts = Verdicts()
    system, witness = System(), Witness("one.example/w", free_port())
    with Gateway("answers") as gateway:
        # This connector alone: reading all of them takes longer than the test.
        shutil.copytree(ROOT / "connectors/generic/http", gateway.folder / "connectors/generic/http")
        (gateway.folder / "outside").mkdir()
        for name, text in MAPPINGS.items():
            gateway.write("mappings/" + name, text)
        text = CONFIG.replace("SINK", SINK).replace("ROOT", str(ROOT)).replace("WITNESS_KEY", witness.key).replace("WITNESS_URL", witness.url)
        gateway.configure(text.replace("WITNESS_PORT", str(witness.server_address[1])).replace("PORT", str(system.server_address[1])),
                          paths=False)
        gateway.init([("shop", "hook", "k"), ("cloud", "client_id", "c")])
        witness.log = gateway.cli("audit", "checkpoint", check=True).json["key"]
        gateway.start()
        asked = Answers(gateway)
        for name, part in (("records, customers and queues", lambda: records(asked)), ("consent, requests and alerts", lambda: care(asked)),
                           ("keys, trail and backups", lambda: keys(asked)), ("users, tokens and approvals", lambda: people(asked))):
            verdicts.run(f"answers about {name} are as OpenAPI says", part)
        verdicts.run("req 3: each list that is described was answered with something in it", lambda: all_seen(asked))
        verdicts.run("a field that the description does not name is noticed", noticed)
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
