#!/usr/bin/env python3
"""The two systems of this example: a shop's API at port 9001 and a CRM at port 9002.

Both know their keys (shop-key, crm-token) and nothing else. The CRM answers 500 to every fifth request, and writes
what it holds to crm.json. POST /api/customers/<id> changes a customer of the shop: curl -d '{"last_name": "Lund"}'.
"""
import http.server
import json
import os
import threading
import time
import urllib.parse

CUSTOMERS = {n: {"id": n, "first_name": first, "last_name": last, "email": f"{first.lower()}{n}@example.com",
                 "phone": f"030 1234{n:04}", "country": "DE", "updated_at": f"2026-01-05T10:{n // 60:02}:{n % 60:02}Z"}
             for n, first, last in ((n, "Anna Boris Chiara David Elif".split()[n % 5], "Berg Conti Dahl Faber".split()[n % 4])
                                    for n in range(1, 121))}
ORDERS = {n: {"id": n, "number": f"A-{n:04}", "customer_id": n % 120 + 1, "currency": "EUR", "total": f"{n}.{n % 100:02}",
              "state": "parked" if n in (13, 77) else "open shipped done".split()[n % 3],
              "placed_at": f"2026-01-06T09:{n // 60:02}:{n % 60:02}Z", "updated_at": f"2026-01-06T09:{n // 60:02}:{n % 60:02}Z"}
          for n in range(1, 301)}
HELD = {"people": {}, "deals": {}}
LOCK = threading.Lock()
REQUESTS = 0


class System(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, status, what):
        data = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Shop(System):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        if self.headers["X-Api-Key"] != "shop-key":
            return self.answer(401, {"error": "unknown key"})
        rows = {"/api/customers": CUSTOMERS, "/api/orders": ORDERS}[url.path].values()
        rows = sorted((r for r in rows if r["updated_at"] >= asked.get("updated_since", "")), key=lambda r: r["updated_at"])
        page, size = int(asked.get("page", 1)), int(asked.get("per_page", 50))
        self.answer(200, {"items": rows[(page - 1) * size:page * size]})

    def do_POST(self):
        customer = CUSTOMERS[int(self.path.rsplit("/", 1)[1])]
        customer.update(self.body(), updated_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        self.answer(200, customer)


class Crm(System):
    def do_PUT(self):
        global REQUESTS
        record = self.body()
        kind, number = self.path.strip("/").split("/")
        if self.headers["Authorization"] != "Bearer crm-token":
            return self.answer(401, {"error": "unknown token"})
        with LOCK:
            REQUESTS += 1
            if REQUESTS % 5 == 0:
                return self.answer(500, {"error": "try again"})
            HELD[kind][number] = record
            with open("crm.json.new", "w") as file:
                json.dump(HELD, file, indent=1, sort_keys=True)
            os.replace("crm.json.new", "crm.json")
        self.answer(200, {"id": f"{kind}-{number}"})


if __name__ == "__main__":
    shop = http.server.ThreadingHTTPServer(("127.0.0.1", 9001), Shop)
    threading.Thread(target=shop.serve_forever, daemon=True).start()
    http.server.ThreadingHTTPServer(("127.0.0.1", 9002), Crm).serve_forever()
