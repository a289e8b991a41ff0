#!/usr/bin/env python3
"""The gateway tells a system where to send webhooks: at its start, again when the system dropped it, and by command. The
system here tries the address out before it keeps a subscription, as real ones do. Thin webhooks in a burst: one fetch."""
import concurrent.futures
import hmac
import http.server
import json
import pathlib
import sys
import threading
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import Gateway, Verdicts, eventually, standard_headers  # noqa: E402

SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
CONFIG = """
connections:
  shop:
    connector: http
    credentials: ${secret:shop}
    network: { allow: [127.0.0.0/8], ports: [%(port)d] }
    webhooks: { topics: [member.changed, member.added], subscribe: true }
    settings:
      definition:
        base_url: "http://127.0.0.1:%(port)d"
        auth: { type: header, name: X-Key, value: "{credentials.key}" }
        streams:
          members:
            request: { path: /members }
            records: data
            key: number
            fetch: { request: { path: "/members/{id}" } }
        webhooks:
          verify:
            type: hmac
            algorithm: sha256
            over: "{header.webhook-id}.{timestamp}.{body}"
            header: webhook-signature
            list: { separator: " ", pick: "v1," }
            encoding: base64
            key: "{credentials.secret}"
            key_encoding: base64
            timestamp: { from: "{header.webhook-timestamp}", unit: s, tolerance: 5m, future: 1m }
          challenges:
            - when: { method: GET, values: { path: query.challenge, present: true } }
              answer: { text: "{query.challenge}" }
          delivery_id: "{header.webhook-id}"
          topic: "{json.topic}"
          topics:
            member.changed: { stream: members, thin: true, key: number }
            member.added: { stream: members, thin: true, key: number }
          subscriptions:
            list: { request: { path: /subscriptions }, records: data }
            match: { url: "{callback_url}" }
            topic: topic
            alive: { path: state, equals: "on" }
            create: { path: /subscriptions, body: { topic: "{topic}", url: "{callback_url}" } }
            renew: { method: PUT, path: "/subscriptions/{id}", body: { state: "on" } }
            remove: { method: DELETE, path: "/subscriptions/{id}" }
    streams:
      members: { mapping: test/member }
  till:
    connector: http
    credentials: ${secret:till}
    network: { allow: [127.0.0.0/8], ports: [%(port)d] }
    webhooks: { topics: [member.changed], subscribe: true }
    settings:
      definition:
        base_url: "http://127.0.0.1:%(port)d"
        auth: { type: header, name: X-Key, value: "{credentials.key}" }
        webhooks:
          verify: { type: hmac, algorithm: sha256, over: "{body}", header: X-Sig, encoding: hex, key: "{credentials.hook}" }
          challenges:
            - when: { method: GET, values: { path: query.challenge, present: true } }
              answer: { text: "{query.challenge}" }
          delivery_id: "{body|sha256|hex}"
          topic: "{json.topic}"
          topics: { member.changed: { stream: members, key: number } }
          subscriptions:
            list: { request: { path: /endpoints }, records: data }
            match: { url: "{callback_url}" }
            alive: { path: state, equals: "on" }
            create: { path: /endpoints, body: { topics: "{topics}", url: "{callback_url}" } }
            keep: { hook: secret }
            remove: { method: DELETE, path: "/endpoints/{id}" }
    streams:
      members: { mapping: test/member }
"""
MAPPING = """mapping: test/member
to: contact
fields:
  customer_number: number
  name.full: name
"""


