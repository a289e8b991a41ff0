"""Destinations that misbehave on the wire, each with a journal. What a request does is decided by a function of it.

A behaviour gets the destination and one Request and returns what to do: (apply, answer). `apply`: it takes effect.
`answer`: a status with optional headers, or the name of a way to go wrong below.
"""
import gzip
import hashlib
import json
import random
import socket
import socketserver
import struct
import threading
import time

# To one of these, for a gateway.yaml: `name` and `port`.
CONNECTION = """
  %(name)s:
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:%(port)d"
        actions:
          upsert:
            request: { method: POST, path: /customers, body: "{record}" }
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    network: { allow: [127.0.0.0/8], ports: [%(port)d], connect_timeout: 1s, timeout: 2s }"""


class Request:
    """One request as it came. `applied`: it was the first of its key and took effect."""
    __slots__ = ("key", "authorization", "record", "digest", "at", "applied", "answer")


def say(connection, status, body=b'{"ok":true}', headers=()):
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def reset(connection):
    """RST instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def until_closed(connection, piece, every, limit):
    """Sends pieces until the other side has had enough; never longer than `limit` seconds."""
    ends = time.monotonic() + limit
    while time.monotonic() < ends:
        connection.sendall(piece)
        time.sleep(every)


HOSTILE = {
    "reset": reset,
    "silent": lambda c: time.sleep(6),
    "early_close": lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"),
    "garbage": lambda c: c.sendall(bytes(random.Random(7).randrange(256) for _ in range(4096))),
    "tls": lambda c: c.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + b"\x5a" * 118),
    "drip": lambda c: (c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), until_closed(c, b"x", 0.5, 20)),
    "endless_body": lambda c: (c.sendall(b"HTTP/1.1 200 OK\r\n\r\n"), until_closed(c, b"x" * 65536, 0, 20)),
    "endless_head": lambda c: (c.sendall(b"HTTP/1.1 200 OK\r\n"), until_closed(c, b"X-Pad: " + b"y" * 8000 + b"\r\n", 0, 20)),
    "bomb": lambda c: say(c, 200, gzip.compress(b"\0" * (64 << 20)), ("Content-Encoding: gzip",)),
    "continue_forever": lambda c: until_closed(c, b"HTTP/1.1 100 Continue\r\n\r\n", 0.001, 20),
}


class Unkind:
    def __init__(self, behaviour):
        self.behaviour = behaviour
        self.lock = threading.Lock()
        self.journal, self.keys = [], set()
        self.open_connections = self.answered_429 = 0
        unkind = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.settimeout(30)
                self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    while unkind.serve(self.request):
                        pass
                except OSError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = allow_reuse_address = True
            request_queue_size = 512

            def handle_error(self, *_):
                pass  # a sender that was killed

        self.serves, self.port = lambda: Server(("127.0.0.1", self.port), Handler), 0
        self.open()

    def open(self):
        """Takes connections, at the port of before when it was closed."""
        self.server = self.serves()
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        """Takes no new connections: they are refused. Those that are open go on."""
        self.server.shutdown()
        self.server.server_close()

    def serve(self, connection):
        """One request. False: the connection ends."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return False
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in
                   (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])}
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65536)
        request = Request()
        request.key = headers.get("idempotency-key", "")
        request.authorization = headers.get("authorization", "")
        request.digest = hashlib.sha256(body).hexdigest()
        request.at = time.monotonic()
        request.record = json.loads(body)
        with self.lock:
            apply, request.answer = self.behaviour(self, request)
            request.applied = apply and request.key not in self.keys
            if request.applied:
                self.keys.add(request.key)
            self.journal.append(request)
        return self.reply(connection, request.answer)

    @staticmethod
    def reply(connection, answer):
        if isinstance(answer, str):
            HOSTILE[answer](connection)
            return False
        status, *headers = answer
        delay = next((h for h in headers if isinstance(h, float)), 0)
        time.sleep(delay)
        say(connection, status, b'{"ok":true}' if status < 300 else b'{"error":"not now"}',
            [h for h in headers if isinstance(h, str)])
        return True
