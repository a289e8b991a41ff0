#!/usr/bin/env python3
"""A live Bluesky PDS: posts read page by page, comments of other people as interactions, answers written once, and a session
that runs out and is renewed.

The PDS stands alone: notifications need an app view, and are not read here.
"""
import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import pathlib
import shutil
import sqlite3
import tempfile
import threading
import time
import urllib.error
import urllib.request

import peers
from peers import Unavailable, equal, wait_until
from connectors_test import Talk, build_talk

POSTS = 130  # more than one page
STAMP = str(time.time_ns())
LOGINS = ("com.atproto.server.createSession", "com.atproto.server.refreshSession")

INTERACTION_OUT = """mapping: test/interaction.out
from: interaction
to: external
fields: { id: id, kind: kind, direction: direction, body: body, thread: thread_key, reply_to: ext.reply_to, who: contact_ref.external_id }
"""
ANSWER = """mapping: test/answer
to: interaction
fields:
  kind: { value: social_comment }
  direction: { value: outbound }
  channel: { value: bluesky }
  body: text
  started_at: at
  thread_key: thread
  ext.reply_to: reply_to
"""


def expired_token(access, secret):
    """The same token as the server would have made it some hours ago."""
    encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")  # noqa: E731
    head, claims, _ = access.split(".")
    body = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    body["iat"], body["exp"] = int(time.time()) - 10000, int(time.time()) - 2800
    signed = head.encode() + b"." + encode(json.dumps(body).encode())
    return (signed + b"." + encode(hmac.new(secret, signed, hashlib.sha256).digest())).decode()


