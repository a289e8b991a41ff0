#!/usr/bin/env python3
"""Messages of customers become cases at a service desk and notices to staff: one for a conversation, also when the gateway is
killed in the middle; the desk's own changes come back and make no case.

  --kills N   how often the gateway is killed, default 6
"""
import argparse
import datetime
import http.client
import json
import pathlib
import random
import re
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import Gateway, Refused, Verdicts, eventually, standard_headers  # noqa: E402
from receiver import Receiver  # noqa: E402
from service_desk import ServiceDesk  # noqa: E402

SECRET = "whsec_c2VydmljZS10ZXN0LXNlY3JldC0xMjM0NTY="
MESSAGE = """mapping: talk/message
to: interaction
fields:
  kind: { value: email }
  direction: { value: inbound }
  channel: { value: mail }
  subject: data.subject
  body: data.text
  thread_key: data.thread
  started_at: data.at
  contact:
    link: contact
    key: data.from
    fields: { emails: [ data.from ], name.full: data.name }
"""
NOTICE = """mapping: talk/notice.out
from: case
to: external
skip: { any: [ { path: interaction_refs, empty: true }, { path: status, not_in: [new, reopened] } ] }
fields: { number: number, kind: kind, priority: priority, status: status, due: resolve_due, channel: channel }
"""
CONFIG = """
service: { rules: service_rules.yaml }
connections:
  talk:
    connector: webhook
    credentials: { webhook_secret: "${secret:talk#webhook_secret}" }
    webhooks: {}
    streams: { message: { mapping: talk/message } }
  desk:
    connector: redmine
    settings: { url: "http://127.0.0.1:%(desk)d" }
    credentials: { api_key: "${secret:desk#api_key}" }
    network: { allow: [127.0.0.1], ports: [%(desk)d] }
    streams: { issues: { mapping: redmine/issue } }
  staff:
    connector: webhook
    settings: { url: "http://127.0.0.1:%(staff)d/notices", type: case.notice }
    credentials: { webhook_secret: "${secret:talk#webhook_secret}" }
    network: { allow: [127.0.0.1], ports: [%(staff)d] }
deliveries:
  - { name: desk-cases, to: desk, entity: case, action: upsert_case, mapping: redmine/case.out, purpose: service.support, retry: { schedule: [200ms] } }
  - { name: desk-privacy, to: desk, entity: case, action: upsert_case, mapping: redmine/privacy_case.out, purpose: legal.privacy_request, retry: { schedule: [200ms] } }
  - { name: notices, to: staff, entity: case, action: send, mapping: talk/notice.out, purpose: service.staff_notice, on_permanent_failure: skip, retry: { schedule: [200ms] } }
"""
BUSY_DESK = 0.05  # seconds between its change and its answer, while the gateway is killed


def guide():
    """The guide's configuration passes `check`, and its commands do what it says."""
    text = (pathlib.Path(__file__).resolve().parents[2] / "docs/service.md").read_text()
    section, = re.findall(r"```yaml\n(.*?)```", text, re.S)
    with Gateway("guide") as gateway:
        gateway.configure(section + """connections:
  desk: { connector: redmine, settings: { url: "http://127.0.0.1:1" }, credentials: "${secret:desk}" }
  team: { connector: slack, credentials: "${secret:team}" }
""")
        gateway.write("service_rules.yaml", (pathlib.Path(__file__).resolve().parents[2] / "config/service_rules.yaml").read_text())
        checked = gateway.cli("check")
        assert checked.code == 0, f"check: {checked}"
        commands, = re.findall(r"```sh\n(.*?)```", text, re.S)
        assert "mapping test service_rules" in commands and "service try - --kind social_comment" in commands, commands
        tested = gateway.cli("mapping", "test", "service_rules")
        assert tested.code == 0 and tested.json["passed"] > 10 and tested.json["failed"] == 0, f"mapping test: {tested}"
        said = commands.split('echo "')[1].split('"')[0]
        tried = gateway.cli("service", "try", "-", "--kind", "social_comment", stdin=said).json
        assert tried["rule"] == "angry-post" and tried["case"]["description"] == said and tried["case"]["kind"] == "complaint", tried
        interaction = json.dumps({"kind": "email", "direction": "outbound", "body": "broken"})
        assert gateway.cli("service", "try", "-", stdin=interaction).json == {"spoken": False}
        gateway.configure(section.replace("service: {}", ""))
        without = gateway.cli("service", "try", "-", stdin="x")
        assert without.code == 1, f"without a service section: {without}"


