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
HOUR_MS = 3_600_000
# The refresh token is not yet sent, so it is as good as before / it may have been taken / the new ones are on disk.
UNSENT, OPEN, SAVED = ("before_lease", "after_lease"), ("after_intent", "before_call", "after_call", "before_save"), ("after_save",)
STEPS = UNSENT + OPEN + SAVED


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


class Rounds:
    """Expiries one after the other, each met by all processes at once; what was not as it must be is in `wrong`.

    A provider has refreshes (how often it gave new tokens), log_in(), expire_all() and close()."""

    def __init__(self, provider, definition, workers, lost_answer, generator, guarded=True):
        self.provider = provider
        self.team = Refreshers(definition, workers, guarded)
        self.strict, self.generator = lost_answer == "log_in_again", generator
        self.logins = self.expiries = 0
        self.wrong = []
        self.log_in()

    def log_in(self):
        self.logins += 1
        self.team.seed(self.provider.log_in())

    def expire(self):
        self.expiries += 1
        if self.generator.random() < 0.5:
            self.provider.expire_all()
        else:
            self.team.shift(HOUR_MS)

    def round(self, kill_at=""):
        before = self.provider.refreshes
        answers = self.team.round(kill_at)
        renewed = self.provider.refreshes - before
        alive = [answer for answer in answers if answer != "dead"]
        died = len(answers) - len(alive)
        # At a strict provider a token that may have been sent is given up.
        lost = self.strict and died and kill_at in OPEN
        sent = kill_at in ("after_call", "before_save")
        wanted = (1 if sent else 0) if lost else 1
        good = [a for a in alive if a == "ok"] if not lost else [a for a in alive if a.startswith("error unauthorized") and "connection login" in a]
        if renewed != wanted or len(good) != len(alive) or (died != (1 if kill_at else 0)):
            self.wrong.append(f"round {self.expiries} kill {kill_at or '-'}: {renewed} refreshes, {sorted(set(answers))}")
        if lost:
            self.log_in()
            before = self.provider.refreshes
            answers = self.team.round()
            if set(answers) != {"ok"} or self.provider.refreshes - before != 1:
                self.wrong.append(f"round {self.expiries} after the login: {sorted(set(answers))}")

    def close(self):
        codes = self.team.close()
        self.provider.close()
        if any(codes):
            self.wrong.append(f"exit codes {codes}")
