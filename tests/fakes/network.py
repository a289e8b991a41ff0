"""A network of the test's own: the process and its children see nothing but it, and it goes away with them. Nodes have a
namespace each, with a link to what all share and one to the database alone.

    front      the test's own programs, which listen at FRONT, and the nodes at 10.78.0.N
    database   the server listens at DATABASE, the nodes are at 10.77.0.N
"""
import contextlib
import ctypes
import os
import subprocess

FRONT, DATABASE = "10.78.0.1", "10.77.0.1"
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    """The system lets nobody make namespaces here."""


def ip(*words):
    done = subprocess.run(["ip", *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Unavailable(f"ip {' '.join(map(str, words))}: {done.stderr.strip()}")


def leave_the_world():
    """From now on this process is in a network of its own. REQUIRES: it has one thread."""
    if LIBC.unshare(CLONE_NEWNET) != 0:
        raise Unavailable("unshare: " + os.strerror(ctypes.get_errno()))
    ip("link", "set", "lo", "up")
    for bridge, address in (("front", FRONT), ("database", DATABASE)):
        ip("link", "add", bridge, "type", "bridge")
        ip("addr", "add", address + "/24", "dev", bridge)
        ip("link", "set", bridge, "up")


class Node:
    """A namespace. `within`: the words before a command that run it there."""

    def __init__(self, number):
        self.number = number
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep 100000"], stdout=subprocess.PIPE)
        self.holder.stdout.readline()  # it is in its namespace
        self.within = ["nsenter", "--net", "--target", str(self.holder.pid), "--"]
        subprocess.run([*self.within, "ip", "link", "set", "lo", "up"], check=True)
        for bridge, address in (("front", f"10.78.0.{number}"), ("database", f"10.77.0.{number}")):
            outer, inner = f"{bridge}{number}", f"{bridge}-in"
            ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", self.holder.pid)
            ip("link", "set", outer, "master", bridge, "up")
            for words in (["addr", "add", address + "/24", "dev", inner], ["link", "set", inner, "up"]):
                subprocess.run([*self.within, "ip", *words], check=True)

    @contextlib.contextmanager
    def inside(self):
        """Sockets that this thread makes meanwhile are of the node's network, and stay it."""
        with open("/proc/thread-self/ns/net") as home, open(f"/proc/{self.holder.pid}/ns/net") as here:
            LIBC.setns(here.fileno(), CLONE_NEWNET)
            try:
                yield
            finally:
                LIBC.setns(home.fileno(), CLONE_NEWNET)

    def close(self):
        self.holder.kill()
        self.holder.wait()

    def link(self, up):
        """Pulls the cable to the database, at the node's own end, or puts it back."""
        subprocess.run([*self.within, "ip", "link", "set", "database-in", "up" if up else "down"], check=True)

    def forward(self, on):
        """Both ends are up, and no packet comes through: nobody is told anything."""
        ip("link", "set", f"database{self.number}", *(["master", "database"] if on else ["nomaster"]))
