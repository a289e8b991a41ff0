"""The demo's gateway: made in a folder, started, asked through its admin face, stopped."""
import http.client
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent


class Failed(Exception):
    """A command or the gateway did not do what was asked."""


class Gateway:
    def __init__(self, program, folder):
        self.program, self.folder = pathlib.Path(program).resolve(), pathlib.Path(folder).resolve()
        self.config, self.log = self.folder / "gateway.yaml", self.folder / "gateway.log"
        self.webhooks, self.admin = free_port(), free_port()
        self.process = None

    def configure(self, receiver):
        shutil.copytree(HERE / "mappings", self.folder / "mappings")
        text = (HERE / "gateway.yaml").read_text()
        for name, port in (("webhooks", self.webhooks), ("admin", self.admin), ("receiver", receiver)):
            text = text.replace("{" + name + "}", str(port))
        self.config.write_text(text)

    def command(self, *arguments, stdin=None):
        return [str(self.program), "--config", str(self.config), "--json", *arguments]

    def do(self, *arguments, stdin=None):
        """Runs a command; what it printed."""
        done = subprocess.run(self.command(*arguments), input=stdin, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"tributary {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([str(self.program), "--config", str(self.config), "run"], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        ends = time.monotonic() + 60
        while time.monotonic() < ends and self.process.poll() is None:
            try:
                if self._get("/readyz") == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise Failed("the gateway did not start:\n" + self.log.read_text()[-2000:])

    def stop(self):
        """SIGTERM, and its exit code; killed when it does not end."""
        if not self.process:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self.process = None

    def status(self):
        """The running gateway's `status`, through its admin face."""
        token = (self.folder / "data/admin.token").read_text().strip()
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=60)
        try:
            connection.request("POST", "/v1/operations/status", "{}", {"Authorization": "Bearer " + token,
                                                                      "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status != 200:
            raise Failed(f"status: {answer.status} {text}")
        return json.loads(text)

    def _get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
