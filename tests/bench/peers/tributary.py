"""Tributary itself: the release binary, and bench_mapping for its mapping alone."""
import json
import re
import shutil
import time
from pathlib import Path

import gateway as fakes
from common import ROOT, SECRET, Failed, Program, mapping_text, measure, run, taken

WEBHOOK = """connections:
  webshop:
    connector: shopify
    settings: { shop: acme-eu }
    credentials: ${secret:webshop}
    webhooks: { topics: [orders/create] }
    streams:
      orders: { mapping: bench/order }
"""
FILE = """connections:
  files:
    connector: file
    settings:
      streams:
        orders: { path: orders.ndjson, format: ndjson, key: id }
    streams:
      orders: { mapping: bench/order }
"""
SYNC = """connections:
  shop:
    connector: http
    settings:
      definition:
        base_url: http://127.0.0.1:%(shop)d
        streams:
          orders:
            request: { path: /orders }
            records: orders
            key: id
            pages: { type: token, at: next, parameter: page }
    network: { allow: [127.0.0.0/8], ports: [%(shop)d] }
    streams:
      orders: { mapping: bench/order, full_refresh: true }
  target:
    connector: http
    settings:
      definition:
        base_url: http://127.0.0.1:%(shop)d
        actions:
          put_order:
            request: { method: POST, path: /taken, body: "{record}" }
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    network: { allow: [127.0.0.0/8], ports: [%(shop)d] }
deliveries:
  - { name: orders, to: target, entity: order, action: put_order, purpose: service.order }
"""


def install():
    if not Path(fakes.BINARY).exists():
        raise Failed(f"there is no {fakes.BINARY}: ./dev build makes it")


class Tributary:
    name = "Tributary"
    works = ("mapping", "webhook", "sync")

    def __init__(self, traffic, port):
        self.traffic, self.gateway = traffic, fakes.Gateway("peers")
        self.gateway.webhook_port = port
        self.version = run("git", "rev-parse", "--short", "HEAD", cwd=ROOT).strip()

    def close(self):
        self.gateway.close()

    def _start(self, config):
        """A new gateway with an empty store; Program counts its memory and processor time."""
        shutil.rmtree(self.gateway.folder / "data", ignore_errors=True)
        shutil.rmtree(self.gateway.folder / "keys", ignore_errors=True)
        self.gateway.write("mappings/bench/order.yaml", mapping_text())
        self.gateway.configure(config)
        self.gateway.init([("webshop", "webhook_secret", SECRET)] if "secret:webshop" in config else ())
        program = Program([fakes.BINARY, "--config", self.gateway.config, "run"], self.gateway.folder, self.gateway.log)
        self.gateway.process = program.process
        return program.wait_for(lambda: self.gateway.get("/readyz")[0] == 200)

    def _quiet(self):
        if not self.gateway.quiet(300):
            raise Failed("still busy: " + self.gateway.last_words())

    def mapped(self, orders):
        """What its mapping makes of the orders, a JSON text each: {"order": ..., "contact": ...}."""
        self.gateway.write("mappings/bench/order.yaml", mapping_text())
        self.gateway.configure(FILE)
        for line in orders.read_text().splitlines():
            answer = fakes.run("--config", self.gateway.config, "--json", "map", "bench/order", "-", stdin=line, cwd=self.gateway.folder)
            if answer.code != 0:
                raise Failed(str(answer))
            yield json.dumps({record["entity"]: record["record"] for record in answer.json["records"]})

    def mapping(self, orders, count):
        alone = run(fakes.built("bench_mapping"), orders, limit=300)
        rate = float(re.search(r"compiled plan\s+(\d+)", alone)[1])
        shutil.copy(orders, self.gateway.folder / "orders.ndjson")
        with self._start(FILE) as program:
            before, begin = program.cpu_seconds(), time.monotonic()
            self.gateway.operate("sync.run", connection="files", stream="orders", timeout=300)
            self._quiet()
            seconds = time.monotonic() - begin
            kept = measure(count, seconds, program.cpu_seconds() - before, program)
            self._all_mapped(count)
        return {("mapping", "alone, one thread"): {"rate": rate, "per_cpu": rate}, ("mapping", "file into its store"): kept}

    def _all_mapped(self, count):
        mapped = sum(row["mapped"] for row in self.gateway.operate("status")["streams"])
        if mapped != count:
            raise Failed(f"{mapped} of {count} were mapped")

    def webhook(self, warm, seconds, connections, bodies):
        with self._start(WEBHOOK) as program:
            first = self.traffic.load(self.gateway.webhook_port, "/hooks/webshop", warm, connections, bodies)
            self._quiet()
            before, begin = program.cpu_seconds(), time.monotonic()
            answers = self.traffic.load(self.gateway.webhook_port, "/hooks/webshop", seconds, connections, bodies)
            self._quiet()
            processed, cpu = time.monotonic() - begin, program.cpu_seconds() - before
            self._all_mapped(first["answers"] + answers["answers"])
            return {("webhook", ""): measure(answers["answers"], answers["seconds"], cpu, program, p50_ms=answers["p50_ms"],
                                       p99_ms=answers["p99_ms"]),
                    ("webhook", "until stored too"): measure(answers["answers"], processed, cpu, program)}

    def sync(self, shop, orders):
        """Everything, and everything again unchanged."""
        results = {}
        with self._start(SYNC % {"shop": shop}) as program:
            for name in ("sync, first", "sync, unchanged"):
                before, begin = program.cpu_seconds(), time.monotonic()
                self.gateway.operate("sync.run", connection="shop", stream="orders", timeout=300)
                self._quiet()
                results[name, ""] = measure(orders, time.monotonic() - begin, program.cpu_seconds() - before, program)
                if taken(shop) != (orders, orders):
                    raise Failed(f"{name}: posts and orders at the destination: {taken(shop)}")
        return results
