#!/usr/bin/env python3
"""The bonus programme's API of this example, at port 9001. Its documentation stands in docs/new-connector.md.

It knows the key bonus-key. Members 1 to 250 in pages of 100; every twentieth request is answered 429.
"""
import http.server
import json
import re
import sys
import urllib.parse

MEMBERS = {n: {"id": n, "first_name": "Anna Boris Chiara David Elif".split()[n % 5], "last_name": "Berg Conti Dahl Faber".split()[n % 4],
               "email": f"member{n}@example.com", "mobile": f"0170 1234{n:03}", "country": "DE", "points": n * 10,
               "tier": "gold" if n % 10 == 0 else "basic", "updated_at": f"2026-01-05T{10 + n // 60:02}:{n % 60:02}:00Z"}
           for n in range(1, 251)}
requests = 0


class Bonus(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, what, **headers):
        data = json.dumps(what).encode()
        self.send_response(status)
        for name, value in (headers | {"Content-Type": "application/json", "Content-Length": str(len(data))}).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def allowed(self):
        global requests
        requests += 1
        if self.headers["Authorization"] != "Bearer bonus-key":
            self.answer(401, {"error": "unknown key"})
        elif requests % 20 == 0:
            self.answer(429, {"error": "slow down"}, Retry_After="1")
        else:
            return True
        return False

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        if not self.allowed():
            return None
        if url.path == "/v1/me":
            return self.answer(200, {"programme": "acme"})
        if url.path != "/v1/members":
            return self.answer(404, {"error": "no such path"})
        rows = sorted((m for m in MEMBERS.values() if m["updated_at"] >= asked.get("updated_since", "")), key=lambda m: m["updated_at"])
        page, size = int(asked.get("page", 1)), 100
        more = page * size < len(rows)
        return self.answer(200, {"members": rows[(page - 1) * size:page * size], "next_page": page + 1 if more else None})

    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        member = re.fullmatch(r"/v1/members/(\d+)", self.path)
        if not self.allowed():
            return None
        if not member or int(member[1]) not in MEMBERS:
            return self.answer(404, {"error": "no such member"})
        MEMBERS[int(member[1])].update(body)
        return self.answer(200, {"id": int(member[1])})

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9001), Bonus).serve_forever()