class Shop:
    """A system with subscriptions and members. It tells the secret of an endpoint when that is made, and never again."""

    def __init__(self):
        self.subscriptions, self.endpoints, self.secrets = {}, {}, []
        self.fetches, self.lock, self.made = [], threading.Lock(), 0
        shop = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self, body, status=200):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def body(self):
                return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")

            def all(self):
                return shop.endpoints if self.path.startswith("/endpoints") else shop.subscriptions

            def do_GET(self):
                if self.path.startswith("/members/"):
                    shop.fetches.append(self.path)
                    return self.reply({"number": self.path.split("/")[-1], "name": "Anna Berg"})
                self.reply({"data": list(self.all().values())})

            def do_POST(self):
                wanted = self.body()
                with urllib.request.urlopen(wanted["url"] + "?challenge=abc123", timeout=10) as answer:
                    if answer.read() != b"abc123":
                        return self.reply({"error": "the address does not answer"}, 400)
                with shop.lock:
                    shop.made += 1
                    number = str(shop.made)
                    self.all()[number] = {"id": number, "state": "on", **wanted}
                    if self.all() is shop.subscriptions:
                        return self.reply({"id": number}, 201)
                    shop.secrets.append(f"told-once-{number}")
                    self.reply({"id": number, "secret": shop.secrets[-1]}, 201)

            def do_PUT(self):
                shop.subscriptions[self.path.split("/")[-1]].update(self.body())
                self.reply({})

            def do_DELETE(self):
                self.all().pop(self.path.split("/")[-1])
                self.reply({})

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def main():
    verdicts = Verdicts()
    shop = Shop()
    with Gateway("subscription") as gateway:
        gateway.write("mappings/test/member.yaml", MAPPING)
        gateway.configure(CONFIG % {"port": shop.port})
        gateway.init([("shop", "key", "k"), ("shop", "secret", SECRET), ("till", "key", "k")])
        gateway.start()

        def at_start():
            eventually(lambda: len(shop.subscriptions) == 2, 30)
            return sorted(one["topic"] for one in shop.subscriptions.values()) == ["member.added", "member.changed"]

        def put_right():
            first, second = list(shop.subscriptions)
            shop.subscriptions.pop(first)
            shop.subscriptions[second]["state"] = "off"
            done = gateway.cli("subscription", "settle", "shop", check=True).json
            return (done["created"], done["renewed"], done["kept"]) == (1, 1, 0) and len(shop.subscriptions) == 2

        def settled_again():
            done = gateway.cli("subscription", "settle", "shop", check=True).json
            return (done["created"], done["renewed"], done["removed"], done["kept"]) == (0, 0, 0, 2)

        def listed():
            done = gateway.cli("subscription", "list", "shop", check=True).json
            return len(done["subscriptions"]) == 2 and done["url"].endswith("/hooks/shop")

        def burst():
            gateway.kill()
            gateway.start()
            for number in range(50):
                body = json.dumps({"topic": "member.changed", "number": f"L-{number % 2}"}).encode()
                status = gateway.post("shop", body, standard_headers(body, SECRET, f"m{number}"))[0]
                assert status == 202, status
            stats = eventually(lambda: [s for s in gateway.cli("status", check=True).json["streams"]
                                        if s["mapped"] + s["unchanged"] >= 2], 30)
            return bool(stats) and set(shop.fetches) == {"/members/L-0", "/members/L-1"}

        def told(number, secret):
            body = json.dumps({"topic": "member.changed", "number": f"T-{number}", "name": "Bo Li"}).encode()
            return gateway.post("till", body, {"X-Sig": hmac.new(secret.encode(), body, "sha256").hexdigest()})[0]

        def kept():
            eventually(lambda: shop.secrets, 30)
            fields = [one["fields"] for one in gateway.cli("secret", "list", check=True).json["secrets"] if one["name"] == "till"]
            return fields == [["hook", "key"]] and told(1, shop.secrets[0]) == 202 and told(2, "another") == 401

        def made_anew():
            for one in shop.endpoints.values():
                one["state"] = "off"
            # At the same time, as the gateway's own look soon after its start may be: one of them renews it.
            with concurrent.futures.ThreadPoolExecutor() as pool:
                done = list(pool.map(lambda _: gateway.cli("subscription", "settle", "till", check=True).json["renewed"], range(3)))
            return sum(done) <= 1 and [told(3 + n, each) for n, each in enumerate(shop.secrets)] == [202, 202]

        def removed():
            gateway.cli("connection", "pause", "shop", check=True)
            done = gateway.cli("subscription", "remove", "shop", check=True).json
            refused = gateway.cli("subscription", "settle", "shop")
            return (done == {"removed": 2, "made_again": False} and "resume it first" in refused.err
                    and not shop.subscriptions)

        def made_again():
            gateway.cli("connection", "resume", "shop", check=True)
            eventually(lambda: len(shop.subscriptions) == 2, 60)
            done = gateway.cli("subscription", "remove", "shop", check=True).json
            return done == {"removed": 2, "made_again": True}

        def holds(name, question):
            verdicts.run(name, lambda: None if question() else f"{shop.subscriptions}; {gateway.last_words()}")

        holds("at its start the gateway subscribes to each topic", at_start)
        holds("what was dropped or switched off is put right", put_right)
        holds("settling again changes nothing", settled_again)
        holds("subscriptions are listed", listed)
        holds("thin webhooks are fetched", burst)
        print(f"COUNTS thin_webhooks=50 fetches={len(shop.fetches)}")
        holds("fewer fetches than webhooks in a burst", lambda: len(shop.fetches) < 50)
        holds("a secret that is told once is kept and checked", kept)
        holds("with a new one the old secret still counts", made_anew)
        holds("under a pause subscriptions are removed for good", removed)
        holds("a resumed connection has them again", made_again)
    sys.exit(verdicts.exit_code())


main()
