"""What the scripts of the peers share: where things lie, a program with its memory and processor time, one measurement."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
HOME = pathlib.Path(os.environ.get("PEERS_HOME", "/var/tmp/tributary-peers"))
SECRET = "hush"  # of the webhooks, as in tests/bench/ingress_load.hpp
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Failed(Exception):
    """A peer could not be installed, or did not do its work."""


def run(*command, limit=600, **more):
    """Standard output of a command; the end of what it said when it failed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace", timeout=limit, **more)
    if done.returncode != 0:
        raise Failed(f"{command[0]}: exit code {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
    return done.stdout


def mapping_text():
    """The mapping that bench_mapping runs: orders with their customers."""
    start, contact, _, end = re.findall(r'R"\((.*?)\)"', (HERE.parent / "mapping_text.hpp").read_text(), re.S)
    return start + contact + end


class Program:
    """A program with its children, from start to stop. All of them are one session, so none is forgotten."""

    def __init__(self, command, folder, log, env=None):
        self.log = pathlib.Path(log)
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen([str(word) for word in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=out, start_new_session=True, env=dict(os.environ, **(env or {})))
        self.peak_mb = 0.0
        self.ended = threading.Event()
        self.watch = threading.Thread(target=self._watch, daemon=True)
        self.watch.start()

    def _members(self):
        for folder in os.listdir("/proc"):
            if not folder.isdigit():
                continue
            with contextlib.suppress(OSError, ValueError):
                fields = pathlib.Path("/proc", folder, "stat").read_text().rsplit(")", 1)[1].split()
                if int(fields[3]) == self.process.pid:
                    yield fields

    def _watch(self):
        while not self.ended.wait(0.25):
            self.peak_mb = max(self.peak_mb, sum(int(fields[21]) for fields in self._members()) * PAGE / 1e6)

    def cpu_seconds(self):
        """Of all its processes that live, and of those that they waited for."""
        return sum(sum(map(int, fields[11:15])) for fields in self._members()) / TICKS

    def wait_for(self, question, limit=120):
        ends = time.monotonic() + limit
        while time.monotonic() < ends:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError, http.client.HTTPException):
                if question():
                    return self
            time.sleep(0.05)
        raise Failed("not ready:\n" + self.log.read_text(errors="replace")[-2000:])

    def finish(self, limit):
        """Waits for its own end; the processor time that it took."""
        ends, gone = time.monotonic() + limit, 0
        while not gone:
            gone, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if not gone:
                if time.monotonic() > ends:
                    self.stop()
                    raise Failed(f"not done after {limit} s")
                time.sleep(0.005)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.stop()
        if self.process.returncode != 0:
            raise Failed(f"exit code {self.process.returncode}:\n" + self.log.read_text(errors="replace")[-2000:])
        return usage.ru_utime + usage.ru_stime

    def stop(self):
        self.ended.set()
        self.watch.join()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def ask(port, method, path, body=None, headers=None, limit=300):
    """(status, text)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=limit)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


class Traffic:
    """The program that makes orders, sends webhooks and plays both ends of a sync."""

    def __init__(self, program):
        self.program = program

    def orders(self, count, file):
        with open(file, "wb") as out:
            subprocess.run([self.program, "orders", str(count)], stdout=out, check=True)

    def load(self, port, path, seconds, connections, bodies):
        return json.loads(run(self.program, "load", port, path, seconds, connections, bodies, limit=seconds + 60))

    @contextlib.contextmanager
    def shop(self, orders, page):
        """The port of a shop that takes orders too."""
        with subprocess.Popen([self.program, "serve", str(orders), str(page)], stdout=subprocess.PIPE, text=True) as process:
            try:
                yield int(process.stdout.readline())
            finally:
                process.kill()


def taken(port):
    """(posts, distinct orders) that arrived at the shop's port so far."""
    counts = json.loads(ask(port, "GET", "/taken")[1])
    return counts["posts"], counts["orders"]


def measure(count, seconds, cpu, program, **more):
    """One measurement: `count` records or requests."""
    return {"rate": count / seconds, "per_cpu": count / cpu if cpu else 0.0, "peak_mb": program.peak_mb, **more}


def median(runs, key):
    return statistics.median(run[key] for run in runs)
