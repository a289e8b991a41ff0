"""Runs a document as its reader would: its fenced blocks, in order, in a folder of its own, with free ports.

Blocks marked `sh` run to their end and must succeed; `sh background` is started and left running until close(). The
program `tributary` is the one of $TRIBUTARY. A `sleep` in a block waits until the gateway has nothing left to do.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from gateway import BINARY, ROOT, free_port

FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.M | re.S)

# A machine under load may need longer than a reader waits: sleep N becomes "until nothing waits", at most a minute.
PRELUDE = r"""
set -e
sleep() {
    local i status
    for i in $(seq 200); do
        status=$(tributary --config "$CONFIG" --json status 2>/dev/null) || true
        if [[ $status == *'"inbox_waiting":0'* && ! $status =~ '"queued":'[1-9] ]]; then return 0; fi
        command sleep 0.3
    done
    echo "still not quiet: $status" >&2
    return 1
}
"""


def blocks(text):
    """(language, words behind it, content) of each fenced block."""
    return [(language, words.strip(), content) for language, words, content in FENCE.findall(text)]


class Walkthrough:
    def __init__(self, source, ports=(), config="gateway.yaml"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-walk-"))
        self.work = self.folder / "work"
        if source:
            shutil.copytree(source, self.work)
        else:
            self.work.mkdir()
        self.config = config
        self.ports = {port: free_port() for port in ports}
        (self.folder / "bin").mkdir()
        (self.folder / "bin/tributary").symlink_to(pathlib.Path(BINARY).resolve(strict=True))
        self.environment = dict(os.environ, PATH=f"{self.folder}/bin:{os.environ['PATH']}", CONFIG=config,
                                TRIBUTARY_SHARE=str(ROOT))
        self.background = []
        for file in self.work.rglob("*"):
            if file.is_file() and not file.is_symlink() and file.suffix in (".yaml", ".md", ".sh", ".py"):
                file.write_text(self.translate(file.read_text()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in self.background:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.background:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def translate(self, text):
        for port, free in self.ports.items():
            text = re.sub(rf"\b{port}\b", str(free), text)
        return text

    def run(self, document):
        """Runs the sh blocks of `document`; what all of them printed. Raises AssertionError at the first that fails."""
        printed = ""
        for language, words, content in blocks(document):
            if language == "sh":
                printed += self.start(content) if words == "background" else self.shell(content)
        return printed

    def shell(self, content):
        done = subprocess.run(["bash", "-c", PRELUDE + content], cwd=self.work, env=self.environment, capture_output=True,
                              text=True, timeout=300, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"exit {done.returncode} of: {content}\n{done.stdout[-1500:]}{done.stderr[-1500:]}"
        return done.stdout

    def start(self, content):
        log = open(self.folder / f"background{len(self.background)}.log", "ab")
        process = subprocess.Popen(["bash", "-c", content], cwd=self.work, env=self.environment, stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL, start_new_session=True)
        self.background.append(process)
        # A gateway listens at 8080 and 8081, everything else at the ports from 9000 on.
        wanted = [free for port, free in self.ports.items() if (port < 9000) == ("tributary" in content)]
        ends = time.monotonic() + 60
        while not all(listens(port) for port in wanted):
            assert process.poll() is None and time.monotonic() < ends, \
                f"did not start: {content}\n{pathlib.Path(log.name).read_text()[-1500:]}"
            time.sleep(0.05)
        log.close()
        return ""


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
