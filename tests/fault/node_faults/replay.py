"""Each event sent one to ten times at once to two gateways, sent again later, and forged in every way."""
import base64
import concurrent.futures
import http.client
import json
import random
import time

import oracle
from gateway import eventually, standard_headers
from nodes import figure, halt, make
from postgres_server import PostgresServer
from receiver import Receiver

SECRET, OLD_SECRET = (base64.b64encode(text).decode() for text in (b"the secret that counts now, of the storm", b"the one before it"))
HOOK = """
  signed:
    connector: http
    settings:
      definition:
        webhooks:
          verify:
            type: hmac
            algorithm: sha256
            over: "{header.webhook-id}.{timestamp}.{body}"
            header: webhook-signature
            list: { separator: " ", pick: "v1," }
            encoding: base64
            key: "{credentials.webhook_secret}"
            key_encoding: base64
            timestamp: { from: "{header.webhook-timestamp}", unit: s, tolerance: 5m, future: 1m }
          delivery_id: "{header.webhook-id}"
          topic: "{json.type}"
          topics: { customers/update: { stream: customers, key: id } }
    credentials: { webhook_secret: "${secret:signed#webhook_secret}" }
    webhooks: { topics: [customers/update] }
    streams:
      customers: { mapping: kill/shop }
"""


def body_of(number):
    return json.dumps({"type": "customers/update", "id": number, "number": f"S{number}", "name": f"Person {number}", "change": 1}).encode()


def forged(number, generator):
    """A body and headers that nobody may take for the event's."""
    body, name, now = body_of(number), f"event-{number}", time.time()
    right = standard_headers(body, SECRET, name)
    signature = right["webhook-signature"]
    return generator.choice([
        lambda: (body.replace(b"Person", b"Persom"), right),
        lambda: (body + b" ", right),
        lambda: (body, {**right, "webhook-id": f"other-{number}"}),
        lambda: (body, {**right, "webhook-timestamp": str(int(now) + 1)}),
        lambda: (body, {**right, "webhook-signature": signature[:-4] + ("AAA=" if signature[-4:] != "AAA=" else "BBB=")}),
        lambda: (body, {**right, "webhook-signature": "v1,"}),
        lambda: (body, {header: value for header, value in right.items() if header != "webhook-signature"}),
        lambda: (body, standard_headers(body, base64.b64encode(b"guessed").decode(), name)),
        lambda: (body, standard_headers(body, OLD_SECRET, name)),
        lambda: (body, standard_headers(body, SECRET, name, now - 360)),
        lambda: (body, standard_headers(body, SECRET, name, now - 3 * 86400)),
        lambda: (body, standard_headers(body, SECRET, name, now + 3600)),
    ])()


def until_answered(gateway, body, headers):
    """The first answer that is not "come again"."""
    for _ in range(200):
        try:
            status = gateway.post("signed", body, headers, timeout=20)[0]
        except (OSError, http.client.HTTPException):
            status = 0
        if status not in (0, 429, 503):
            return status
        time.sleep(0.05)
    return status


def campaign(verdicts, seed, full):
    events, forgeries = (20_000, 10_000) if full else (200, 240)
    generator = random.Random(seed)
    with PostgresServer() as server, Receiver(0.1, seed) as receiver:
        name, dsn = server.database()
        with make("one", dsn, receiver.port, connections=HOOK) as first, \
                make("two", dsn, receiver.port, first.folder / "keys", connections=HOOK) as second:
            for secret in (OLD_SECRET, SECRET):
                first.cli("secret", "set", "signed", "webhook_secret", stdin=secret, check=True)
            gateways = [first, second]
            for gateway in gateways:
                gateway.start()

            def send(number, times):
                headers = standard_headers(body_of(number), SECRET, f"event-{number}")
                return [pool.submit(until_answered, generator.choice(gateways), body_of(number), headers) for _ in range(times)]

            def refused():
                number = generator.randrange(events + 1000)
                body, headers = forged(number, generator)
                return pool.submit(until_answered, generator.choice(gateways), body, headers)

            with concurrent.futures.ThreadPoolExecutor(20) as pool:
                sent = [one for number in range(events) for one in send(number, generator.randint(1, 10))]
                sent = [one.result() for one in sent]
                # What the senders' clocks and ours say lies in the past: sent again the same minute, and three days later.
                again = [one.result() for number in range(events) for one in send(number, 1)]
                server.sql("UPDATE inbox_seen SET received_at = received_at - 3 * 86400000", name)
                again += [one.result() for number in generator.sample(range(events), events // 4) for one in send(number, 2)]
                eventually(lambda: len(receiver.effects) >= events, 120)
                stored = int(server.sql("SELECT count(*) FROM inbox_seen", name))
                taken = [one.result() for one in [refused() for _ in range(forgeries)]]
            drained = first.quiet(60)
            stored_later = int(server.sql("SELECT count(*) FROM inbox_seen", name))
            with receiver.lock:
                found = oracle.judge(list(receiver.journal), {f"S{number}": 1 for number in range(events)})
            accepted = int(figure(first, "records_accepted_total"))
            oracle.told("replay_storm", seed, injected=len(sent) + len(again), **oracle.counts(found), events=events, forged=forgeries,
                        forged_refused=taken.count(401), accepted=accepted, applied=len(receiver.effects))
            verdicts.check("replay storm: each event has one effect", not any(found.values()) and len(receiver.effects) == events,
                           f"{len(receiver.effects)} of {events}, {oracle.counts(found)}")
            verdicts.check("replay storm: each is accepted once, whoever takes it", accepted == events, f"{accepted} of {events}")
            verdicts.check("replay storm: what is sent again is answered as taken", set(sent + again) <= {200, 202}, str(set(sent + again)))
            verdicts.check("replay storm: each forgery is answered 401", set(taken) == {401}, str({one: taken.count(one) for one in set(taken)}))
            verdicts.check("replay storm: no forgery is stored", stored == stored_later == events, f"{stored}, then {stored_later}")
            verdicts.check("replay storm: the queue is empty in the end", drained, first.log_text()[-1500:])
            halt(verdicts, "replay storm", first, second)


def without_dedup(verdicts, seed, full):
    """The guard broken on purpose: the database forgets which delivery it has seen."""
    del full
    with PostgresServer() as server, Receiver(0.0, seed) as receiver:
        name, dsn = server.database()
        with make("one", dsn, receiver.port, connections=HOOK) as gateway:
            gateway.cli("secret", "set", "signed", "webhook_secret", stdin=SECRET, check=True)
            gateway.start()
            server.sql("CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                       "NEW.dedup_key = sha256(random()::text::bytea); RETURN NEW; END $$; "
                       "CREATE TRIGGER forget BEFORE INSERT ON inbox_seen FOR EACH ROW EXECUTE FUNCTION forget()", name)
            events = 10
            for number in range(events):
                for _ in range(2):
                    until_answered(gateway, body_of(number), standard_headers(body_of(number), SECRET, f"event-{number}"))
            accepted = int(figure(gateway, "records_accepted_total"))
            oracle.told("replay_without_dedup", seed, injected=2 * events, events=events, accepted=accepted)
            verdicts.check("without deduplication, an event that counts twice is found", accepted > events, f"{accepted} of {events}")
