"""A proxy before a PostgreSQL server that cuts connections around a COMMIT, so that the client cannot know what became of it.

    unsent      cut before the server hears of it: nothing was committed
    sent        passed on, and cut at once: the server commits, or is about to
    answered    passed on, and cut when the server had answered: it was committed
"""
import random
import socket
import threading

WAYS = ("unsent", "sent", "answered")
COMMIT = b"COMMIT\0"


class PostgresProxy:
    """`rate`: which part of the commits that write is cut."""

    def __init__(self, socket_path, rate, seed):
        self.socket_path, self.rate, self.random = socket_path, rate, random.Random(seed)
        self.cut = dict.fromkeys(WAYS, 0)
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.socket_path)
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.carry, args=(client, server), daemon=True).start()

    def carry(self, client, server):
        swallowing = threading.Event()
        with client, server:
            answering = threading.Thread(target=self.answer, args=(client, server, swallowing), daemon=True)
            answering.start()
            self.ask(client, server, swallowing)
            answering.join()

    def way(self, data):
        """How to cut at this piece, or None. Only commits of closures that wrote count: those stand in store_node."""
        if not data.endswith(COMMIT) or b"store_node" not in data:
            return None
        with self.lock:
            if self.random.random() >= self.rate:
                return None
            way = self.random.choice(WAYS)
            self.cut[way] += 1
            return way

    def ask(self, client, server, swallowing):
        try:
            while data := client.recv(1 << 16):
                way = self.way(data)
                if way == "answered":
                    swallowing.set()
                if way != "unsent":
                    server.sendall(data)
                if way == "answered":
                    return  # hung up when the answer is there
                if way:
                    break
        except OSError:
            pass
        hang_up(client, server)

    def answer(self, client, server, swallowing):
        try:
            while data := server.recv(1 << 16):
                if swallowing.is_set():
                    break
                client.sendall(data)
        except OSError:
            pass
        hang_up(client, server)


def hang_up(*ends):
    """What was passed on before is still read there."""
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