class Wire:
    """Between connector and PDS: counts the calls, and swaps a good access token for one that has run out when told to."""

    def __init__(self, target, secret):
        wire = self
        self.calls, self.spoil, self.answers = [], 0, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
                headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length", "accept-encoding")}
                nsid = self.path.split("?")[0].rsplit("/", 1)[1]
                wire.calls.append(nsid)
                if wire.spoil and nsid not in LOGINS and "Authorization" in headers:
                    wire.spoil -= 1
                    headers["Authorization"] = "Bearer " + expired_token(headers["Authorization"].split()[1], secret)
                request = urllib.request.Request(target + self.path, body, headers, method=self.command)
                try:
                    answer = urllib.request.urlopen(request, timeout=60)
                except urllib.error.HTTPError as error:
                    answer = error
                text = answer.read()
                if answer.status >= 400:
                    wire.answers.append((nsid, answer.status, json.loads(text).get("error")))
                self.send_response(answer.status)
                for name in ("Content-Type", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"):
                    if answer.headers.get(name):
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = forward

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Brand:
    def __init__(self, pds):
        self.pds = pds
        zoe = pds.accounts["zoe"]
        self.topic = pds.post("brand", f"Neu im Laden {STAMP}")
        root = {"uri": self.topic["uri"], "cid": self.topic["cid"]}
        self.comment = pds.post("zoe", f"Größe L verfügbar? {STAMP}", {"root": root, "parent": root})
        writes = [{"$type": "com.atproto.repo.applyWrites#create", "collection": "app.bsky.feed.post",
                   "value": {"$type": "app.bsky.feed.post", "text": f"Nr. {n} {STAMP}", "createdAt": "2026-01-05T10:00:00.000Z"}}
                  for n in range(POSTS)]
        for start in range(0, POSTS, 100):
            pds.call("POST", "com.atproto.repo.applyWrites", {"repo": zoe["did"], "writes": writes[start:start + 100]}, zoe["accessJwt"])
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-bluesky-"))
        self.ledger, self.answers = self.folder / "ledger.db", self.folder / "answers.db"
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            database.execute("CREATE TABLE talk(id TEXT PRIMARY KEY, kind TEXT, direction TEXT, body TEXT, thread TEXT, reply_to TEXT, who TEXT)")
        with contextlib.closing(sqlite3.connect(self.answers)) as database:
            database.execute("CREATE TABLE answer(id INTEGER PRIMARY KEY, text TEXT, at TEXT, thread TEXT, reply_to TEXT)")
        self.gateway = peers.Gateway({
            "connections": {
                "bluesky": {"connector": "bluesky", "settings": {"url": pds.url, "identifier": "brand.test", "watch": "zoe.test"},
                            "credentials": "${secret:bluesky}", "network": {"allow": ["127.0.0.0/8"], "ports": [pds.port]},
                            "streams": {"posts": {"mapping": "bluesky/post"}, "posts_of": {"mapping": "bluesky/public_post"}}},
                "desk": {"connector": "sql", "settings": {"type": "sqlite", "path": str(self.answers),
                                                          "streams": {"answers": {"table": "answer", "key": "id"}}},
                         "streams": {"answers": {"mapping": "test/answer"}}},
                "ledger": {"connector": "sql", "settings": {"type": "sqlite", "path": str(self.ledger),
                                                            "actions": {"put": {"table": "talk", "key": "id"}}}}},
            "deliveries": [
                {"name": "ledger", "to": "ledger", "entity": "interaction", "action": "put", "mapping": "test/interaction.out",
                 "purpose": "service.support"},
                {"name": "answers", "to": "bluesky", "entity": "interaction", "action": "reply", "mapping": "bluesky/reply.out",
                 "purpose": "service.support"}]},
            secrets={("bluesky", "password"): "pw-brand"},
            mappings={"test/interaction.out": INTERACTION_OUT, "test/answer": ANSWER})
        self.gateway.start()

    def rows(self, sql, *parameters):
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            return database.execute(sql, parameters).fetchall()

    def posts_come_by_pages(self):
        posts = self.pds.posts("zoe")
        assert len(posts) > POSTS, len(posts)
        result = self.gateway.sync("bluesky", "posts_of")
        equal((result["records"], result["quarantined"]), (len(posts), 0), "records and quarantined")
        equal(self.gateway.settled("ledger")["dead"], 0, "dead letters")
        got = {row[0]: row[1:] for row in self.rows("SELECT reply_to, body, direction, who FROM talk WHERE direction = 'inbound'")}
        equal(got, {p["uri"]: (p["value"]["text"], "inbound", self.pds.accounts["zoe"]["did"]) for p in posts}, "posts")
        equal(self.gateway.sync("bluesky", "posts_of")["changed"], 0, "changed in a second read")
        print(f"COUNTS {len(posts)} posts", flush=True)

    def comments_are_interactions(self):
        equal(self.rows("SELECT kind, thread FROM talk WHERE reply_to = ?", self.comment["uri"]),
              [("social_comment", self.topic["uri"])], "the comment")

    def answered(self):
        """The brand's posts that answer the comment."""
        return [p for p in self.pds.posts("brand") if p["value"].get("reply", {}).get("parent", {}).get("uri") == self.comment["uri"]]

    def answers_are_written(self):
        with contextlib.closing(sqlite3.connect(self.answers)) as database:
            database.execute("INSERT INTO answer VALUES (1, ?, '2026-01-06T10:00:00Z', ?, ?)",
                             (f"Ja, ab Montag. {STAMP}", self.topic["uri"], self.comment["uri"]))
            database.commit()
        equal(self.gateway.sync("desk", "answers")["changed"], 1, "changed")
        wait_until(self.answered, "the answer")
        counts = self.gateway.settled("bluesky")
        equal((counts["delivered"], counts["dead"]), (1, 0), "delivered and dead: what came from Bluesky must not go back")
        posts = self.answered()
        equal([(p["value"]["text"], p["value"]["reply"]["root"]["uri"]) for p in posts],
              [(f"Ja, ab Montag. {STAMP}", self.topic["uri"])], "answers")

    def own_posts(self):
        """What the brand wrote itself, the answer of the gateway among it."""
        posts = self.pds.posts("brand")
        equal(self.gateway.sync("bluesky", "posts")["records"], len(posts), "records")
        equal(len(self.answered()), 1, "answers: an answer that is read must not be sent again")

    def close(self):
        self.gateway.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def resends_and_sessions(pds, brand):
    """Through a wire that sees the calls: the same push twice is one post, and a session that has run out is renewed."""
    build_talk()
    wire = Wire(pds.url, pds.jwt_secret)
    try:
        connection = {"connector": "bluesky", "settings": {"url": f"http://127.0.0.1:{wire.port}", "identifier": "brand.test"}}
        talk = Talk(connection | {"credentials": {"password": "pw-brand"}})
        equal(talk("check"), {"ok": True}, "check")
        record = {"reply_to": brand.comment["uri"], "text": f"Noch da? {STAMP}", "createdAt": "2026-01-07T10:00:00Z"}
        before = len(pds.posts("brand"))
        push = lambda key, what=record: talk("push", action="reply", items=[{"record": what, "idempotency_key": key}])["outcomes"][0]  # noqa: E731
        first, again = push("a"), push("a")
        assert first.get("remote_id", "").startswith(f"at://{pds.accounts['brand']['did']}/app.bsky.feed.post/"), first
        equal(again, first, "the second push of one item")
        equal(len(pds.posts("brand")), before + 1, "posts after two pushes of one item")
        other = push("b")
        assert other["remote_id"] != first["remote_id"], "another item of the same moment is another post"
        logins = wire.calls.count("com.atproto.server.createSession")
        equal(logins, 1, "log-ins so far")

        wire.spoil, wire.answers = 1, []
        equal(talk("check"), {"ok": True}, "check with a token that has run out")
        equal(wire.answers, [("com.atproto.server.getSession", 400, "ExpiredToken")], "what the PDS says to it")
        equal((wire.calls.count("com.atproto.server.refreshSession"), wire.calls.count("com.atproto.server.createSession")), (1, 1),
              "renewals and log-ins")
        # What was renewed and is refused at once is no longer good for anything: then there is a log-in.
        wire.spoil = 1
        equal(talk("check"), {"ok": True}, "check after a second refusal")
        equal((wire.calls.count("com.atproto.server.refreshSession"), wire.calls.count("com.atproto.server.createSession")), (1, 2),
              "renewals and log-ins after a second refusal")
        wire.spoil = 2
        equal(talk("check")["error"]["fault"], "unauthorized", "fault when a fresh session is refused too")
        wire.spoil = 0

        gone = push("c", record | {"reply_to": brand.comment["uri"][:-3] + "222"})
        equal(gone["error"]["fault"], "not_found", "fault of an answer to a post that is not there")
        long = push("d", record | {"text": "x" * 3001})
        equal(long["error"]["fault"], "bad_input", "fault of a text that is too long")
        for made in (first, other):
            done = talk("push", action="reply", items=[{"record": record, "remote_id": made["remote_id"], "deleted": True, "idempotency_key": "e"}])
            assert "error" not in done["outcomes"][0], done
        equal(len(pds.posts("brand")), before, "posts after they were removed")
        bad = Talk(connection | {"credentials": {"password": "wrong"}})("check")
        equal(bad["error"]["fault"], "unauthorized", "fault of a wrong password")
    finally:
        wire.close()


def main():
    verdicts = peers.Verdicts()
    try:
        pds = peers.Bluesky()
    except Unavailable as reason:
        verdicts.skip("Bluesky", reason)
        return verdicts
    try:
        brand = Brand(pds)
        try:
            verdicts.case("posts come page by page, and a cursor on the last page ends nothing too early", brand.posts_come_by_pages)
            verdicts.case("a comment is an interaction in its thread", brand.comments_are_interactions)
            verdicts.case("an answer is written below the comment", brand.answers_are_written)
            verdicts.case("the account's own posts are read and not sent again", brand.own_posts)
            verdicts.case("a resend is the same post, and a session that has run out is renewed once",
                          lambda: resends_and_sessions(pds, brand))
        finally:
            verdicts.case("the gateway ends well", brand.close)
    finally:
        pds.close()
    return verdicts


if __name__ == "__main__":
    main().exit()
