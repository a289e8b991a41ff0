#!/usr/bin/env python3
"""Webhooks that prove themselves with an OpenID Connect token, as Google's Pub/Sub sends them: real ID tokens of a real
provider (npm oidc-provider), whose keys the gateway finds by discovery. A push holds no record: the stream is read."""
import base64
import json
import time

import peers
from peers import Unavailable, equal, wait_until

from oidc_test import MAPPING, USER, Provider, tokens_of_a_person


def part(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def read(text):
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


class Push:
    def __init__(self, provider):
        self.provider, self.number = provider, 0
        self.token = tokens_of_a_person(provider, "openid email")["id_token"]
        self.claims = read(self.token.split(".")[1])
        equal((self.claims["iss"], self.claims["aud"], self.claims["sub"]), (provider.url, "crm-gateway", USER), "claims")
        auth = {"type": "oauth2", "grant": "client_credentials", "token_url": provider.url + "/token", "client_auth": "basic",
                "client_id": "{credentials.client_id}", "client_secret": "{credentials.client_secret}"}

        def connection(audience="crm-gateway", sub=USER):
            verify = {"type": "jwt", "issuer": provider.url, "audience": audience, "claims": {"sub": sub}}
            webhooks = {"verify": verify, "delivery_id": "{json.message.messageId}", "topic": "mailbox",
                        "topics": {"mailbox": {"stream": "things", "read": True}}}
            streams = {"things": {"request": {"path": "/api/things"}, "records": "things", "key": "id"}}
            return {"connector": "http", "network": {"allow": ["127.0.0.0/8"], "ports": [provider.port]},
                    "credentials": "${secret:api}", "webhooks": {},
                    "settings": {"definition": {"base_url": provider.url, "auth": auth, "streams": streams, "webhooks": webhooks}},
                    "streams": {"things": {"mapping": "test/thing", "schedule": "0 0 1 1 *"}}}

        self.gateway = peers.Gateway({"connections": {"box": connection(), "other": connection(audience="another-client"),
                                                      "somebody": connection(sub="somebody@example.test")}},
                                     secrets={("api", "client_id"): "crm-gateway", ("api", "client_secret"): "gateway-secret"},
                                     mappings={"test/thing": MAPPING})

    def post(self, token, name="box", message=None, scheme="Bearer "):
        self.number += 1
        data = part({"emailAddress": USER, "historyId": str(1000 + self.number)})
        body = {"message": {"data": data, "messageId": message or f"m-{self.number}"}, "subscription": "projects/p/subscriptions/s"}
        headers = {"Content-Type": "application/json"} | ({"Authorization": scheme + token} if token else {})
        return self.gateway.post(name, json.dumps(body).encode(), headers)

    def refused(self, reason, token, name="box", **more):
        status, _, text = self.post(token, name, **more)
        equal((status, text.strip()), (401, reason), "answer")

    def runs(self):
        return len([run for run in self.gateway.ask("sync", "status")["runs"] if run["connection"] == "box"])

    # The cases.

    def without_keys(self):
        """The provider is down when the first webhook comes: it is asked to come back, at once."""
        self.provider.close()
        self.gateway.start()
        began = time.monotonic()
        status, headers, text = self.post(self.token)
        equal((status, text.strip()), (503, "keys_unavailable"), "answer")
        assert "Retry-After" in headers, headers
        assert time.monotonic() - began < 6, "the sender was kept waiting"

    def with_keys(self):
        self.provider.start()
        # Its state lies in memory, its keys do not: the token is still good.
        wait_until(lambda: self.post(self.token)[0] == 202, "a push that is accepted once the keys can be had", 30)
        equal(self.post(self.token, message="once")[0], 202, "answer")
        equal(self.post(self.token, message="once")[0], 200, "answer to the same message again")
        equal(self.post(self.token, scheme="bearer ")[0], 202, "answer to another case")

    def news(self):
        """Its schedule is once a year; the push has the stream read."""
        wait_until(lambda: self.runs() >= 1, "the first run", 60)
        time.sleep(3)
        before = self.runs()
        equal(self.post(self.token)[0], 202, "answer")
        wait_until(lambda: self.runs() == before + 1, "a run after the push", 30)

    def forged(self):
        header, claims, signature = self.token.split(".")
        self.refused("signature_missing", None)
        self.refused("signature_missing", self.token, scheme="Basic ")
        self.refused("signature_malformed", header + "." + claims)
        self.refused("signature_mismatch", f"{header}.{part(self.claims | {'exp': int(time.time()) + 86400})}.{signature}")
        self.refused("signature_mismatch", f"{header}.{claims}.{signature[:-8]}AAAAAAAA")
        self.refused("algorithm_refused", f"{part({'alg': 'none'})}.{claims}.")
        self.refused("algorithm_refused", f"{part(read(header) | {'alg': 'HS256'})}.{claims}.{signature}")
        self.refused("key_unknown", f"{part(read(header) | {'kid': 'made-up'})}.{claims}.{signature}")

    def not_for_us(self):
        # Each connection finds the keys itself.
        self.refused("audience_mismatch", self.token, "other")
        self.refused("claim_mismatch", self.token, "somebody")

    def counted(self):
        counts = self.gateway.ask("status")["webhooks_refused"]
        assert counts["keys_unavailable"] >= 1 and counts["signature_mismatch"] == 2 and counts["algorithm_refused"] == 2, counts
        assert "keys_needed" not in counts, counts


def main():
    verdicts = peers.Verdicts()
    try:
        provider = Provider()
        push = Push(provider)
    except Unavailable as reason:
        verdicts.skip("pushes with a real provider's tokens", reason)
        verdicts.exit()
    try:
        for name, case in (("while the keys cannot be had the sender is asked to come back", push.without_keys),
                           ("a genuine token is accepted, and a message once", push.with_keys),
                           ("a push has the stream read", push.news),
                           ("a changed, forged or missing token is refused with its reason", push.forged),
                           ("a token for somebody else, or of somebody else, is refused", push.not_for_us),
                           ("every refusal is counted by its reason", push.counted)):
            verdicts.case(name, case)
        verdicts.case("the gateway ends well", push.gateway.end)
    finally:
        push.gateway.close()
        provider.close()
    verdicts.exit()


if __name__ == "__main__":
    main()
