#!/usr/bin/env python3
"""Tryton and Redmine, live: their connectors read what changed, write once, and say clearly what went wrong.

A system is taken as peers.py finds or starts it; where it cannot run here its test is skipped and says so.
"""
import contextlib
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import peers

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TRIBUTARY_BUILD", ROOT / "build/asan"))
STAMP = str(time.time_ns())


def build_talk():
    subprocess.run(["cmake", "--build", str(BUILD), "--target", "connector_talk"], check=True, stdout=subprocess.DEVNULL)


class Talk:
    def __init__(self, connection):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".json")
        json.dump(dict(connection, networks=["127.0.0.0/8"]), self.file)
        self.file.flush()
        self.process = subprocess.Popen([str(BUILD / "tests/connector_talk"), str(ROOT / "connectors"), self.file.name],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, what, **command):
        self.process.stdin.write(json.dumps({"do": what, **command}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def read(self, stream, cursor=""):
        records = []
        while True:
            page = self("pull", stream=stream, cursor=cursor)
            assert "error" not in page, page
            records += page["records"]
            cursor = page["cursor"]
            if page["last"]:
                return records, cursor

    def push(self, action, record, **more):
        return self("push", action=action, items=[{"record": record, "idempotency_key": "k", **more}])["outcomes"][0]


def same(actual, expected, what):
    assert actual == expected, f"{what}: {actual!r} instead of {expected!r}"


def party(code, phone, street):
    return {"code": code, "name": f"Live {code}", "contact_mechanisms": [{"type": "phone", "value": phone}, {"type": "email", "value": f"{code}@example.com"}],
            "addresses": [{"street": street, "postal_code": "12209", "city": "Berlin", "country": "DE"}]}


def tryton_reads_and_writes(tryton):
    erp = {"connector": "tryton", "settings": {"url": "http://127.0.0.1:18000", "database": "demo", "user": "admin"}, "credentials": {"password": "admin123"}}
    talk = Talk(erp)
    same(talk("check"), {"ok": True}, "check")
    began = datetime.datetime.now(datetime.timezone.utc)
    everything, cursor = talk.read("parties")
    assert len(everything) > 100, len(everything)
    ids = [record["id"] for record in everything]
    same(len(set(ids)), len(ids), "keys are unique")
    sales, _ = talk.read("sales")
    assert sales and sales[0]["record"]["lines"] and sales[0]["record"]["currency"]["code"], sales[:1]

    code = "LIVE-" + STAMP
    made = talk.push("upsert_party", party(code, "+4930111", "Obere Str. 57"))
    again = talk.push("upsert_party", party(code, "+4930111", "Obere Str. 57"))
    same(again["remote_id"], made["remote_id"], "a resend finds the party by its code")
    same(talk("look_up", action="upsert_party", items=[{"record": {"code": code}}])["remote_id"], made["remote_id"], "look up")
    talk.push("upsert_party", party(code, "+4930222", "Neue Str. 1"), remote_id=made["remote_id"])
    now = talk("fetch", stream="parties", id=made["remote_id"])["record"]["record"]
    same(sorted(m["value"] for m in now["contact_mechanisms"]), ["+4930222", f"{code}@example.com"], "contact mechanisms")
    same([a["street"] for a in now["addresses"]], ["Neue Str. 1"], "addresses")
    stale = talk.push("upsert_party", party(code, "+4930222", "Neue Str. 1"), remote_id="99999999")
    same(stale["remote_id"], made["remote_id"], "an id that is gone is found again by its code")

    changed, cursor = talk.read("parties", cursor)
    assert made["remote_id"] in [record["id"] for record in changed], "the new party is among what changed"
    bound = tryton.parties_to_read_again(began)
    assert len(changed) <= bound, f"{len(changed)} parties were read, only {bound} changed in the look-back"
    bad = talk.push("upsert_party", {"code": code + "b", "name": "x", "contact_mechanisms": [{"type": "nonsense", "value": "y"}]})
    same(bad["error"]["fault"], "bad_input", "a wrong field")
    talk.push("upsert_party", {}, remote_id=made["remote_id"], deleted=True)
    assert not talk("fetch", stream="parties", id=made["remote_id"])["record"]["record"]["active"], "archived"
    same(talk("fetch", stream="parties", id="99999999")["error"]["fault"], "not_found", "a party that is not there")
    same(Talk(dict(erp, credentials={"password": "wrong"}))("check")["error"]["fault"], "unauthorized", "a wrong password")
    print(f"COUNTS tryton {len(everything)} parties, {len(sales)} sales, {len(changed)} changed")


def redmine_reads_and_writes(redmine):
    desk = {"connector": "redmine", "settings": {"url": "http://127.0.0.1:13002"}, "credentials": {"api_key": redmine.key}}
    talk = Talk(desk)
    same(talk("check"), {"ok": True}, "check")
    everything, cursor = talk.read("issues")
    users, _ = talk.read("users")
    totals = [redmine.get(page)["total_count"] for page in ("issues.json?limit=1&status_id=*", "users.json?limit=1")]
    same([len(everything), len(users)], totals, "what Redmine itself counts")
    issue = {"project_id": "support", "subject": f"Order {STAMP} + damaged", "description": "Größe falsch", "tracker_id": 1, "priority_id": 2}
    made = talk.push("create_issue", issue)
    found = talk("look_up", action="create_issue", items=[{"record": issue}])
    same(found["remote_id"], made["remote_id"], "look up")
    none = talk("look_up", action="create_issue", items=[{"record": dict(issue, subject="never " + STAMP)}])
    same(none["found"], False, "look up of nothing")
    # Redmine's search drops the one letter by which these two differ.
    alike = talk("look_up", action="create_issue", items=[{"record": dict(issue, subject=f"Order {STAMP} 1 damaged")}])
    same(alike["found"], False, "look up of a subject like that of another issue")
    talk.push("upsert_issue", {"subject": f"Order {STAMP} settled"}, remote_id=made["remote_id"])
    now = talk("fetch", stream="issues", id=made["remote_id"])["record"]["record"]
    same((now["subject"], now["description"]), (f"Order {STAMP} settled", "Größe falsch"), "the changed issue")
    changed, _ = talk.read("issues", cursor)
    assert made["remote_id"] in [record["id"] for record in changed], "the new issue is among what changed"
    same(talk.push("create_issue", {"project_id": "support"})["error"]["fault"], "bad_input", "an issue without a subject")
    same(talk("fetch", stream="issues", id="999999")["error"]["fault"], "not_found", "an issue that is not there")
    same(Talk(dict(desk, credentials={"api_key": "wrong"}))("check")["error"]["fault"], "unauthorized", "a wrong key")
    print(f"COUNTS redmine {len(everything)} issues, {len(users)} users, {len(changed)} changed")


SYSTEMS = {"tryton": (peers.Tryton, tryton_reads_and_writes), "redmine": (peers.Redmine, redmine_reads_and_writes)}


def main():
    build_talk()
    verdicts = peers.Verdicts()
    for name, (system, test) in SYSTEMS.items():
        case = f"{name} reads what changed and writes once"
        try:
            with contextlib.closing(system()) as peer:
                verdicts.case(case, lambda: test(peer))
        except peers.Unavailable as reason:
            verdicts.skip(case, reason)
    return verdicts


if __name__ == "__main__":
    main().exit()
