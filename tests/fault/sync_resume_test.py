#!/usr/bin/env python3
"""A sync of many pages that is killed at page boundaries, or whose page does not come: it goes on where it was.

An API gives its members page by page. At some pages the gateway is killed just after the page went out, at others the page
answers with a fault that is worth another try. In the end every member is at the destination in its one form, and no more
than one page for each interruption was fetched again.
  --seed N --full (every page boundary)
"""
import argparse
import collections
import http.client
import http.server
import json
import pathlib
import random
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import Gateway, Refused, Verdicts  # noqa: E402
from oracle import counts, judge, told  # noqa: E402
from unkind import Unkind  # noqa: E402

CONFIG = """
connections:
  club:
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:%(source)d"
        streams:
          members:
            request: { path: /members }
            records: items
            key: number
            cursor: { field: changed_at, parameter: changed_since }
            pages: { type: number, parameter: page, size: %(size)d, until_short: true }
    network: { allow: [127.0.0.0/8], ports: [%(source)d], timeout: 5s }
    streams:
      members: { mapping: resume/member }
  crm:
    connector: http
    settings:
      definition:
        base_url: "http://127.0.0.1:%(target)d"
        actions:
          upsert:
            request: { method: POST, path: /members, body: "{record}" }
            idempotency: idempotency_key
            idempotency_header: Idempotency-Key
    network: { allow: [127.0.0.0/8], ports: [%(target)d] }
deliveries:
  - { name: crm-members, to: crm, entity: contact, action: upsert, mapping: resume/member.out, purpose: service.order }
"""
MEMBER = """mapping: resume/member
to: contact
fields:
  customer_number: number
  name.full: name
  ext.change: { from: change, as: text }
"""
OUT = """mapping: resume/member.out
from: contact
to: external
fields:
  number: customer_number
  name: name.full
  change: ext.change
"""


class Club:
    """The paged source. `at_page` is called with each page's number before it is answered; true: answer 503."""

    def __init__(self, pages, size):
        self.pages, self.size = pages, size
        self.members = [{"number": f"M{i}", "name": f"Member {i}", "change": 1, "changed_at": f"2026-01-05T10:{i // 60 % 60:02}:{i % 60:02}Z"}
                        for i in range(pages * size - 1)]
        self.asked = collections.Counter()
        self.at_page = lambda page: False
        club = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
                page = int(query.get("page", ["1"])[0])
                club.asked[page] += 1
                fails = club.at_page(page)
                items = club.members[(page - 1) * size:page * size]
                body = json.dumps({"error": "busy"} if fails else {"items": items}).encode()
                self.send_response(503 if fails else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # the gateway was killed

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    generator, verdicts = random.Random(options.seed), Verdicts()
    pages, size = (40, 250) if options.full else (10, 50)
    kill_at = set(range(1, pages + 1)) if options.full else set(generator.sample(range(1, pages + 1), 2))
    fail_at = set(generator.sample(range(1, pages + 1), pages // 4))
    club, crm = Club(pages, size), Unkind(lambda *_: (True, (200,)))
    with Gateway("resume") as gateway:
        gateway.write("mappings/resume/member.yaml", MEMBER)
        gateway.write("mappings/resume/member.out.yaml", OUT)
        gateway.configure(CONFIG % {"source": club.port, "target": crm.port, "size": size})
        gateway.init()
        gateway.start()
        kills = failures = 0
        lock = threading.Lock()

        def trouble(page):
            nonlocal kills, failures
            with lock:
                if page in fail_at:
                    fail_at.discard(page)
                    failures += 1
                    return True
                if page in kill_at:
                    kill_at.discard(page)
                    kills += 1
                    threading.Timer(generator.uniform(0, 0.1), lambda: gateway.process and gateway.process.kill()).start()
            return False

        club.at_page = trouble
        finished, slowest, tries = None, 0.0, 0
        while finished is None and tries < 3 * pages:
            tries += 1
            try:
                finished = gateway.operate("sync.run", connection="club", stream="members")
            except (OSError, Refused, ValueError, http.client.HTTPException):
                time.sleep(0.2)
                if gateway.process.poll() is not None:
                    began = time.monotonic()
                    gateway.start()
                    slowest = max(slowest, time.monotonic() - began)
        club.at_page = lambda page: False
        time.sleep(0.3)
        if gateway.process.poll() is not None:  # killed after the last page was answered
            gateway.start()
        drained = gateway.quiet(120)
        found = judge(crm.journal, {member["number"]: 1 for member in club.members})
        again = sum(club.asked.values()) - pages
        told("sync_resume", options.seed, injected=kills + failures, kills=kills, pages=pages, records=len(club.members),
             fetched_again=again, **counts(found), slowest_recovery_s=f"{slowest:.2f}")
        verdicts.check(f"a sync of {pages} pages ends in spite of {kills} kills and {failures} failures", finished is not None and drained,
                       f"{tries} tries, {gateway.last_words()}")
        verdicts.check("what the source has is at the destination, once", not any(found.values()), str(found)[:500])
        verdicts.check("no page is fetched again that was written", again <= 2 * kills + failures, f"{again}: {dict(club.asked)}")
    crm.close()
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
