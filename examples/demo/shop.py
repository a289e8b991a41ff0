"""The web shop of the demo: sends webhooks signed as Shopify signs them, some of them bad on purpose."""
import base64
import collections
import hashlib
import hmac
import http.client
import json
import queue
import random
import threading
import time

from erp import NO_ADDRESS_EVERY, person

SECRET = "demo-shop-secret"
SENDERS = 4


class Shop:
    def __init__(self, count, customers, seed):
        self.made = [self._webhook(number, seed, customers) for number in range(count)]
        self.kinds = collections.Counter(kind for kind, *_ in self.made)
        self.answers = collections.Counter()  # (kind, status)
        self.failed = 0

    def send(self, port):
        """Sends all of them over a few connections, and the duplicates after everything else."""
        for wanted in (False, True):
            todo = queue.Queue()
            for one in self.made:
                if (one[0] == "duplicate") == wanted:
                    todo.put(one)
            senders = [threading.Thread(target=self._sender, args=(port, todo)) for _ in range(SENDERS)]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join()

    def sent(self):
        return sum(self.answers.values())

    def answered(self, status):
        return sum(count for (_, code), count in self.answers.items() if code == status)

    def buyers(self, customers):
        """How many buyers of good orders only the shop knows, and how many the ERP knows too."""
        known = {json.loads(body)["customer"]["id"] - 9_000_000 for kind, _, body, _ in self.made if kind == "good"}
        return sum(buyer >= customers for buyer in known), sum(buyer < customers for buyer in known)

    def _sender(self, port, todo):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while True:
            try:
                kind, topic, body, secret = todo.get_nowait()
            except queue.Empty:
                break
            signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
            headers = {"Content-Type": "application/json", "X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": signature}
            for _ in range(30):  # a sender repeats what was not answered with 2xx, 4xx
                try:
                    connection.request("POST", "/hooks/webshop", body, headers)
                    answer = connection.getresponse()
                    answer.read()
                except OSError:
                    connection.close()
                    time.sleep(0.2)
                    continue
                if answer.status == 503:
                    self.failed += 1
                    time.sleep(0.2)
                    continue
                self.answers[kind, answer.status] += 1
                break
        connection.close()

    def _webhook(self, number, seed, customers):
        kind = {3: "forged", 7: "malformed", 11: "refused by the mapping", 13: "duplicate"}.get(number % 20, "good")
        # A duplicate is the very bytes of the good webhook before it.
        about = number - 1 if kind == "duplicate" else number
        body = json.dumps(order(about, random.Random(f"{seed}/{about}"), customers, kind)).encode()
        if kind == "malformed":
            body = body[: len(body) // 2]
        return kind, "orders/create", body, "a wrong secret" if kind == "forged" else SECRET


def order(number, chance, customers, kind):
    """An order as the shop sends it. Every third buyer is a customer of the ERP too, known by address and name."""
    buyer = chance.randrange(customers // 2, customers) if number % 3 == 0 else customers + number
    if buyer % NO_ADDRESS_EVERY == 0:  # the ERP does not know where they live, and the loyalty system shall not either
        buyer += 1
    given, family = person(buyer) if buyer < customers else ("Web", f"Buyer {buyer}")
    total = f"{chance.randrange(500, 20000) / 100:.2f}"
    return {
        "id": 5_000_000 + number, "name": f"#{1000 + number}", "created_at": "2026-02-03T10:00:00+01:00", "currency": "EUR",
        "total_price": "a lot" if kind == "refused by the mapping" else total, "financial_status": "paid",
        "fulfillment_status": None, "source_name": "web", "test": False,
        "customer": {"id": 9_000_000 + buyer, "first_name": given, "last_name": family,
                     "email": f"customer{buyer}@example.com"},
        "billing_address": {"address1": f"Ring {number % 90 + 1}", "city": "Hamburg", "zip": "20095", "country_code": "DE"},
        "line_items": [{"title": "Green tea", "sku": "TEA-100", "quantity": 1, "price": total}],
    }
