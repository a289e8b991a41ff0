"""Processes that share one vault and renew the same tokens: tests/fault/refresh_worker, driven line by line."""
import os
import pathlib
import queue
import shutil
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TRIBUTARY_BUILD", ROOT / "build/asan"))
WORKER = BUILD / "tests/refresh_worker"
LEASE_MS = 61_000  # a little more than a lease lasts


def build():
    done = subprocess.run(["cmake", "--build", str(BUILD), "--target", "refresh_worker"], capture_output=True, text=True)
    assert done.returncode == 0, f"refresh_worker does not build: {done.stdout[-2000:]}"


class Worker:
    def __init__(self, folder, file, guarded=True):
        self.lines = queue.Queue()
        command = [str(WORKER), str(folder), "work", str(file)] + ([] if guarded else ["unguarded"])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        self.errors = []
        threading.Thread(target=self.pump, args=(self.process.stdout, self.lines.put), daemon=True).start()
        threading.Thread(target=self.pump, args=(self.process.stderr, self.errors.append), daemon=True).start()

    def pump(self, stream, take):
        for line in stream:
            take(line.strip())
        take("dead" if stream is self.process.stdout else "")

    def say(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except (BrokenPipeError, OSError):
            pass  # it was killed; its answer is "dead"

    def hear(self, timeout=90):
        return self.lines.get(timeout=timeout)

    def close(self):
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.process.returncode


class Refreshers:
    """`count` workers on one folder. The definition is given as text; its secret has client_id and client_secret in it
    as they stand there, and a refresh_token that seed() sets."""

    def __init__(self, definition, count=8, guarded=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-refresh-"))
        self.file = self.folder / "definition.yaml"
        self.file.write_text(definition)
        subprocess.run([str(WORKER), str(self.folder), "init"], check=True)
        self.guarded, self.shifted, self.kills = guarded, 0, 0
        self.workers = [Worker(self.folder, self.file, guarded) for _ in range(count)]
        for worker in self.workers:
            assert worker.hear() == "ready", worker.errors

    def seed(self, token):
        self.workers[0].say("seed " + token)
        assert self.workers[0].hear() == "seeded"

    def shift(self, milliseconds):
        self.shifted += milliseconds
        for worker in self.workers:
            worker.say(f"shift {milliseconds}")

    def round(self, kill_at=""):
        """One call of every worker at the same moment; the answers, in order. With kill_at one of them dies there, and
        is started again afterwards; its answer is "dead"."""
        mark = self.folder / "kill"
        if kill_at:
            mark.write_text(kill_at)
        for worker in self.workers:
            worker.say("go")
        answers, died = {}, None
        ends = time.monotonic() + 90
        while len(answers) < len(self.workers):
            assert time.monotonic() < ends, f"no answer of {len(self.workers) - len(answers)} workers in 90 s"
            for index, worker in enumerate(self.workers):
                if index in answers:
                    continue
                try:
                    answers[index] = worker.hear(0.02)
                except queue.Empty:
                    continue
                if answers[index] == "dead" and died is None:
                    died = index
                    # What it held runs out. Before it had the lease another may have it, in the middle of its call.
                    if kill_at != "before_lease":
                        self.shift(LEASE_MS)
        if kill_at:
            mark.unlink(missing_ok=True)
        for index, answer in answers.items():
            if answer == "dead":
                assert kill_at and self.workers[index].process.wait(20) == -9, self.workers[index].errors[-20:]
                self.kills += 1
                self.workers[index] = Worker(self.folder, self.file, self.guarded)
                assert self.workers[index].hear() == "ready"
                self.workers[index].say(f"shift {self.shifted}")
        return [answers[index] for index in range(len(self.workers))]

    def close(self):
        codes = [worker.close() for worker in self.workers]
        shutil.rmtree(self.folder, ignore_errors=True)
        return codes
