#!/usr/bin/env python3
"""Webhook signatures that others made: the vectors of the platforms' own test suites and libraries, judged by the
program, and live requests signed with their secrets and schemes, sent to a running gateway."""
import base64
import hashlib
import hmac
import json
import subprocess
import time

import peers
from peers import Unavailable, equal, wait_until

PASSED_AT_LEAST = 65


def digest(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


class Webhooks:
    def __init__(self, vectors):
        self.vectors = {vector["id"]: vector for vector in vectors}
        secrets = {("shop", "webhook_secret"): self.secret("shopify-031"), ("pay", "webhook_secret"): self.secret("stripe-018"),
                   ("standard", "webhook_secret"): self.secret("standard-webhooks-003")}
        self.order = json.loads((peers.SHARED / "data/samples/shopify_order_in.json").read_text())
        self.gateway = peers.Gateway({"connections": {
            "shop": {"connector": "shopify", "settings": {"shop": "acme"}, "credentials": "${secret:shop}", "webhooks": {},
                     "streams": {"orders": {"mapping": "shopify/order"}}},
            "pay": {"connector": "stripe", "credentials": "${secret:pay}", "webhooks": {}},
            "standard": {"connector": "standard-webhooks", "credentials": "${secret:standard}", "webhooks": {}},
        }}, secrets=secrets)
        self.gateway.start()

    def secret(self, vector):
        return self.vectors[vector]["secret"]

    # -- how each platform signs, by its vector

    def shopify(self, body, key=None):
        key = (key or self.secret("shopify-031")).encode()
        return {"X-Shopify-Hmac-Sha256": base64.b64encode(digest(key, body)).decode(), "X-Shopify-Topic": "orders/create",
                "X-Shopify-Webhook-Id": hashlib.sha256(body).hexdigest()[:16], "Content-Type": "application/json"}

    def stripe(self, body, at=None, scheme="v1"):
        at = int(at or time.time())
        signature = digest(self.secret("stripe-018").encode(), f"{at}.".encode() + body).hex()
        return {"Stripe-Signature": f"t={at},{scheme}={signature}", "Content-Type": "application/json"}

    def standard(self, body, identifier="msg_1", at=None, version="v1"):
        at = int(at or time.time())
        key = base64.b64decode(self.secret("standard-webhooks-003").removeprefix("whsec_"))
        signature = base64.b64encode(digest(key, f"{identifier}.{at}.".encode() + body)).decode()
        return {"webhook-id": identifier, "webhook-timestamp": str(at), "webhook-signature": f"{version},{signature}",
                "Content-Type": "application/json"}

    def signing_is_theirs(self):
        """The signing above gives what the vectors hold, so a refusal below is the gateway's."""
        shopify, stripe, standard = (self.vectors[name] for name in ("shopify-031", "stripe-018", "standard-webhooks-003"))
        equal(self.shopify(shopify["body"].encode())["X-Shopify-Hmac-Sha256"], shopify["headers"]["shopify-hmac-sha256"], "shopify")
        equal(self.stripe(stripe["body"].encode(), stripe["now"])["Stripe-Signature"], stripe["headers"]["stripe-signature"], "stripe")
        made = self.standard(standard["body"].encode(), standard["headers"]["webhook-id"], standard["now"])
        assert made["webhook-signature"] in standard["headers"]["webhook-signature"].split(" "), "standard webhooks"

    def accepted(self, connection, body, headers):
        status = self.gateway.status_of(connection, body, headers)
        assert status in (200, 202), f"answered with {status}"

    def refused(self, connection, body, headers, why):
        equal(self.gateway.status_of(connection, body, headers), 401, f"answer to {why}")

    def shopify_live(self):
        body = json.dumps(self.order).encode()
        headers = self.shopify(body)
        self.accepted("shop", body, headers)
        equal(self.gateway.status_of("shop", body, headers), 200, "answer to the same delivery again")
        changed = body.replace(b'"', b"'", 1)
        self.refused("shop", body + b" ", headers, "a body with a space more")
        self.refused("shop", changed, headers, "a changed body")
        self.refused("shop", body, self.shopify(body, "another secret"), "another secret's signature")
        self.refused("shop", body, {k: v for k, v in headers.items() if "Hmac" not in k}, "a body without signature")
        self.refused("shop", body, headers | {"X-Shopify-Hmac-Sha256": headers["X-Shopify-Hmac-Sha256"][:20]}, "half a signature")
        vector = self.vectors["shopify-031"]
        self.accepted("shop", vector["body"].encode(), vector["headers"] | {"X-Shopify-Topic": "orders/create"})

    def stripe_live(self):
        event = {"id": "evt_live_1", "object": "event", "type": "charge.succeeded", "created": int(time.time())}
        body = json.dumps(event).encode()
        self.accepted("pay", body, self.stripe(body))
        self.refused("pay", body.replace(b"charge", b"refund"), self.stripe(body), "a changed body")
        self.refused("pay", body, self.stripe(body, time.time() - 301), "a signature older than five minutes")
        self.refused("pay", body, self.stripe(body, scheme="v0"), "a signature of the scheme v0")
        header = self.stripe(body)["Stripe-Signature"]
        later = f"t={int(time.time()) + 1}," + header.split(",")[1]
        self.refused("pay", body, {"Stripe-Signature": later}, "a signature with another time")
        vector = self.vectors["stripe-018"]
        self.refused("pay", vector["body"].encode(), vector["headers"], "the vector's own old request")

    def standard_live(self):
        body = self.vectors["standard-webhooks-003"]["body"].encode()[:-1] + b', "type": "order.paid"}'
        self.accepted("standard", body, self.standard(body, "msg_live_1"))
        several = self.standard(body, "msg_live_2")
        other = "v1," + base64.b64encode(bytes(32)).decode()
        self.accepted("standard", body, several | {"webhook-signature": f"{other} v2,x {several['webhook-signature']}"})
        self.refused("standard", body, several | {"webhook-signature": other}, "another signature")
        self.refused("standard", body + b"\n", several, "a changed body")
        self.refused("standard", body, several | {"webhook-id": "msg_live_3"}, "another id under the same signature")
        self.refused("standard", body, self.standard(body, at=time.time() - 301), "an old signature")
        self.refused("standard", body, self.standard(body, at=time.time() + 301), "a signature from the future")
        self.refused("standard", body, self.standard(body, version="v2"), "the right bytes under an unknown version")

    def what_became_of_them(self):
        status = wait_until(lambda: (s := self.gateway.ask("status")) and s["inbox_waiting"] == 0 and s, "the inbox to be empty", 30)
        orders = [s for s in status["streams"] if s["connection"] == "shop" and s["stream"] == "orders"]
        equal([s["mapped"] for s in orders], [1], "orders mapped")
        assert sum(status["webhooks_refused"].values()) >= 16, f"refusals are not all counted: {status['webhooks_refused']}"
        # What was accepted and cannot be understood is kept with its cause: the vector's text, and topics without a stream.
        letters = self.gateway.ask("queue", "list", "--connection", "shop")["dead_letters"]
        equal([letter["stage"] for letter in letters], ["decode"], "stages of the shop's dead letters")
        print(f"COUNTS refused {json.dumps(status['webhooks_refused'])}", flush=True)


def main():
    verdicts = peers.Verdicts()
    try:
        file = peers.shared_file("data/signature_vectors.json")
    except Unavailable as reason:
        verdicts.skip("signature vectors", reason)
        return verdicts

    def judged():
        said = subprocess.run([peers.gateway.BINARY, "webhook", "verify", str(file)], capture_output=True, text=True, timeout=120)
        last = said.stdout.strip().splitlines()[-1]
        passed, failed = (int(word) for word in last.replace(",", "").split() if word.isdigit())
        assert failed == 0 and said.returncode == 0, f"{last}; {said.stderr[-500:]}"
        assert passed >= PASSED_AT_LEAST, last
        print(f"COUNTS vectors: {last}", flush=True)

    verdicts.case("every vector that the connectors know is judged right", judged)
    webhooks = Webhooks(json.loads(file.read_text()))
    try:
        verdicts.case("what the test signs is what the vectors hold", webhooks.signing_is_theirs)
        verdicts.case("Shopify's signature opens the live gateway, mutations do not", webhooks.shopify_live)
        verdicts.case("Stripe's signature opens the live gateway, mutations do not", webhooks.stripe_live)
        verdicts.case("Standard Webhooks open the live gateway, mutations do not", webhooks.standard_live)
        verdicts.case("every accepted webhook is mapped or kept with its cause", webhooks.what_became_of_them)
    finally:
        verdicts.case("the gateway ends well", webhooks.gateway.end)
    return verdicts


if __name__ == "__main__":
    main().exit()
