"""The HTTP systems of the demo, a loyalty programme and a newsletter: they answer 500 now and then and refuse some records."""
import collections
import http.server
import json
import threading


class Receiver:
    """PUT /loyalty/<customer> and /newsletter/<customer>. Every tenth request is answered with 500, before it is looked at."""

    def __init__(self, fail_every=10):
        self.fail_every, self.requests = fail_every, 0
        self.lock = threading.Lock()
        self.answers = collections.Counter()  # (system, status)
        self.held = {"loyalty": {}, "newsletter": {}}
        self.keys = collections.Counter()  # idempotency keys that took effect
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = receiver.take(self.path.split("/")[1:], self.headers["Idempotency-Key"], body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, path, key, body):
        system, customer = path
        with self.lock:
            self.requests += 1
            if self.requests % self.fail_every == 0:
                status, answer = 500, {"error": "try again"}
            elif system == "loyalty" and not json.loads(body).get("city"):
                status, answer = 422, {"error": "a member needs an address"}
            else:
                self.held[system][customer] = json.loads(body)
                self.keys[key] += 1
                status, answer = 200, {"id": customer}
            self.answers[system, status] += 1
            return status, answer

    def close(self):
        self.server.shutdown()
        self.server.server_close()
