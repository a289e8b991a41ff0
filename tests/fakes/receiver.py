"""A local HTTP destination that upserts by idempotency key, journals every request and fails on demand.

With `failure_rate` a seeded part of the requests is answered 500: half of those before they took effect, half after
it, so that the sender cannot know. `answer` set to a status answers everything with it and applies nothing. Each answer
comes up to `delay` seconds after the request was judged.
"""
import hashlib
import http.server
import json
import random
import threading
import time


class Request:
    """One request as it came. `applied`: it was the first of its key and took effect."""
    __slots__ = ("number", "at", "key", "path", "record", "digest", "status", "applied")


class Receiver:
    def __init__(self, failure_rate=0.0, seed=1, host="127.0.0.1", delay=0.0):
        self.failure_rate, self.answer, self.delay = failure_rate, None, delay
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.journal = []   # every Request
        self.effects = {}   # idempotency key -> the Request that took effect
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status = receiver.take(self.headers, self.path, body)
                time.sleep(receiver.delay * random.random())
                text = b'{"ok":true}' if status == 200 else b'{"error":"not now"}'
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_PUT = do_POST

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                pass  # a sender that was killed

        self.server = Server((host, 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def take(self, headers, path, body):
        request = Request()
        request.key = headers.get("Idempotency-Key") or headers.get("webhook-id") or ""
        request.path = path
        request.digest = hashlib.sha256(body).hexdigest()
        try:
            request.record = json.loads(body)
        except ValueError:
            request.record = None
        with self.lock:
            request.number, request.at = len(self.journal), time.monotonic()
            self.journal.append(request)
            fails = self.answer is not None or self.random.random() < self.failure_rate
            lost = self.answer is not None or (fails and self.random.random() < 0.5)
            request.applied = not lost and request.key not in self.effects
            if request.applied:
                self.effects[request.key] = request
            request.status = (self.answer or 500) if fails else 200
            return request.status

    def applied(self):
        """The requests that took effect, in the order in which they did."""
        with self.lock:
            return [request for request in self.journal if request.applied]

    def records(self):
        return [request.record for request in self.applied()]
