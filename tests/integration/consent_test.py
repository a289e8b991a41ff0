#!/usr/bin/env python3
"""Consent from outside: acts by command and file, why, double opt-in over HTTP, receipts, and what a destination is told
after a withdrawal."""
import http.client
import http.server
import json
import pathlib
import re
import shutil
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import ROOT, Gateway, Verdicts, eventually, free_port, run  # noqa: E402
from one_time import totp  # noqa: E402

PERSON = ("--connection", "shop", "--external-id", "1")


class Newsletter(http.server.ThreadingHTTPServer):
    """A shop with one customer, and a newsletter that remembers who was put on its list and taken off."""

    def __init__(self):
        self.calls, self.fail = [], 0
        super().__init__(("127.0.0.1", free_port()), Calls)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]


class Calls(http.server.BaseHTTPRequestHandler):
    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, {"items": [{"id": "1", "name": "Anna Berg", "mail": "anna@example.com"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/leave" and self.server.fail > 0:
            self.server.fail -= 1
            return self.answer(503, {})
        self.server.calls.append((self.path, body))
        return self.answer(200, {"id": "n-1"})

    def log_message(self, *_):
        pass


def configuration(port):
    return f"""
paths:
  connectors: [connectors]
  mappings: [mappings]
  canonical: {ROOT}/mappings/canonical
  purposes: {ROOT}/config/purposes.yaml
access:
  reading:
    users: [marketing.email, service.support, legal.privacy_request]
    roles: {{ privacy_officer: [legal.privacy_request] }}
connections:
  shop:
    connector: http
    network: {{ allow: [127.0.0.1], ports: [{port}] }}
    settings:
      definition:
        base_url: http://127.0.0.1:{port}
        streams: {{ people: {{ request: {{ path: /people }}, records: items, key: id }} }}
    streams: {{ people: {{ mapping: shop/person }} }}
  news:
    connector: http
    network: {{ allow: [127.0.0.1], ports: [{port}] }}
    settings:
      definition:
        base_url: http://127.0.0.1:{port}
        actions:
          join: {{ idempotency: natural_key, request: {{ method: POST, path: /join, body: "{{record}}" }}, remote_id: "{{answer.id}}" }}
          leave: {{ idempotency: natural_key, request: {{ method: POST, path: /leave, body: "{{record}}" }} }}
        capabilities:
          unsubscribe: {{ action: leave, record: {{ address: email }}, channel: email }}
deliveries:
  - {{ name: news, to: news, entity: contact, action: join, purpose: marketing.email, channel: email, mapping: news/person.out }}
"""


MAPPINGS = {
    "mappings/shop/person.yaml": "mapping: shop/person\nto: contact\nfields: { name.full: name, emails: [ mail ] }\n",
    "mappings/news/person.out.yaml": "mapping: news/person.out\nfrom: contact\nto: external\n"
                                     "fields: { address: \"emails[0].address\" }\n",
}


def decision(gateway, purpose):
    shown = gateway.operate("consent.show", connection="shop", external_id="1")
    return next(one for one in shown["decisions"] if one["purpose"] == purpose)


def http_ask(gateway, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.webhook_port, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), dict(answer.getheaders())


def opted_in(world):
    gateway, news = world
    gateway.operate("sync.run", connection="shop", stream="people")
    if decision(gateway, "marketing.email")["reason"] != "C-UNKNOWN":
        return f"before: {decision(gateway, 'marketing.email')}"
    asked = gateway.operate("consent.doi_request", connection="shop", external_id="1", purpose="marketing.email",
                            channel="email", email="Anna@example.com")
    link = urllib.parse.urlsplit(asked["link"])
    pending = decision(gateway, "marketing.email")
    if pending["reason"] != "C-PENDING" or pending["verdict"] != "deny":
        return f"asked: {pending}"
    status, page, headers = http_ask(gateway, "GET", f"{link.path}?{link.query}")
    if status != 200 or "<button>" not in page or headers.get("Cache-Control") != "no-store":
        return f"the page: {status} {page}"
    if decision(gateway, "marketing.email")["reason"] != "C-PENDING" or news.calls:
        return "looking at the page confirmed it"
    wrong = http_ask(gateway, "POST", link.path, "token=" + "0" * 96)
    if wrong[0] != 404:
        return f"a made-up token: {wrong}"
    status, page, _ = http_ask(gateway, "POST", link.path, link.query)
    if status != 200 or decision(gateway, "marketing.email")["reason"] != "C-GIVEN":
        return f"confirmed: {status} {page} {decision(gateway, 'marketing.email')}"
    if http_ask(gateway, "POST", link.path, link.query)[0] != 404:
        return "a link was good twice"
    if not eventually(lambda: news.calls == [("/join", {"address": "anna@example.com"})]):
        return f"told: {news.calls}"
    secret = link.query.removeprefix("token=")
    files = [f for f in gateway.folder.rglob("*") if f.is_file() and f.suffix != ".yaml"]
    return next((f"{f} holds the token" for f in files if secret.encode() in f.read_bytes()), None)


def withdrawn(world):
    gateway, news = world
    news.fail = 1
    began = time.monotonic()
    gateway.operate("consent.record", connection="shop", external_id="1", purpose="marketing.email", channel="email",
                    state="withdrawn", origin="subject")
    if not eventually(lambda: news.calls[1:] == [("/leave", {"address": "anna@example.com"})], timeout=25):
        return f"told: {news.calls}, tasks {gateway.operate('consent.tasks')}"
    took = time.monotonic() - began
    done = eventually(lambda: gateway.operate("consent.tasks", state="confirmed")["tasks"])
    if len(done or []) != 1 or done[0]["attempts"] != 2:
        return f"tasks: {done}"
    print(f"    told {took:.1f} s after the withdrawal, with one failure in between")
    return None if "tributary_propagation_overdue 0" in gateway.get("/metrics")[1] else "no metric"


def asked_by_http(gateway, target, token=None, **headers):
    """A GET of the admin face, by the local operator without a token: (status, content type, body)."""
    token = token or (gateway.folder / "data/admin.token").read_text().strip()
    connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=10)
    connection.request("GET", target, headers={"Authorization": "Bearer " + token, **headers})
    answer = connection.getresponse()
    return answer.status, answer.getheader("Content-Type"), json.loads(answer.read())


def logged_in(gateway, role):
    """The token of a session with a second factor, of a new user with this role."""
    password = "river pebble moss lantern"
    gateway.operate("user.add", name=role, roles=[role], password=password)
    secret = gateway.operate("user.totp", name=role)["secret"]
    gateway.operate("user.totp", name=role, code=totp(secret))
    connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=10)
    connection.request("POST", "/v1/login", json.dumps({"name": role, "password": password, "code": totp(secret, 1)}),
                       {"Content-Type": "application/json"})
    return json.loads(connection.getresponse().read())["token"]


def read_for(world):
    """E7; after the withdrawal."""
    gateway, _ = world
    customer = gateway.operate("customer.list")["customers"][0]["customer"]
    target = f"/v1/customers/{customer}"
    status, kind, problem = asked_by_http(gateway, target)
    if (status, kind) != (400, "application/problem+json") or "declare one" not in problem["detail"]:
        return f"without a purpose: {status} {problem}"
    if "anna@example.com" in json.dumps(problem):
        return "the refusal shows what it refuses"
    for purpose, status in (("marketing.email", 403), ("analytics.report", 403), ("no.such", 400), ("service.support", 200)):
        got = asked_by_http(gateway, target, **{"X-Purpose": purpose})
        if got[0] != status or (status == 200) != ("anna@example.com" in json.dumps(got[2])):
            return f"{purpose}: {got}"
    if asked_by_http(gateway, target + "?read_for=service.support", **{"X-Purpose": "legal.privacy_request"})[0] != 400:
        return "two purposes at once"
    if gateway.cli("customer", "show", customer).code != 1:
        return "the command line needs none"
    if gateway.cli("customer", "show", customer, "--purpose", "legal.privacy_request", check=True).json["golden"]["emails"][0]["norm"] != "anna@example.com":
        return "the command line shows nothing"
    for role, told in (("privacy_officer", {"legal.privacy_request": 200, "service.support": 403}), ("operator", {"service.support": 200})):
        token = logged_in(gateway, role)
        for purpose, status in told.items():
            got = asked_by_http(gateway, target, token, **{"X-Purpose": purpose})
            seen = got[2].get("golden", {}).get("emails", [{}])[0].get("norm")
            wanted = None if status == 403 else "anna@example.com" if role == "privacy_officer" else "***"
            if (got[0], seen) != (status, wanted):
                return f"{role} for {purpose}: {got}"
    trail = gateway.cli("audit", "export", check=True).out
    wanted = ["reading.deny", "C-WITHDRAWN", "not open to the reader", "customer.read", "service.support"]
    missing = [word for word in wanted if word not in trail]
    return f"not in the audit trail: {missing}" if missing else None


def imported(world):
    gateway, _ = world
    file = gateway.write("acts.csv", "connection,external_id,purpose,state,event_time,origin\n"
                         "shop,1,marketing.sms,given,2026-01-05T10:00:00Z,import\n"
                         "shop,1,marketing.phone,given,2026-01-05T10:00:00Z,subject\n"
                         "shop,1,marketing.post,refused,2026-01-05T10:00:00Z,\n"
                         "shop,1,nonsense,refused,2026-01-05T10:00:00Z,\n")
    answer = gateway.cli("consent", "import", file)
    if answer.code != 1 or answer.json["recorded"] != 2 or [r["row"] for r in answer.json["refused"]] != [2, 4]:
        return f"{answer}"
    # A column that is written wrong is not left out in silence: the consent would hold for longer than was meant.
    file.write_text("connection,external_id,purpose,state,valid_untill\nshop,1,marketing.sms,refused,2026-02-05T10:00:00Z\n")
    wrong = gateway.cli("consent", "import", file)
    if wrong.code != 1 or wrong.json["recorded"] != 0 or "did you mean valid_until?" not in wrong.json["refused"][0]["cause"]:
        return f"{wrong}"
    got = [decision(gateway, f"marketing.{p}")["reason"] for p in ("sms", "phone", "post")]
    return None if got == ["C-NOPROOF", "C-UNKNOWN", "C-BROADER"] else f"{got}"


def receipted(world):
    gateway, _ = world
    note = gateway.folder / "receipt.note"
    gateway.cli("consent", "receipt", *PERSON, "--to", note, check=True)
    key = gateway.cli("audit", "checkpoint", check=True).json["key"]
    good = run("--json", "consent", "receipt-verify", note, "--key", key, cwd="/tmp")
    if good.code != 0 or good.json["@type"] != "dpv:ConsentReceipt" or len(good.json["records"]) < 4:
        return f"{good}"
    note.write_text(note.read_text().replace("ConsentWithdrawn", "ConsentGiven"))
    forged = run("--json", "consent", "receipt-verify", note, "--key", key, cwd="/tmp")
    return None if forged.code == 1 else f"a forged receipt passes: {forged}"


def clear(world):
    gateway, _ = world
    gateway.stop()
    found = [f.name for f in gateway.folder.rglob("*") if f.is_file() and re.match(r"tributary\.db|gateway\.log", f.name)
             and b"anna@example.com" in f.read_bytes().lower()]
    return f"the address stands in {found}" if found else None


def main():
    verdicts = Verdicts()
    news = Newsletter()
    with Gateway("consent") as gateway:
        shutil.copytree(ROOT / "connectors/generic/http", gateway.folder / "connectors/generic/http")
        for path, text in MAPPINGS.items():
            gateway.write(path, text)
        gateway.configure(configuration(news.port), paths=False)
        gateway.init()
        gateway.start()
        world = (gateway, news)
        for name, test in (("a double opt-in counts once it is confirmed, and a look at the page is no answer", opted_in),
                           ("req 23: a withdrawal is told where the address was told", withdrawn),
                           ("req 23: E7: personal values are read for a purpose that is declared, open and allowed", read_for),
                           ("an import restricts, and grants nothing without proof", imported),
                           ("a receipt is checked with the public key alone", receipted),
                           ("no address stands in store or log", clear)):
            verdicts.run(name, lambda test=test: test(world))
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
