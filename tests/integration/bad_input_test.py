#!/usr/bin/env python3
"""Bad input of every kind: a clear message, the right answer, and nothing lost."""
import base64
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import (SHOP_HOOK, Gateway, Refused, Verdicts, eventually, free_port, run, shopify_headers,  # noqa: E402
                     standard_headers)
from receiver import Receiver  # noqa: E402

SHOP_SECRET = "shop-secret-of-the-test"
PARTNER_SECRET = "whsec_dHJpYnV0YXJ5LXRlc3Qtc2VjcmV0LTAwMDE="
SECRETS = [("shop", "webhook_secret", SHOP_SECRET), ("partner", "webhook_secret", PARTNER_SECRET)]
CONFIG = """
connections:
  shop:
    SHOP_HOOK
    credentials: { webhook_secret: "${secret:shop#webhook_secret}" }
    webhooks: {}
    streams:
      customers: { mapping: shopify/customer }
  partner:
    connector: webhook
    credentials: { webhook_secret: "${secret:partner#webhook_secret}" }
    webhooks: {}
    streams:
      customer.changed: { mapping: shopify/customer }
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
    network: { allow: [127.0.0.0/8], ports: [%(port)d], connect_timeout: 1s }
deliveries:
  - { name: crm-customers, to: crm, entity: contact, action: upsert, purpose: service.order,
      retry: { schedule: [200ms, 500ms] } }
""".replace("SHOP_HOOK", SHOP_HOOK)


def customer(one, **more):
    return {"id": one, "first_name": "Ada", "last_name": f"Number{one}", "email": f"ada{one}@example.com",
            "created_at": "2026-01-05T09:00:00Z", "updated_at": "2026-01-05T09:00:00Z", **more}


def opened(port, name="bad", **options):
    gateway = Gateway(name)
    gateway.configure(CONFIG % {"port": port}, **options)
    gateway.init(SECRETS)
    return gateway


def letters(gateway, **filters):
    return gateway.operate("queue.list", **filters)["dead_letters"]


