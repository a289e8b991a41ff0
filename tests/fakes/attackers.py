"""Slow attackers at a webhook port: connections that begin a request and go on by one byte every half second."""
import socket
import threading
import time


class Attackers(threading.Thread):
    """`cut`: for each that was cut off, after how many seconds."""

    def __init__(self, port, count):
        super().__init__(daemon=True)
        self.port, self.count, self.cut, self.ends = port, count, [], threading.Event()
        self.sockets = []

    def open(self):
        for i in range(self.count):
            # From many addresses, as there is a limit for each.
            one = socket.create_connection(("127.0.0.1", self.port), 5, (f"127.0.1.{1 + i // 40}", 0))
            head = b"POST /hooks/shop HTTP/1.1\r\nHost: a\r\n"
            one.sendall(head[:10 + i % 20] if i % 2 else head + b"Content-Length: 1000\r\n\r\n")
            one.setblocking(False)
            self.sockets.append((one, time.monotonic()))

    def run(self):
        left = list(self.sockets)
        while left and not self.ends.is_set():
            left = [entry for entry in left if self.goes_on(*entry)]
            self.ends.wait(0.5)

    def goes_on(self, one, since):
        try:
            one.send(b"x")
            if one.recv(4096):
                return True
        except BlockingIOError:
            return True
        except OSError:
            pass
        self.cut.append(time.monotonic() - since)
        return False

    def end(self):
        self.ends.set()
        self.join()
        for one, _ in self.sockets:
            one.close()
