"""One tributary gateway in a folder of its own, with free ports: configure, start, kill, ask, post webhooks to.

The binary comes from $TRIBUTARY. A gateway keeps its folder until close(); its log is appended to over restarts.
"""
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from answers import unlike_described

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("TRIBUTARY", str(ROOT / "build/asan/bin/tributary"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(question, timeout=20, every=0.05):
    """The first true answer, or the last false one after `timeout` seconds. A question may raise until then."""
    ends = time.monotonic() + timeout
    while True:
        try:
            answer = question()
        except (OSError, http.client.HTTPException, Refused):
            answer = None
        if answer or time.monotonic() > ends:
            return answer
        time.sleep(every)


class Refused(Exception):
    """The gateway answered an operation with a problem, or a command failed."""


def built(target):
    """A program of the tests that lies in the gateway's build, brought up to date."""
    folder = pathlib.Path(BINARY).resolve().parents[1]
    done = subprocess.run(["cmake", "--build", str(folder), "--target", target], capture_output=True, text=True)
    if done.returncode != 0:
        raise Refused(f"{target} does not build: " + done.stdout[-2000:])
    return folder / "tests" / target


class Answer:
    """What a command printed. `json` is its standard output parsed, None when that is no JSON."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err
        try:
            self.json = json.loads(out)
        except ValueError:
            self.json = None

    def __repr__(self):
        return f"exit {self.code}: {self.out.strip()[-600:]} {self.err.strip()[-600:]}"


def run(*arguments, stdin="", cwd=None, timeout=120, env=None, binary=BINARY):
    done = subprocess.run([binary, *map(str, arguments)], input=stdin, capture_output=True, text=True, errors="replace",
                          cwd=cwd, timeout=timeout, env=dict(os.environ, **(env or {})))
    return Answer(done.returncode, done.stdout, done.stderr)


# A connection of a shop whose webhooks hold the whole customer, signed as Shopify signs. (Shopify's own say less since
# 2025, so its connector fetches who changed.)
SHOP_HOOK = """connector: http
    settings:
      definition:
        webhooks:
          verify: { type: hmac, algorithm: sha256, over: "{body}", header: X-Shopify-Hmac-Sha256, encoding: base64, key: "{credentials.webhook_secret}" }
          delivery_id: "{header.X-Shopify-Webhook-Id}"
          topic: "{header.X-Shopify-Topic}"
          topics:
            customers/create: { stream: customers, key: id }
            customers/update: { stream: customers, key: id }
            customers/delete: { stream: customers, key: id, deleted: true }
          accepted: { status: 200 }"""


def shopify_headers(topic, body, secret, webhook_id):
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {"Content-Type": "application/json", "X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": webhook_id,
            "X-Shopify-Hmac-Sha256": signature}


def standard_headers(body, secret, webhook_id, at=None):
    """Standard Webhooks; `secret` is base64 with or without whsec_."""
    at = str(int(time.time() if at is None else at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, f"{webhook_id}.{at}.".encode() + body, hashlib.sha256).digest())
    return {"Content-Type": "application/json", "webhook-id": webhook_id, "webhook-timestamp": at,
            "webhook-signature": "v1," + signature.decode()}


class Gateway:
    def __init__(self, name="test", leave=0, node=None, binary=BINARY):
        """`leave`: seconds between "not ready" and closed ports. `node`: the place in a network where it runs (network.py).
        `binary`: what it runs from its next start on."""
        self.leave, self.node, self.binary = leave, node, binary
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"tributary-{name}-"))
        self.config = self.folder / "gateway.yaml"
        self.log = self.folder / "gateway.log"
        self.webhook_port, self.admin_port = free_port(), free_port()
        self.process, self.environment = None, {}  # what `run` gets besides our own

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def configure(self, body, store="{ type: sqlite, path: data/tributary.db }", paths=True):
        """`body`: everything after the head. With `paths` the folder's own mappings/ stand before the shipped ones."""
        own, leave = "", f"  leave: {self.leave}s\n" if self.leave else ""
        if paths:
            (self.folder / "mappings").mkdir(exist_ok=True)
            own = (f"paths:\n  connectors: [{ROOT}/connectors]\n  mappings: [mappings, {ROOT}/mappings]\n"
                   f"  canonical: {ROOT}/mappings/canonical\n"
                   f"  purposes: {ROOT}/config/purposes.yaml\n")
        self.write("gateway.yaml", f"""gateway: {{ name: test, public_url: "http://127.0.0.1:{self.webhook_port}" }}
listen:
  webhooks: {{ address: "127.0.0.1:{self.webhook_port}" }}
  admin: {{ address: "127.0.0.1:{self.admin_port}" }}
{leave}store: {store}
vault: {{ master: {{ type: file, path: keys/master.key }} }}
{own}{body}""")

    def cli(self, *arguments, stdin="", check=False, timeout=120):
        answer = run("--config", self.config, "--json", *arguments, stdin=stdin, cwd=self.folder, timeout=timeout, binary=self.binary)
        if check and answer.code != 0:
            raise Refused(f"{' '.join(map(str, arguments))}: {answer}")
        return answer

    def init(self, secrets=()):
        """Keys, and secrets as (name, field, value)."""
        self.cli("init", check=True)
        for name, field, value in secrets:
            self.cli("secret", "set", name, field, stdin=value, check=True)

    def spawn(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*(self.node.within if self.node else []), self.binary, "--config", self.config, "run"],
                                            stdout=log, stderr=log, cwd=self.folder, stdin=subprocess.DEVNULL,
                                            env=dict(os.environ, **self.environment))

    def start(self, timeout=180):
        self.spawn()
        if not self.wait_ready(timeout):
            raise Refused("the gateway did not become ready:\n" + self.log_text()[-3000:])
        return self

    def wait_ready(self, timeout=60):
        return eventually(lambda: self.process.poll() is not None or self.get("/readyz")[0] == 200, timeout, 0.01) \
            and self.process.poll() is None

    def stop(self, timeout=60):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        self.process = None
        return code

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def last_words(self):
        """Why it ended by itself: the report of a sanitizer, shortened, or the end of its log."""
        lines = self.log_text().splitlines()
        report = [i for i, line in enumerate(lines) if "ERROR: " in line and "Sanitizer" in line]
        if not report:
            return "\n".join(lines[-15:])
        frames = [line for line in lines[report[-1]:report[-1] + 200] if "tributary::" in line or "Sanitizer" in line
                  or " by thread " in line]
        return "\n".join(line[:200] for line in frames[:25])

    def connected(self, port, timeout):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        with self.node.inside() if self.node else contextlib.nullcontext():
            connection.connect()
        return connection

    def get(self, path, timeout=10):
        """(status, body) of the admin face."""
        connection = self.connected(self.admin_port, timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def operate(self, operation, timeout=120, **arguments):
        """An operation of the running gateway through its admin face, never by opening the store."""
        # Beside the database file, or the configuration when there is none; a gateway that was killed left its own.
        files = [file for file in (self.folder / "data/admin.token", self.folder / "admin.token") if file.exists()]
        if not files:
            raise FileNotFoundError("admin.token")
        token = max(files, key=lambda file: file.stat().st_mtime).read_text().strip()
        connection = self.connected(self.admin_port, timeout)
        try:
            connection.request("POST", "/v1/operations/" + operation, json.dumps(arguments),
                               {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status not in (200, 202):  # 202: it waits for a second person
            raise Refused(f"{operation}: {answer.status} {text}")
        answer_json = json.loads(text)
        if why := unlike_described(operation, answer.status, answer_json):
            raise AssertionError(f"{operation}: the answer is not as OpenAPI says: {why}")
        return answer_json

    def post(self, name, body, headers, timeout=30):
        """One webhook to the connection `name`; (status, headers, text)."""
        connection = self.connected(self.webhook_port, timeout)
        try:
            try:
                connection.request("POST", "/hooks/" + name, body, headers)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before it was read to the end: the answer is there
            try:
                answer = connection.getresponse()
            except AttributeError as error:  # http.client let go of a socket that was reset
                raise ConnectionResetError("the connection went before the answer") from error
            return answer.status, dict(answer.getheaders()), answer.read().decode(errors="replace")
        finally:
            connection.close()

    def post_shopify(self, name, topic, body, secret, webhook_id):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return self.post(name, body, shopify_headers(topic, body, secret, webhook_id))

    def destination(self, name):
        """The row of one destination in `status`; {} when nothing was ever queued for it."""
        rows = self.operate("status")["destinations"]
        return next((row for row in rows if row["destination"] == name), {})

    def quiet(self, timeout=60):
        """Waits until nothing waits in the inbox or the queue; false when it takes too long or the gateway died."""
        def idle():
            if self.process.poll() is not None:
                return True
            status = self.operate("status")
            return status["inbox_waiting"] == 0 and all(row["queued"] == 0 for row in status["destinations"])
        return eventually(idle, timeout) and self.process.poll() is None


class Verdicts:
    """Prints one PASS or FAIL line for each property; exit_code() at the end."""

    def __init__(self):
        self.failed = 0

    def check(self, name, ok, why=""):
        if ok:
            print(f"PASS {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL {name}: {why}".replace("\n", " | "), flush=True)
        return bool(ok)

    def run(self, name, test):
        """A test that returns None when it holds, or what is wrong."""
        try:
            why = test()
        except Exception as error:  # any surprise is a failure of this one test, told by its name
            why = f"{type(error).__name__}: {error}"
        return self.check(name, why is None, why)

    def exit_code(self):
        return 1 if self.failed else 0