class Bodies:
    """Signed webhooks that cannot be understood: each is accepted, since its sender did nothing wrong that we could
    mend by refusing, and kept as a dead letter with its cause."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.count = 0

    def dead_letter_of(self, body, topic="customers/update"):
        """Posts it and returns (problem, letter)."""
        self.count += 1
        before = {one["id"] for one in letters(self.gateway)}
        status, _, text = self.gateway.post_shopify("shop", topic, body, SHOP_SECRET, f"bad-{self.count}")
        if status != 200:
            return f"answered {status} {text}", None
        fresh = eventually(lambda: [one for one in letters(self.gateway) if one["id"] not in before])
        return (None, fresh[0]) if fresh else ("no dead letter came", None)

    def expect(self, body, stage, *words, topic="customers/update"):
        problem, letter = self.dead_letter_of(body, topic)
        if problem:
            return problem
        missing = [word for word in words if word.lower() not in (letter["stream"] + " " + letter["cause"]).lower()]
        if letter["stage"] != stage or letter["connection"] != "shop" or missing:
            return f"expected stage {stage} and {missing or words} in stream and cause: {letter}"
        shown = self.gateway.cli("queue", "list", "--stage", stage)
        if shown.code != 0 or letter["id"] not in [one["id"] for one in shown.json["dead_letters"]]:
            return f"`queue list` does not show it: {shown}"
        shown = self.gateway.operate("queue.show", id=letter["id"], payload=True, read_for="legal.privacy_request")
        kept = base64.b64decode(shown["payload_base64"]) if "payload_base64" in shown else shown["payload"].encode()
        if stage == "decode" and kept != body:
            return f"the body was not kept as it came: {len(kept)} bytes of {len(body)}"
        tried = self.gateway.cli("queue", "redrive", "--stage", stage)
        if tried.code != 0 or not tried.json["dry_run"] or tried.json["matched"] < 1:
            return f"it cannot be redriven: {tried}"
        return None


def bodies(verdicts, gateway):
    them = Bodies(gateway)
    whole = json.dumps(customer(1)).encode()
    verdicts.run("truncated JSON is kept as a dead letter", lambda: them.expect(whole[:-20], "decode", "byte", "not closed"))
    verdicts.run("deep nesting is kept as a dead letter",
                 lambda: them.expect(b'{"id":1,"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "decode", "deep"))
    verdicts.run("invalid UTF-8 is kept as a dead letter",
                 lambda: them.expect(whole.replace(b"Ada", b"\xff\xfe"), "decode", "utf-8"))
    verdicts.run("duplicate keys are kept as a dead letter",
                 lambda: them.expect(b'{"id":1,"email":"a@example.com","email":"b@example.com"}', "decode", "twice"))
    verdicts.run("an unknown topic is kept and named",
                 lambda: them.expect(whole, "decode", "carts/create", topic="carts/create"))
    verdicts.run("wrong types are quarantined with every issue",
                 lambda: them.expect(json.dumps(customer(2, created_at="yesterday", updated_at=[1],
                                                         first_name={"a": 1})).encode(),
                                     "map", "created_at", "updated_at", "name.given"))
    verdicts.run("an empty body is kept as a dead letter", lambda: them.expect(b"", "decode"))

    def values_in_causes():
        shown = json.dumps(letters(gateway)) + gateway.log_text()
        return "a personal value stands in a cause or the log" if "ada1@example.com" in shown or "Number1" in shown \
            else None
    verdicts.run("req 26: causes and logs hold no personal value", values_in_causes)


def refusals(verdicts, gateway):
    body = json.dumps(customer(3)).encode()

    def refused(status, reason, answer):
        if answer[0] != status or reason not in answer[2]:
            return f"expected {status} {reason}, got {answer[0]} {answer[2]!r}"
        seen = gateway.operate("status")["webhooks_refused"]
        return None if reason in seen else f"status does not count it: {seen}"

    verdicts.run("a wrong signature is answered 401", lambda: refused(
        401, "signature_mismatch", gateway.post("shop", body, shopify_headers("customers/update", body, "wrong", "w1"))))
    verdicts.run("a changed body is answered 401", lambda: refused(
        401, "signature_mismatch",
        gateway.post("shop", body + b" ", shopify_headers("customers/update", body, SHOP_SECRET, "w2"))))
    event = json.dumps({"type": "customer.changed", "data": customer(4)}).encode()
    verdicts.run("a stale timestamp is answered 401", lambda: refused(
        401, "timestamp_stale",
        gateway.post("partner", event, standard_headers(event, PARTNER_SECRET, "m1", time.time() - 3600))))
    verdicts.run("an unknown connection is answered 404",
                 lambda: refused(404, "unknown_connection", gateway.post("nobody", body, {})))

    def large(headers, payload):
        try:
            status = gateway.post("shop", payload, headers)[0]
        except (BrokenPipeError, ConnectionResetError):
            status = "a reset connection"
        return None if status == 413 else f"expected 413, got {status}"
    big = b'{"id":5,"note":"' + b"x" * 10_000_000 + b'"}'
    headers = shopify_headers("customers/update", big, SHOP_SECRET, "big")
    verdicts.run("a body of 10 MB is answered 413", lambda: large(headers, big))
    verdicts.run("a chunked body of 10 MB is answered 413",
                 lambda: large(headers, (big[i:i + 65536] for i in range(0, len(big), 65536))))

    def nothing_kept():
        gateway.quiet(20)
        status = gateway.operate("status")
        return None if status["records"] == 0 else f"records: {status['records']}"
    verdicts.run("nothing that was refused was kept", nothing_kept)


def duplicates(verdicts, gateway, receiver):
    def twice():
        first = gateway.post_shopify("shop", "customers/update", customer(10), SHOP_SECRET, "same")
        second = gateway.post_shopify("shop", "customers/update", customer(10), SHOP_SECRET, "same")
        if (first[0], second[0]) != (200, 200):
            return f"answered {first[0]} and {second[0]}"
        gateway.quiet(20)
        status = gateway.operate("status")
        repeated = sum(row["duplicate"] for row in status["streams"])
        sent = len(receiver.journal)
        return None if status["records"] == 1 and repeated == 1 and sent == 1 else \
            f"records {status['records']}, duplicates {repeated}, delivered {sent}"
    verdicts.run("the same webhook twice makes one record and one delivery", twice)


def unreachable(verdicts):
    port = free_port()
    with opened(port, "unreachable") as gateway:
        gateway.start()

        def waits():
            status = gateway.post_shopify("shop", "customers/update", customer(20), SHOP_SECRET, "u1")[0]
            if status != 200:
                return f"answered {status}"
            row = eventually(lambda: gateway.destination("crm") if gateway.destination("crm").get("retried") else None)
            if not row or row["queued"] != 1 or row["dead"] != 0:
                return f"expected one item that waits and was tried again: {row}"
            lane = gateway.cli("queue", "lanes").json["lanes"][0]
            return None if lane["error"] and lane["items"] == 1 else f"`queue lanes` gives no reason: {lane}"
        verdicts.run("with an unreachable destination items wait and say why", waits)

        def arrives():
            with Receiver() as receiver:
                # The destination comes up where it was expected.
                gateway.stop()
                gateway.configure(CONFIG % {"port": receiver.port})
                gateway.start()
                done = eventually(lambda: gateway.destination("crm").get("delivered") == 1, 30)
                return None if done and len(receiver.effects) == 1 else f"{gateway.destination('crm')}"
        verdicts.run("what waited is delivered once the destination is there", arrives)


def fill(gateway, kept, limit):
    """Posts big webhooks until one is refused or `limit` were; the refusal."""
    for number in range(limit):
        one = customer(1000 + number, note="n" * 15000)
        answer = gateway.post_shopify("shop", "customers/update", one, SHOP_SECRET, f"fill-{number}")
        if answer[0] != 200:
            return answer
        kept.append(number)
    return None


def all_there(gateway, kept):
    if not eventually(lambda: gateway.operate("status")["records"] >= len(kept), 60):
        status = gateway.operate("status")
        return f"acknowledged {len(kept)}, records {status['records']}, in the inbox {status['inbox_waiting']}"
    status = gateway.operate("status")
    return None if status["dead_letters"] == 0 else f"{status['dead_letters']} dead letters: {letters(gateway)[:2]}"


def full_store(verdicts):
    with opened(free_port(), "full", store="{ type: sqlite, path: data/tributary.db, max_size: 16MB }") as gateway:
        gateway.start()
        kept = []

        def refuses():
            answer = fill(gateway, kept, 3000)
            if not answer:
                return f"{len(kept)} webhooks of 15 kB went into 16 MB"
            retry = {name.lower(): value for name, value in answer[1].items()}.get("retry-after", "")
            if answer[0] != 503 or not retry.isdigit() or int(retry) < 1:
                return f"expected 503 with Retry-After: {answer}"
            # Small writes of the gateway's own may still find room: then it is ready until the next one finds none.
            seen = []

            def told():
                seen.append(gateway.get("/readyz"))
                return (seen[-1][0] == 503 and "disk" in seen[-1][1]) or (fill(gateway, kept, 3000) and None)
            return None if eventually(told, 20) and gateway.process.poll() is None else f"/readyz: {seen[-3:]}"
        verdicts.run("a full store is answered 503 with Retry-After", refuses)

        def recovers():
            gateway.stop()
            gateway.configure(CONFIG % {"port": free_port()},
                              store="{ type: sqlite, path: data/tributary.db, max_size: 400MB }")
            gateway.start()
            return all_there(gateway, kept)
        verdicts.run("after a full store nothing acknowledged is lost", recovers)


def full_disk(verdicts):
    name = "a full disk that is made larger needs no restart"
    with opened(free_port(), "disk") as gateway:
        data = gateway.folder / "data"
        data.mkdir(exist_ok=True)
        for file in data.iterdir():
            file.unlink()
        mounted = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", str(data)], capture_output=True).returncode == 0
        if not mounted:
            print(f"SKIP {name}: a tmpfs cannot be mounted here", flush=True)
            return
        try:
            gateway.init(SECRETS)
            gateway.start()
            kept = []

            def recovers():
                answer = fill(gateway, kept, 3000)
                if not answer or answer[0] != 503 or "Retry-After" not in answer[1]:
                    return f"expected 503 with Retry-After after {len(kept)}: {answer}"
                subprocess.run(["mount", "-o", "remount,size=200m", str(data)], check=True)

                def taken():
                    return gateway.post_shopify("shop", "customers/update", customer(1000 + len(kept)), SHOP_SECRET,
                                                "after")[0] == 200
                if not eventually(taken, 60, 0.5):
                    return "still refused a minute after the disk has room: " + gateway.log_text()[-800:]
                kept.append(len(kept))
                return all_there(gateway, kept)
            verdicts.run(name, recovers)
        finally:
            gateway.kill()
            subprocess.run(["umount", "-l", str(data)], check=False)


def configuration(verdicts):
    with Gateway("check") as gateway:
        def problem(change, *words):
            text = CONFIG % {"port": 8080}
            assert change[0] in text
            gateway.configure(text.replace(*change))
            lines = gateway.config.read_text().splitlines()
            line = next(i for i, one in enumerate(lines, 1) if change[1].strip().splitlines()[-1].strip() in one)
            answer = run("--config", gateway.config, "check", cwd=gateway.folder)
            told = answer.out + answer.err
            missing = [word for word in (f"gateway.yaml:{line}:", *words) if word not in told]
            if answer.code != 1 or missing:
                return f"expected exit 1 and {missing}: {answer}"
            listed = gateway.cli("check")
            found = [one for one in (listed.json or {}).get("problems", []) if one["line"] == line]
            return None if listed.code == 1 and found and found[0]["column"] > 0 else f"--json: {listed}"

        verdicts.run("a missing mapping is told with its place and the nearest name", lambda: problem(
            ("customers: { mapping: shopify/customer }", "customers: { mapping: shopify/costumer }"),
            "shopify/costumer", "did you mean shopify/customer"))
        verdicts.run("an unknown key is told with its place and the nearest name", lambda: problem(
            ("    network: {", "    netwrok: {"), "netwrok", "network"))
        verdicts.run("a duplicate key is told with its place", lambda: problem(
            ("  partner:\n", "  partner:\n    pause: false\n    pause: true\n"), "pause"))
        verdicts.run("an unknown connector is told with the nearest name", lambda: problem(
            ("connector: webhook", "connector: webhok"), "webhok", "webhook"))
        verdicts.run("a literal secret is refused", lambda: problem(
            ('{ webhook_secret: "${secret:shop#webhook_secret}" }', "{ webhook_secret: hunter2-literal }"), "secret"))

        def no_start():
            gateway.configure((CONFIG % {"port": 8080}).replace("shopify/customer", "shopify/costumer"))
            answer = gateway.cli("run")
            return None if answer.code == 1 else f"`run` with a broken configuration: {answer}"
        verdicts.run("`run` refuses what `check` refuses", no_start)

        def no_keys():
            gateway.configure(CONFIG % {"port": 8080})
            answer = gateway.cli("run")
            return None if answer.code == 1 and "tributary init" in answer.err else f"{answer}"
        verdicts.run("without keys it says what to run", no_keys)
    for name, arguments in (("an unknown command", ["rnu"]), ("an unknown option", ["check", "--jsn"]),
                            ("a missing argument", ["sync", "run"]), ("no command", [])):
        answer = run(*arguments)
        verdicts.check(f"{name} ends with exit code 2", answer.code == 2 and answer.err.strip() != "", repr(answer))


def main():
    verdicts = Verdicts()
    with Receiver() as receiver, opened(receiver.port) as gateway:
        gateway.start()
        refusals(verdicts, gateway)
        bodies(verdicts, gateway)
        duplicates(verdicts, gateway, receiver)
        code = gateway.stop()
        verdicts.check("it stops with exit code 0 after all this", code == 0, f"exit {code}: {gateway.log_text()[-800:]}")
    for part in (configuration, unreachable, full_store, full_disk):
        try:
            part(verdicts)
        except (OSError, Refused) as error:
            verdicts.check(part.__name__, False, str(error))
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
