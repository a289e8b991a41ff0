#!/usr/bin/env python3
"""A real mail server, Dovecot and Postfix: a mailbox is read whole over a kill, new mail comes without a tick of the schedule,
odd charsets are read right, mails of ours go out with STARTTLS and a login, and a bounce of one ends what is sent there."""
import contextlib
import imaplib
import json
import os
import pathlib
import shutil
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import time

import peers
from peers import Unavailable, equal, wait_until

MAILS = 2000
STAMP = str(time.time_ns())

PERSON = """mapping: test/person
to: contact
fields:
  emails: [ email ]
  name.full: name
consent:
  - when: agreed_at
    fields:
      contact_ref: email
      purpose: { value: marketing.email }
      channel: { value: email }
      event_state: { value: given }
      event_time: agreed_at
      origin: { value: subject }
      event_type: { value: explicit }
      proof.kind: { value: doi_token }
      doi.confirmed_at: agreed_at
"""
INTERACTION_OUT = """mapping: test/interaction.out
from: interaction
to: external
fields:
  message: "ext.message_id"
  subject: subject
  body: body
  contact: "contact_ref.external_id"
"""
NEWS_OUT = """mapping: test/news.out
from: contact
to: external
skip: { path: "emails[0].address", empty: true }
fields: { email: "emails[0].address", name: name.full }
"""


class Mail(peers.Peer):
    """Dovecot and Postfix on loopback with virtual users u1 to u20, alice and bob."""

    script, program, url = "mail.sh", "dovecot", "imaps://127.0.0.1:11993"

    def __init__(self):
        self.home = pathlib.Path(os.environ.get("PEERS_HOME", "/var/tmp/tributary-peers"))
        self.started = False
        if os.geteuid() != 0:
            raise Unavailable("the mail server's recipe needs root")
        if not self.listens():
            if not (shutil.which("dovecot") and shutil.which("postfix")):
                self.run("install")
            self.run("start")
            self.started = True
            if not peers.eventually(self.listens, 20):
                raise Unavailable("mail.sh start did not bring it up")
        self.folder = self.home / "mail"
        self.ca = self.folder / "tls/cert.pem"
        if not self.ca.exists():
            raise Unavailable("Dovecot runs, but its certificate is not in PEERS_HOME/mail")

    def run(self, *arguments, **environment):
        """A stop is over when Dovecot's master is gone: until then it refuses to start again."""
        pid_file = self.home / "mail/run/master.pid"
        master = int(pid_file.read_text()) if arguments == ("stop",) and pid_file.exists() else 0
        super().run(*arguments, **environment)
        if master:
            wait_until(lambda: not pathlib.Path(f"/proc/{master}").exists() and not self.listens(), "the end of Dovecot", 30)

    @staticmethod
    def listens():
        for port in (11993, 11587, 11025):
            with contextlib.closing(socket.socket()) as probe:
                probe.settimeout(2)
                if probe.connect_ex(("127.0.0.1", port)) != 0:
                    return False
        return True

    def imap(self, user):
        context = ssl.create_default_context(cafile=str(self.ca))
        box = imaplib.IMAP4_SSL("localhost", 11993, ssl_context=context)
        box.login(f"{user}@example.test", f"secret-{user}")
        return box

    def empty(self, user):
        """A new mailbox: the recipe's mails have the same file names each time, which Dovecot would know again."""
        domain = self.folder / "vmail/example.test"
        shutil.rmtree(domain / user, ignore_errors=True)
        domain.mkdir(parents=True, exist_ok=True)
        shutil.chown(domain, "mail", "mail")

    def subjects(self, user):
        """What the server itself holds: another way than the one under test."""
        with self.imap(user) as box:
            if box.select("INBOX", readonly=True)[1] == [b"0"]:
                return []
            found = box.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
            return sorted(part[1].decode(errors="replace").split(":", 1)[1].strip() for part in found if isinstance(part, tuple))

    def unseen(self, user):
        with self.imap(user) as box:
            return len(box.select("INBOX", readonly=True) and box.search(None, "UNSEEN")[1][0].split())

    def put(self, user, *mails):
        with self.imap(user) as box:
            for mail in mails:
                equal(box.append("INBOX", None, None, mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))[0], "OK", "append")

    def deliver(self, to, subject, text="hello"):
        """Through Postfix, as the world would."""
        with smtplib.SMTP("127.0.0.1", 11025, timeout=20) as post:
            post.sendmail("zoe@customer.test", [to], f"From: Zoe <zoe@customer.test>\r\nTo: {to}\r\nSubject: {subject}\r\n"
                                                    f"Message-ID: <{subject}@customer.test>\r\n\r\n{text}\r\n")


