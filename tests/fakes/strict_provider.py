"""A strict OAuth 2 provider: every refresh token is taken once, and one that comes twice revokes its whole family.

With `grace` seconds it takes a token again for that long and gives the same answer, as lenient providers do.
`GET /thing` wants an access token that is neither ended nor revoked. Everything is counted.
"""
import base64
import http.server
import json
import secrets
import threading
import time
import urllib.parse

CLIENT, SECRET = "gateway", "gateway-secret"


class StrictProvider:
    def __init__(self, grace=0):
        self.grace = grace
        self.lock = threading.Lock()
        self.families = 0
        self.live = {}      # refresh token -> family
        self.used = {}      # refresh token -> (family, when, answer)
        self.access = {}    # access token -> family
        self.revoked_families = set()
        self.refreshes = self.replays = self.reuses = self.calls = self.refused = 0
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self):
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                self.answer(*provider.thing(token))

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
                basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
                if self.headers.get("Authorization") != "Basic " + basic:
                    return self.answer(401, {"error": "invalid_client"})
                return self.answer(*provider.token({name: values[0] for name, values in form.items()}))

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def log_in(self):
        """What a person's login gives: a refresh token of a new family."""
        with self.lock:
            self.families += 1
            token = "r-" + secrets.token_urlsafe(24)
            self.live[token] = self.families
            return token

    def expire_all(self):
        """Every access token ends now, whatever was promised."""
        with self.lock:
            self.access.clear()

    def thing(self, token):
        with self.lock:
            self.calls += 1
            if self.access.get(token) and self.access[token] not in self.revoked_families:
                return 200, {"thing": 1}
            self.refused += 1
            return 401, {"error": "invalid_token"}

    def token(self, form):
        if form.get("grant_type") != "refresh_token":
            return 400, {"error": "unsupported_grant_type"}
        token = form.get("refresh_token", "")
        with self.lock:
            if token in self.used:
                family, when, answer = self.used[token]
                if time.monotonic() - when < self.grace and family not in self.revoked_families:
                    self.replays += 1
                    return 200, answer
                self.reuses += 1
                self.revoked_families.add(family)
                return 400, {"error": "invalid_grant", "error_description": "reuse detected"}
            family = self.live.pop(token, None)
            if family is None or family in self.revoked_families:
                return 400, {"error": "invalid_grant"}
            self.refreshes += 1
            fresh, access = "r-" + secrets.token_urlsafe(24), "a-" + secrets.token_urlsafe(24)
            self.live[fresh], self.access[access] = family, family
            answer = {"access_token": access, "refresh_token": fresh, "expires_in": 3600, "token_type": "Bearer"}
            self.used[token] = (family, time.monotonic(), answer)
        time.sleep(0.01)  # a provider takes a moment: time enough for a second one to come
        return 200, answer
