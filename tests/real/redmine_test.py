#!/usr/bin/env python3
"""A live Redmine as a service desk: its issues arrive as cases, and cases of another system become issues there, once."""
import contextlib
import pathlib
import shutil
import sqlite3
import tempfile
import time

import peers
from peers import Unavailable, equal, wait_until

CASES = 3
STAMP = str(time.time_ns())

TICKET = """mapping: test/ticket
to: case
fields:
  number: { from: number, as: text }
  subject: subject
  description: text
  priority: priority
  status: { value: new }
"""
CASE_OUT = """mapping: test/case.out
from: case
to: external
fields:
  number: number
  channel: { from: channel, default: tickets }
  subject: subject
  description: description
  status: status
  priority: priority
"""


class Desk:
    def __init__(self, redmine):
        self.redmine = redmine
        self.made = []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-redmine-"))
        self.tickets, self.ledger = self.folder / "tickets.db", self.folder / "ledger.db"
        with contextlib.closing(sqlite3.connect(self.tickets)) as database:
            database.execute("CREATE TABLE ticket(number INTEGER PRIMARY KEY, subject TEXT, text TEXT, priority TEXT)")
            database.executemany("INSERT INTO ticket VALUES (?, ?, ?, 'high')",
                                 [(n, f"Größe {n} & Farbe {STAMP}", f"Paket {n} ist naß <b>") for n in range(1, CASES + 1)])
            database.commit()
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            database.execute("""CREATE TABLE cases(number TEXT, channel TEXT, subject TEXT, description TEXT, status TEXT, priority TEXT,
                                PRIMARY KEY(number, channel))""")
        self.gateway = peers.Gateway({
            "connections": {
                "tickets": {"connector": "sql", "settings": {"type": "sqlite", "path": str(self.tickets),
                                                             "streams": {"tickets": {"table": "ticket", "key": "number"}}},
                            "streams": {"tickets": {"mapping": "test/ticket"}}},
                "desk": {"connector": "redmine", "settings": {"url": redmine.url.rstrip("/")}, "credentials": "${secret:desk}",
                         "network": {"allow": ["127.0.0.0/8"], "ports": [13002]}, "streams": {"issues": {"mapping": "redmine/issue"}}},
                "ledger": {"connector": "sql", "settings": {"type": "sqlite", "path": str(self.ledger), "actions": {
                    "put_case": {"table": "cases", "key": ["number", "channel"]}}}}},
            "deliveries": [
                {"name": "issues", "to": "desk", "entity": "case", "action": "create_issue", "mapping": "redmine/issue.out",
                 "purpose": "service.support"},
                {"name": "cases", "to": "ledger", "entity": "case", "action": "put_case", "mapping": "test/case.out",
                 "purpose": "service.support"}]},
            secrets={("desk", "api_key"): redmine.key}, mappings={"test/ticket": TICKET, "test/case.out": CASE_OUT})
        self.gateway.start()

    def rows(self, sql, *parameters):
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            return database.execute(sql, parameters).fetchall()

    def issues(self):
        """All issues, as Redmine lists them."""
        found, total = [], 1
        while len(found) < total:
            page = self.redmine.get(f"issues.json?status_id=*&sort=id:asc&limit=100&offset={len(found)}")
            found, total = found + page["issues"], page["total_count"]
        return found

    def ours(self):
        found = [issue for issue in self.issues() if STAMP in issue["subject"]]
        self.made = [issue["id"] for issue in found]
        return found

    def cases_become_issues(self):
        equal(self.gateway.sync("tickets", "tickets")["changed"], CASES, "changed")
        counts = self.gateway.settled("desk")
        equal((counts["delivered"], counts["dead"], counts["withheld"]), (CASES, 0, 0), "delivered, dead and withheld")
        found = self.ours()
        equal([(i["subject"], i["description"], i["priority"]["name"], i["project"]["name"]) for i in
               sorted(found, key=lambda issue: issue["subject"])],
              [(f"Größe {n} & Farbe {STAMP}", f"Paket {n} ist naß <b>", "High", "Support") for n in range(1, CASES + 1)], "issues")

    def nothing_is_opened_twice(self):
        counts = self.gateway.settled("desk")
        equal(self.gateway.sync("tickets", "tickets")["changed"], 0, "changed")
        equal(self.gateway.settled("desk"), counts, "counts of Redmine")
        equal(len(self.ours()), CASES, "issues")

    def issues_become_cases(self):
        issues = self.issues()
        result = self.gateway.sync("desk", "issues")
        equal((result["records"], result["unchanged"], result["quarantined"]), (len(issues), 0, 0),
              "records, unchanged and quarantined")
        self.gateway.settled("ledger")
        got = {row[0]: row[1:] for row in self.rows("SELECT number, subject, description FROM cases WHERE channel = 'redmine'")}
        equal(got, {str(i["id"]): (i["subject"], i["description"] or None) for i in issues}, "cases")
        equal(len(self.issues()), len(issues), "issues: what came from Redmine must not go back there")
        print(f"COUNTS {len(issues)} issues became cases, {CASES} cases became issues", flush=True)

    def a_changed_issue_is_one_change(self):
        self.redmine.request("PUT", f"issues/{self.made[0]}.json", {"issue": {"status_id": 2, "notes": "Wir sehen nach."}})
        equal(self.gateway.sync("desk", "issues")["changed"], 1, "changed")
        wait_until(lambda: self.rows("SELECT 1 FROM cases WHERE number = ? AND status = 'in_progress'", str(self.made[0])),
                   "the issue's new state", 30)

    def clean(self):
        for issue in self.made or [issue["id"] for issue in self.ours()]:
            self.redmine.request("DELETE", f"issues/{issue}.json")

    def close(self):
        self.gateway.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    verdicts = peers.Verdicts()
    try:
        redmine = peers.Redmine()
    except Unavailable as reason:
        verdicts.skip("Redmine as a service desk", reason)
        return verdicts
    try:
        desk = Desk(redmine)
        try:
            verdicts.case("cases of another system become issues", desk.cases_become_issues)
            verdicts.case("a second run opens no issue twice", desk.nothing_is_opened_twice)
            verdicts.case("issues become cases, and none goes back", desk.issues_become_cases)
            verdicts.case("a changed issue is one change", desk.a_changed_issue_is_one_change)
        finally:
            verdicts.case("what the test wrote into Redmine is gone", desk.clean)
            verdicts.case("the gateway ends well", desk.close)
    finally:
        redmine.close()
    return verdicts


if __name__ == "__main__":
    main().exit()