def imap_connection(mail, user, streams, schedules):
    return {"connector": "imap",
            "settings": {"host": "localhost", "port": 11993, "ca_file": str(mail.ca), "own_domains": ["example.test"],
                         "streams": streams},
            "credentials": "${secret:" + user + "}",
            # Whose address it is, is certain: it is how the report finds the customer.
            "trusted_contact_points": True,
            "streams": {name: {"mapping": mapping} | ({"schedule": when} if when else {})
                        for name, (mapping, when) in schedules.items()}}


class Desk:
    """A mailbox (u1) that is read, a mailer that sends as u2, and the bounces that come back to u2."""

    def __init__(self, mail):
        self.mail = mail
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-mail-"))
        for user in ("u1", "u2", "u3", "u4"):
            mail.empty(user)
        self.people = self.folder / "people.db"
        with contextlib.closing(sqlite3.connect(self.people)) as database:
            database.execute("CREATE TABLE person(email TEXT PRIMARY KEY, name TEXT, agreed_at TEXT)")
            database.commit()
        yearly = "0 0 1 1 *"  # due at the start, since it never ran, and then not again in this test
        self.gateway = peers.Gateway({
            "connections": {
                "mailbox": imap_connection(mail, "u1", {"inbox": {"folder": "INBOX", "page": 40}}, {"inbox": ("imap/message", "")}),
                "listened": imap_connection(mail, "u3", {"inbox": {"folder": "INBOX"}}, {"inbox": ("imap/message", yearly)}),
                "returned": imap_connection(mail, "u2", {"bounces": {"folder": "INBOX", "take": "bounces"}},
                                            {"bounces": ("imap/bounce", "")}),
                "people": {"connector": "sql", "settings": {"type": "sqlite", "path": str(self.people), "streams": {
                    "people": {"table": "person", "key": "email"}}}, "trusted_contact_points": True, "streams": {"people": {"mapping": "test/person"}}},
                "mails": {"connector": "file", "settings": {"actions": {"append": {"path": str(self.folder / "mails.ndjson")}}}},
                "mailer": {"connector": "smtp",
                           "settings": {"host": "localhost", "port": 11587, "ca_file": str(mail.ca),
                                        "from": "Acme <u2@example.test>",
                                        "actions": {"news": {"subject": f"Neues für {{name}} {STAMP}", "text": "Grüße, {name}"}}},
                           "credentials": "${secret:u2}"}},
            "deliveries": [
                {"name": "mails", "to": "mails", "entity": "interaction", "action": "append", "mapping": "test/interaction.out",
                 "purpose": "service.support"},
                {"name": "news", "to": "mailer", "entity": "contact", "action": "news", "mapping": "test/news.out",
                 "purpose": "marketing.email", "channel": "email"}]},
            secrets={(user, field): value for user in ("u1", "u2", "u3")
                     for field, value in (("username", f"{user}@example.test"), ("password", f"secret-{user}"))},
            mappings={"test/person": PERSON, "test/interaction.out": INTERACTION_OUT, "test/news.out": NEWS_OUT})

    def rows(self):
        file = self.folder / "mails.ndjson"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def whole_over_a_kill(self):
        self.mail.empty("u1")
        self.mail.run("bulk", str(MAILS), "u1")
        want = [f"Ticket #{n}" for n in range(MAILS)]
        equal(self.mail.subjects("u1"), sorted(want), "mails on the server")
        self.gateway.start()
        command = ["--config", str(self.gateway.config), "--json", "sync", "run", "mailbox", "inbox"]
        with open(self.folder / "sync.log", "wb") as log:
            running = subprocess.Popen([peers.gateway.BINARY, *command], cwd=self.gateway.folder, stdout=log, stderr=log)
        wait_until(lambda: len(self.rows()) > MAILS // 10, "the first mails", 60)
        self.gateway.kill()
        running.wait(60)
        before = len(self.rows())
        assert before < MAILS, "the kill came too late"
        self.gateway.start()
        # The killed run's lease keeps others out until it runs out: two minutes at most.
        wait_until(lambda: self.gateway.cli("sync", "run", "mailbox", "inbox", timeout=120).code == 0, "the run after the kill", 150)
        self.gateway.settled("mails")
        got = [row["subject"] for row in self.rows()]
        lost, doubled = len(set(want) - set(got)), len(got) - len(set(got))
        print(f"COUNTS {MAILS} mails, {before} written before the kill, {lost} lost, {doubled} doubled", flush=True)
        equal((lost, doubled, sorted(got)), (0, 0, sorted(want)), "lost, doubled and written")
        equal(self.mail.unseen("u1"), MAILS, "mails that are still unread")
        again = self.gateway.sync("mailbox", "inbox")
        equal((again["records"], again["changed"]), (0, 0), "records of one more run")

    def charsets(self):
        cases = pathlib.Path(peers.ROOT / "tests/cases/mail")
        names = ["latin1_euro", "iso2022jp", "gb2312_that_is_gb18030", "eight_bit_without_charset", "html_alone", "attachments"]
        self.mail.put("u1", *((cases / f"{name}.eml").read_bytes() for name in names))
        result = self.gateway.sync("mailbox", "inbox")
        equal((result["records"], result["quarantined"]), (len(names), 0), "records and quarantined")
        self.gateway.settled("mails")
        got = {(row["subject"], (row["body"] or "").strip()) for row in self.rows()[MAILS:]}
        wanted = [json.loads((cases / f"{name}.json").read_text()) for name in names]
        subjects = {"html_alone": "News", "attachments": "Files"}
        equal(got, {(want.get("subject", subjects.get(name)), want["text"].strip()) for name, want in zip(names, wanted)},
              "subjects and texts")

    def listens(self):
        """The stream's schedule is due once a year."""
        subject = f"now-{STAMP}"
        wait_until(lambda: '"listened"' in self.gateway.log_text(), "the first run of the stream", 30)
        began = time.monotonic()
        self.mail.deliver("u3@example.test", subject)
        wait_until(lambda: [row for row in self.rows() if row["subject"] == subject], "a mail that was just sent", 30)
        print(f"COUNTS a new mail was there after {time.monotonic() - began:.1f} s", flush=True)

    def person(self, email, name):
        with contextlib.closing(sqlite3.connect(self.people)) as database:
            database.execute("INSERT OR REPLACE INTO person VALUES (?, ?, ?)",
                             (email, name, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))))
            database.commit()
        self.gateway.sync("people", "people")

    def submission(self):
        self.mail.empty("u4")
        self.person("u4@example.test", "Zoë")
        counts = self.gateway.settled("mailer")
        equal((counts["delivered"], counts["dead"]), (1, 0), "delivered and dead")

        def arrived():
            with self.mail.imap("u4") as box:
                box.select("INBOX", readonly=True)
                found = box.fetch("1:*", "(BODY.PEEK[])")[1] if box.search(None, "ALL")[1][0] else []
                return [part[1] for part in found if isinstance(part, tuple)]
        mails = wait_until(arrived, "the mail in u4's mailbox", 20)
        import email
        import email.policy
        message = email.message_from_bytes(mails[0], policy=email.policy.default)
        equal((message["Subject"], message.get_content().strip()), (f"Neues für Zoë {STAMP}", "Grüße, Zoë"), "subject and text")
        equal(len(mails), 1, "mails")
        assert message["Message-ID"].endswith("@example.test>"), message["Message-ID"]
        received = " ".join(map(str, message.get_all("Received")))
        assert "ESMTPSA" in received, f"not by STARTTLS and a login: {received}"

    def bounce(self):
        self.mail.empty("u2")
        # Postfix takes it, Dovecot knows no such mailbox: the answer is a delivery report to u2.
        nobody = f"nobody-{STAMP}@example.test"
        self.person(nobody, "Nobody")
        equal(self.gateway.settled("mailer")["delivered"], 2, "delivered")
        wait_until(lambda: self.mail.subjects("u2"), "the delivery report", 30)
        result = self.gateway.sync("returned", "bounces")
        equal((result["records"], result["quarantined"]), (1, 0), "records and quarantined")
        print("COUNTS 1 bounce came back", flush=True)
        shown = self.gateway.ask("consent", "show", "--connection", "returned", "--external-id", nobody)
        assert "invalidated" in json.dumps(shown), f"consent shows {json.dumps(shown)[:500]}"
        # The report has no name that would link it to the person: the address alone must stop the next mail.
        before = self.gateway.counts("mailer")
        self.person(nobody, "Nobody Else")
        wait_until(lambda: self.gateway.counts("mailer")["withheld"] > before["withheld"], "the mail that is withheld", 30)
        equal(self.gateway.settled("mailer")["delivered"], before["delivered"], "delivered after the bounce")
        shown = self.gateway.ask("consent", "show", "--connection", "people", "--external-id", nobody)
        equal([one["because"] for one in shown["suppressed"]], ["invalidated"], "why the person gets no mail")

    def close(self):
        self.gateway.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    verdicts = peers.Verdicts()
    try:
        mail = Mail()
    except Unavailable as reason:
        verdicts.skip("a mail server", reason)
        return verdicts
    try:
        desk = Desk(mail)
        try:
            if verdicts.case("a mailbox is read whole over a kill, and stays unread", desk.whole_over_a_kill):
                verdicts.case("odd charsets are read as they were meant", desk.charsets)
            verdicts.case("a new mail comes without a tick of the schedule", desk.listens)
            verdicts.case("a mail goes out with STARTTLS and a login", desk.submission)
            verdicts.case("a bounce invalidates the consent of its address, and no more mail goes there", desk.bounce)
        finally:
            verdicts.case("the gateway ends well", desk.close)
    finally:
        mail.close()
    return verdicts


if __name__ == "__main__":
    main().exit()
