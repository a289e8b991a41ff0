"""Redpanda Connect, by its free core (Benthos, MIT licence) with the components that lie in it; connect/main.go."""
import shutil
import tempfile
import time
from pathlib import Path

from common import HERE, HOME, SECRET, Failed, Program, ask, measure, run, taken

VERSION = "v4.60.0"
MODULE = "github.com/redpanda-data/benthos/v4"
FOLDER = HOME / "connect"
PROGRAM = FOLDER / f"connect-{VERSION}"
ORDER = HERE / "connect" / "order.blobl"

HEAD = """http: { enabled: false }
logger: { level: ERROR }
"""
MAPPING = HEAD + """input:
  file: { paths: [ %(orders)s ], scanner: { lines: { max_buffer_size: 1000000 } } }
pipeline:
  processors:
    - mapping: from "%(mapping)s"
output:
  reject_errored:
    %(output)s
"""
WEBHOOK = HEAD + """input:
  http_server:
    address: 127.0.0.1:%(port)d
    path: /hooks/webshop
    sync_response: { status: '${! meta("status").or("200") }' }
cache_resources:
  - { label: seen, memory: { default_ttl: 24h } }
pipeline:
  processors:
    - switch:
        - check: content().hash("hmac_sha256", "%(secret)s").encode("base64") != meta("X-Shopify-Hmac-Sha256").or("")
          processors:
            - mapping: |
                root = ""
                meta status = "401"
            - sync_response: {}
            - mapping: root = deleted()
        - processors:
            - dedupe: { cache: seen, key: '${! meta("X-Shopify-Webhook-Id") }' }
            - mapping: %(mapping)s
output:
  %(output)s
"""
SYNC = HEAD + """input:
  read_until:
    check: this.next == null
    input:
      http_client:
        url: http://127.0.0.1:%(shop)d/orders${! ("?page=" + this.next.not_null().string()) | "" }
        verb: GET
cache_resources:
  - { label: seen, file: { directory: %(seen)s } }
pipeline:
  processors:
    - mapping: root = this.orders
    - unarchive: { format: json_array }
    - dedupe: { cache: seen, key: '${! json("id") }-${! content().hash("xxhash64").encode("hex") }' }
    - mapping: from "%(mapping)s"
    - mapping: root = this.order
    - split: { size: 1 }
output:
  http_client:
    url: http://127.0.0.1:%(shop)d/taken
    verb: POST
    headers: { Content-Type: application/json }
    max_in_flight: 64
"""
PLAIN = "file: { path: %s, codec: lines }"
SYNCED = "synced_file: { path: %s, batching: { count: 64, period: 1ms } }"


def install():
    """Builds it through Go's module proxy; needs Go 1.25 or newer."""
    if PROGRAM.exists():
        return
    if not shutil.which("go"):
        raise Failed("there is no go")
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "connect" / "main.go", FOLDER)
    if not (FOLDER / "go.mod").exists():
        run("go", "mod", "init", "peer", cwd=FOLDER)
    parts = ("service", "components/io", "components/pure", "components/pure/extended")
    run("go", "get", *(f"{MODULE}/public/{part}@{VERSION}" for part in parts), cwd=FOLDER)
    run("go", "build", "-o", PROGRAM, ".", cwd=FOLDER, limit=1800)


class Connect:
    name = "Redpanda Connect"
    works = ("mapping", "webhook", "sync")
    version = f"Benthos {VERSION}"

    def __init__(self, traffic, port):
        self.traffic, self.port = traffic, port
        self.folder = Path(tempfile.mkdtemp(prefix="connect-"))

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, config):
        (self.folder / "config.yaml").write_text(config)
        return Program([PROGRAM, "run", "config.yaml"], self.folder, self.folder / "log")

    def _map(self, orders, output):
        return self._start(MAPPING % {"orders": orders, "mapping": ORDER, "output": output})

    def mapped(self, orders):
        """What its mapping makes of the orders, a JSON text each."""
        out = self.folder / "mapped.ndjson"
        self._map(orders, PLAIN % out).finish(600)
        return out.read_text().splitlines()

    def mapping(self, orders, count):
        begin = time.monotonic()
        return {("mapping", "to nothing"): self._until_end(self._map(orders, "drop: {}"), count, begin)}

    def _until_end(self, program, count, begin):
        cpu = program.finish(600)
        return measure(count, time.monotonic() - begin, cpu, program)

    def _webhook(self, output, mapping, warm, seconds, connections, bodies):
        out = self.folder / "webhooks.ndjson"
        out.unlink(missing_ok=True)
        config = WEBHOOK % {"port": self.port, "secret": SECRET, "mapping": mapping, "output": output % out}
        with self._start(config) as program:
            program.wait_for(lambda: ask(self.port, "POST", "/hooks/webshop", "{}")[0] == 401)
            first = self.traffic.load(self.port, "/hooks/webshop", warm, connections, bodies)
            before = program.cpu_seconds()
            answers = self.traffic.load(self.port, "/hooks/webshop", seconds, connections, bodies)
            cpu = program.cpu_seconds() - before
        with open(out, "rb") as file:
            kept = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
        if kept != first["answers"] + answers["answers"]:
            raise Failed(f"{first['answers']} + {answers['answers']} were answered, {kept} kept")
        return measure(answers["answers"], answers["seconds"], cpu, program, p50_ms=answers["p50_ms"], p99_ms=answers["p99_ms"])

    def webhook(self, *load):
        return {("webhook", "file never synced"): self._webhook(PLAIN, "root = content()", *load),
                ("webhook", "file synced"): self._webhook(SYNCED, "root = content()", *load),
                ("webhook", "mapped, file synced"): self._webhook(SYNCED, f'from "{ORDER}"', *load)}

    def sync(self, shop, orders):
        """Everything, and everything again unchanged."""
        (self.folder / "seen").mkdir(exist_ok=True)
        results = {}
        for name in ("sync, first", "sync, unchanged"):
            begin = time.monotonic()
            program = self._start(SYNC % {"shop": shop, "seen": self.folder / "seen", "mapping": ORDER})
            results[name, ""] = self._until_end(program, orders, begin)
            if taken(shop) != (orders, orders):
                raise Failed(f"{name}: posts and orders at the destination: {taken(shop)}")
        return results
