"""A shop whose customers get letters by post when they consented to that: what tests of withdrawals and restores have in common."""
import datetime

from gateway import SHOP_HOOK

MAPPING = """mapping: own/customer
to: contact
fields:
  customer_number: id
  name.full: name
  emails: [ email ]
"""
# With the port of the printer, twice.
CONNECTIONS = f"""connections:
  shop:
    {SHOP_HOOK}
    credentials: {{ webhook_secret: "${{secret:shop#webhook_secret}}" }}
    webhooks: {{}}
    streams:
      customers: {{ mapping: own/customer }}
  letters:
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:%d"
        actions:
          mail:
            request: {{ method: POST, path: /letters, body: "{{record}}" }}
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    network: {{ allow: [127.0.0.0/8], ports: [%d] }}
deliveries:
  - {{ name: letters, to: letters, entity: contact, action: mail, purpose: marketing.post, channel: post,
      retry: {{ schedule: [200ms] }} }}
"""


def say(gateway, number, state, minutes_ago):
    """What customer C<number> says of letters; `state` as of a consent event."""
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes_ago)
    proof = {"proof": "signed_form"} if state == "given" else {}
    return gateway.operate("consent.record", connection="shop", external_id=f"C{number}", state=state,
                           purpose="marketing.post", channel="post", origin="subject",
                           event_time=at.strftime("%Y-%m-%dT%H:%M:%SZ"), **proof)


def mailed(receiver):
    """The numbers of those who got one, in order."""
    return [request.record.get("customer_number") for request in receiver.journal if request.path == "/letters"]