def moment(minutes=0):
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1) + datetime.timedelta(minutes=minutes)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def of(found, number):
    return [issue for issue in found if number in issue["subject"]]


class Service:
    def __init__(self, gateway, desk, staff, kills):
        self.gateway, self.desk, self.staff, self.kills = gateway, desk, staff, kills
        self.sent = 0

    def say(self, thread, text, minutes=0, who="ann", again=120):
        """One signed webhook, sent until it is answered well."""
        self.sent += 1
        number = f"m{self.sent}"
        body = json.dumps({"type": "message", "id": number, "data": {
            "id": number, "thread": thread, "text": text, "subject": f"About {thread}", "from": f"{who}@example.com",
            "name": who.title(), "at": moment(minutes)}}).encode()
        ends = time.monotonic() + again
        while time.monotonic() < ends:
            try:
                status = self.gateway.post("talk", body, standard_headers(body, SECRET, f"w{number}"))[0]
                if status in (200, 202):
                    return
                assert status in (429, 503), f"webhook answered {status}"
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.05)
        raise Refused(f"{number} was never accepted")

    def settled(self):
        assert self.gateway.quiet(60), "something still waits: " + self.gateway.last_words()

    def notices(self, number=""):
        return [r["data"] for r in self.staff.records() if number in r["data"]["number"]]

    def one_case(self):
        self.say("t1", "My teapot is broken, I want a refund!")
        self.settled()
        found = self.desk.all()
        assert len(found) == 1, f"{len(found)} issues"
        issue = found[0]
        self.number = issue["subject"].split("]")[0].strip("[")
        assert issue["subject"] == f"[{self.number}] About t1", issue["subject"]
        assert issue["description"] == "From: ann@example.com (mail)\n\nMy teapot is broken, I want a refund!", issue
        assert issue["priority"]["name"] == "High" and issue["project"]["name"] == "support" and issue["due_date"], issue
        notices = self.notices()
        assert len(notices) == 1 and notices[0]["kind"] == "complaint" and notices[0]["number"] == self.number, notices
        told = json.dumps(self.staff.records())
        assert "teapot" not in told and "ann@" not in told and "Ann" not in told, "the notice tells who wrote what: " + told

    def follow_up(self):
        self.say("t1", "Any news?", 5)
        self.settled()
        found = self.desk.all()
        assert len(found) == 1, f"{len(found)} issues"
        assert "broken" in found[0]["description"] and found[0]["description"].endswith("---\nAny news?"), found[0]["description"]

    def no_case(self):
        before = len(self.desk.journal)
        self.say("t2", "Thank you", who="bob")  # a mail: it gets one by the rule written-to-us
        self.settled()
        assert len(self.desk.all()) == 2 and len(self.desk.journal) == before + 1, self.desk.journal

    def privacy(self):
        self.say("t1", "Please delete my personal data.", 10)
        self.settled()
        found = [issue for issue in self.desk.all() if issue["project"]["name"] == "privacy"]
        assert len(found) == 1, f"{len(found)} privacy issues"
        due = datetime.date.fromisoformat(found[0]["due_date"])
        days = (due - datetime.date.today()).days
        assert 27 <= days <= 31, f"due in {days} days"
        assert [n["kind"] for n in self.notices()].count("privacy_request") == 1, self.notices()

    def desk_closes(self):
        notices, opened = len(self.notices()), len(self.desk.all())
        issue = of(self.desk.all(), self.number)[0]
        with self.desk.lock:
            self.desk.alter(issue["id"], {"status_id": 5})
            journal = len(self.desk.journal)
        self.gateway.cli("sync", "run", "desk", "issues", check=True)
        self.settled()
        assert len(self.desk.journal) == journal, f"sent back: {self.desk.journal[journal:]}"
        assert len(self.notices()) == notices, self.notices()[notices:]
        # The customer is not content.
        self.say("t1", "It came broken again.", 20)
        self.settled()
        assert len(self.desk.all()) == opened, "a second issue"
        issue = of(self.desk.all(), self.number)[0]
        assert issue["status"]["name"] == "New" and "broken again" in issue["description"], issue
        assert self.notices(self.number)[-1]["status"] == "reopened", self.notices(self.number)
        self.gateway.cli("sync", "run", "desk", "issues", check=True)
        self.settled()
        assert len(self.desk.all()) == opened and self.notices(self.number)[-1]["status"] == "reopened"

    def audit(self):
        entries = self.gateway.cli("audit", "verify", check=True)
        assert entries.code == 0, entries

    def killed(self, threads=16, rounds=3):
        """Each of `threads` customers writes `rounds` mails while the gateway dies again and again."""
        before = {issue["id"] for issue in self.desk.all()}
        told = len(self.notices())
        self.desk.slow = BUSY_DESK
        dice, done = random.Random(7), threading.Event()

        def writer(own):
            for i in range(rounds):
                for thread in own:
                    self.say_as(thread, i)

        writers = [threading.Thread(target=writer, args=(range(n, threads, 4),)) for n in range(4)]
        self.counter = threading.Lock()
        for one in writers:
            one.start()
        for _ in range(self.kills):
            time.sleep(dice.uniform(0.2, 0.9))
            self.gateway.kill()
            self.gateway.start()
        for one in writers:
            one.join(120)
        done.set()
        self.desk.slow = 0.0
        self.settled()
        fresh = [issue for issue in self.desk.all() if issue["id"] not in before]
        by_thread = {}
        for issue in fresh:
            by_thread.setdefault(issue["subject"].split("About ")[1], []).append(issue)
        lost = [f"k{n}" for n in range(threads) if f"k{n}" not in by_thread]
        doubled = {thread: len(issues) for thread, issues in by_thread.items() if len(issues) > 1}
        assert not lost and not doubled, f"lost {lost}, doubled {doubled}"
        for thread, (issue,) in by_thread.items():
            counts = [issue["description"].count(f"broken {thread} {i}!") for i in range(rounds)]
            assert counts == [1] * rounds, f"{thread}: its messages stand there {counts} times"
        notices = self.notices()[told:]
        numbers = {issue["subject"].split("]")[0].strip("[") for issue in fresh}
        assert {n["number"] for n in notices} == numbers, "notices lost"
        print(f"COUNTS {self.kills} kills, {threads} conversations of {rounds} messages: 0 lost, 0 doubled", flush=True)

    def say_as(self, thread, i):
        number = f"k{thread}-{i}"
        body = json.dumps({"type": "message", "id": number, "data": {
            "id": number, "thread": f"k{thread}", "text": f"broken k{thread} {i}!", "subject": f"About k{thread}",
            "from": f"c{thread}@example.com", "name": f"C {thread}", "at": moment(i)}}).encode()
        ends = time.monotonic() + 120
        while time.monotonic() < ends:
            try:
                if self.gateway.post("talk", body, standard_headers(body, SECRET, "w" + number))[0] in (200, 202):
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.02)
        raise Refused(f"{number} was never accepted")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=6)
    kills = options.parse_args().kills
    verdicts = Verdicts()
    verdicts.run("what the guide shows works", guide)
    with ServiceDesk() as desk, Receiver() as staff, Gateway("service") as gateway:
        gateway.write("mappings/talk/message.yaml", MESSAGE)
        gateway.write("mappings/talk/notice.out.yaml", NOTICE)
        rules = pathlib.Path(__file__).resolve().parents[2] / "config/service_rules.yaml"
        gateway.write("service_rules.yaml", rules.read_text())
        gateway.configure(CONFIG % {"desk": desk.port, "staff": staff.port})
        gateway.init([("talk", "webhook_secret", SECRET), ("desk", "api_key", "k")])
        gateway.cli("check", check=True)
        gateway.start()
        them = Service(gateway, desk, staff, kills)
        verdicts.run("a complaint becomes one case and one notice that names nobody", them.one_case)
        verdicts.run("a follow-up joins it", them.follow_up)
        verdicts.run("another conversation is another case", them.no_case)
        verdicts.run("a privacy request is a case of its own, due in a month", them.privacy)
        verdicts.run("the desk closes it, nothing goes back; the customer reopens it", them.desk_closes)
        verdicts.run("killed in the middle: nothing lost, nothing doubled", them.killed)
        verdicts.run("the audit trail holds", them.audit)
        code = gateway.stop()
        verdicts.check("SIGTERM stops it with exit code 0", code == 0, f"exit {code}: {gateway.last_words()}")
    return verdicts.exit_code()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, Refused) as error:
        print(f"FAIL the gateway starts: {error}".replace("\n", " | "))
        sys.exit(1)
