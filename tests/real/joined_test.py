#!/usr/bin/env python3
"""One person in five real systems: an order in Vendure, a complaint on Bluesky and a mail end as one customer: one party in
Tryton with the order as its sale, two interactions, and one case in Redmine.

Mail and order meet by the e-mail address, which shop and mailbox vouch for. Bluesky tells an account and no address. That the
account is hers she says in her mail, and an operator decides it by `customer link`; nothing is guessed before.
"""
import email.headerregistry
import email.message
import email.utils
import json
import pathlib
import shutil
import smtplib
import tempfile
import time

import mail_test
import peers
from peers import Unavailable, equal, wait_until

STAMP = str(time.time_ns())
HANDLE = "zoe" + STAMP[4:16]  # a server takes 18 letters
MAIL, GIVEN, FAMILY = f"{HANDLE}@customer.test", "Zoë", "Größe"
SECRET = "a-long-random-text-" + STAMP
COMPLAINT = f"Die Kanne kam kaputt an! {STAMP}"
MAILBOX = "u9"
LOOPBACK = ["127.0.0.0/8", "::1/128"]
READS = [("shop", "customers"), ("shop", "orders"), ("social", "posts_of"), ("mailbox", "messages")]

# What became of messages and cases in the gateway, and whose record each one points at.
INTERACTION_OUT = """mapping: test/interaction.out
from: interaction
to: external
fields: { id: id, channel: channel, body: body, contact: contact_ref.id }
"""
CASE_OUT = """mapping: test/case.out
from: case
to: external
fields: { id: id, number: number, kind: kind, contact: contact_ref.id }
"""


def rules():
    """The shipped rules but for one: at this shop a mail alone, without a complaint or a question, opens no case."""
    text = (peers.ROOT / "config/service_rules.yaml").read_text()
    shipped = "name: written-to-us\n    when: { kinds: [email, "
    assert shipped in text, "the shipped rules have changed"
    return text.replace(shipped, shipped.replace("email, ", "")).split("\ntests:\n")[0] + "\n"


class Dollar:
    """Sales in the shop's currency need that currency in the ERP."""

    def __init__(self, erp):
        self.erp, self.made = erp, []
        if not erp.call("currency.currency", "search_count", [["code", "=", "USD"]]):
            rate = {"date": {"__class__": "date", "year": 2020, "month": 1, "day": 1}, "rate": {"__class__": "Decimal", "decimal": "1"}}
            self.made = erp.call("currency.currency", "create", [{
                "name": "US Dollar", "code": "USD", "symbol": "$", "numeric_code": "840", "digits": 2,
                "rounding": {"__class__": "Decimal", "decimal": "0.01"}, "rates": [["create", [rate]]]}])

    def close(self):
        if self.made:
            self.erp.call("currency.currency", "delete", self.made)


class Joined:
    def __init__(self, shop, pds, mail, desk, erp):
        self.shop, self.pds, self.mail, self.desk, self.erp = shop, pds, mail, desk, erp
        self.code = ""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-joined-"))
        (self.folder / "service_rules.yaml").write_text(rules())
        pds.accounts[HANDLE] = pds.account(HANDLE)
        self.did = pds.accounts[HANDLE]["did"]
        mail.empty(MAILBOX)
        self.dollar = Dollar(erp)
        self.parties_before = set(self.parties())
        self.gateway = peers.Gateway(self.settings(), secrets={
            ("vendure", "password"): shop.password, ("vendure", "webhook_secret"): SECRET, ("bluesky", "password"): "pw-brand",
            ("mailbox", "username"): f"{MAILBOX}@example.test", ("mailbox", "password"): f"secret-{MAILBOX}", ("desk", "api_key"): desk.key, **erp.secrets},
            mappings={"test/interaction.out": INTERACTION_OUT, "test/case.out": CASE_OUT})
        shop.start(f"http://127.0.0.1:{self.gateway.webhook_port}/hooks/shop?secret={SECRET}")
        self.gateway.start()

    def settings(self):
        return {
            "service": {"rules": str(self.folder / "service_rules.yaml")},
            "connections": {
                "shop": self.shop.connection | {"webhooks": {}, "trusted_contact_points": True, "streams": {
                    "orders": {"mapping": "vendure/order"}, "customers": {"mapping": "vendure/customer"}}},
                "social": {"connector": "bluesky", "settings": {"url": self.pds.url, "identifier": "brand.test", "watch": f"{HANDLE}.test"},
                           "credentials": "${secret:bluesky}", "network": {"allow": LOOPBACK, "ports": [self.pds.port]},
                           "streams": {"posts_of": {"mapping": "bluesky/public_post"}}},
                "mailbox": {"connector": "imap", "trusted_contact_points": True,
                            "settings": {"host": "localhost", "port": 11993, "ca_file": str(self.mail.ca), "own_domains": ["example.test"],
                                         "streams": {"messages": {"folder": "INBOX"}}},
                            "credentials": "${secret:mailbox}",
                            "network": {"allow": LOOPBACK, "ports": [11993]}, "streams": {"messages": {"mapping": "imap/message"}}},
                "desk": {"connector": "redmine", "settings": {"url": self.desk.url.rstrip("/")}, "credentials": "${secret:desk}",
                         "network": {"allow": LOOPBACK, "ports": [13002]}},
                "erp": self.erp.connection,
                "notes": {"connector": "file", "settings": {"actions": {
                    "append_message": {"path": str(self.folder / "messages.ndjson")},
                    "append_case": {"path": str(self.folder / "cases.ndjson")}}}}},
            "deliveries": [
                {"name": "parties", "to": "erp", "entity": "contact", "action": "upsert_party", "mapping": "tryton/party.out",
                 "purpose": "service.order"},
                {"name": "sales", "to": "erp", "entity": "order", "action": "put_sale", "mapping": "tryton/sale.out",
                 "purpose": "service.order"},
                {"name": "cases", "to": "desk", "entity": "case", "action": "upsert_case", "mapping": "redmine/case.out",
                 "purpose": "service.support"},
                {"name": "messages-noted", "to": "notes", "entity": "interaction", "action": "append_message",
                 "mapping": "test/interaction.out", "purpose": "service.support"},
                {"name": "cases-noted", "to": "notes", "entity": "case", "action": "append_case", "mapping": "test/case.out",
                 "purpose": "service.support"}]}

    # -- what stands in the systems, asked for another way than the gateway does

    def parties(self):
        return self.erp.rpc("model.party.party.search", [], 0, None, None, self.erp.context | {"active_test": False})

    def new_parties(self):
        fields = ["name", "active", "contact_mechanisms"]
        made = sorted(set(self.parties()) - self.parties_before)
        return self.erp.rpc("model.party.party.read", made, fields, self.erp.context) if made else []

    def sales(self):
        return self.erp.search_read("sale.sale", [["reference", "=", self.code]], ["party", "state", "untaxed_amount", "currency.code"]) if self.code else []

    def issues(self):
        found = self.desk.get("issues.json?status_id=*&limit=100&sort=id:desc")["issues"]
        return [issue for issue in found if STAMP in issue["subject"] + (issue["description"] or "")]

    def noted(self, name):
        """What was written of them, by id."""
        file = self.folder / f"{name}.ndjson"
        rows = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return {row["id"]: row for row in rows}

    def read(self, connection, stream):
        """As `sync run` does, without its start-up."""
        return self.gateway.operate("sync.run", connection=connection, stream=stream)

    def customers(self):
        """{customer: its records}, as an operator sees them."""
        page = self.gateway.operate("customer.list")
        equal(len(page["customers"]), page["total"], "customers of the first page")
        return {one["customer"]: self.gateway.operate("customer.show", customer=one["customer"], read_for="service.support")["records"] for one in page["customers"]}

    def record_of(self, connection, external_id):
        """(customer, record) of a contact as that connection knows it."""
        found = [(customer, record["record"]) for customer, records in self.customers().items() for record in records
                 if record["connection"] == connection and (external_id is None or record["external_id"] == external_id)]
        equal(len(found), 1, f"contacts of {connection}")
        return found[0]

    # -- the story

    def order(self):
        """Bought in the shop, told by its webhooks."""
        _, self.code = self.shop.order(MAIL, GIVEN, FAMILY)
        (placed,) = self.shop.ask("query($c: String!) { orders(options: { filter: { code: { eq: $c } } }) { items { subTotal "
                                  "currencyCode } } }", c=self.code)[0]["orders"]["items"]
        (sale,) = wait_until(self.sales, "the sale in Tryton", 90)
        lines = self.erp.search_read("sale.line", [["sale", "=", sale["id"]]], ["quantity", "unit_price"])
        equal([line["quantity"] for line in lines], [2.0], "quantities of the sale's lines")
        unit = float(lines[0]["unit_price"]["decimal"])
        equal((round(unit * 200), sale["currency."]["code"], sale["state"]), (placed["subTotal"], placed["currencyCode"], "draft"),
              "goods in cents, currency and state")

    def complaint(self):
        """A public answer to a post of the brand."""
        topic = self.pds.post("brand", f"Neu im Laden {STAMP}")
        root = {"uri": topic["uri"], "cid": topic["cid"]}
        self.pds.post(HANDLE, COMPLAINT, {"root": root, "parent": root})
        result = self.read("social", "posts_of")
        equal((result["records"], result["quarantined"]), (1, 0), "posts read and quarantined")
        wait_until(self.issues, "the issue in Redmine", 60)

    def letter(self):
        """A mail through Postfix, in which she says which account is hers."""
        message = email.message.EmailMessage()
        message["From"], message["To"] = email.headerregistry.Address(f"{GIVEN} {FAMILY}", addr_spec=MAIL), f"{MAILBOX}@example.test"
        message["Subject"], message["Message-ID"] = f"Bestellung {self.code}", f"<{STAMP}@customer.test>"
        message["Date"] = email.utils.localtime()
        message.set_content(f"Auf Bluesky bin ich {HANDLE}.test. Grüße, {GIVEN}\n")
        with smtplib.SMTP("127.0.0.1", 11025, timeout=20) as post:
            post.send_message(message)
        wait_until(lambda: self.mail.unseen(MAILBOX), "the mail in the mailbox", 20)
        result = self.read("mailbox", "messages")
        equal((result["records"], result["quarantined"]), (1, 0), "mails read and quarantined")

    def one_customer(self):
        for connection, stream in READS[:2]:  # the reconciling read of what came by webhook
            equal(self.read(connection, stream)["quarantined"], 0, f"quarantined of {stream}")
        buyer, bought = self.record_of("shop", None)
        equal(self.record_of("mailbox", MAIL)[0], buyer, "customer of the mail and of the order")
        stranger, account = self.record_of("social", self.did)
        assert stranger != buyer, "the account was linked although nothing says that it is hers"
        self.gateway.ask("customer", "link", bought, account)
        (records,) = self.customers().values()
        equal(sorted(record["connection"] for record in records), ["mailbox", "shop", "social"], "records of the one customer")
        self.gateway.settled("erp")

    def in_tryton(self):
        """All parties that came up meanwhile, not only those with her address."""
        made = self.new_parties()
        equal([(party["name"], bool(party["active"])) for party in made], [(f"{GIVEN} {FAMILY}", True)], "new parties")
        mechanisms = self.erp.search_read("party.contact_mechanism", [["party", "=", made[0]["id"]]], ["type", "value"])
        equal([m["value"] for m in mechanisms if m["type"] == "email"], [MAIL], "e-mail addresses of the party")
        equal([sale["party"] for sale in self.sales()], [made[0]["id"]], "parties of the sales")

    def two_interactions(self):
        (records,) = self.customers().values()
        hers = {record["record"]: record["connection"] for record in records}
        self.gateway.settled("notes")
        messages = self.noted("messages").values()
        equal(sorted((m["channel"], hers.get(m["contact"])) for m in messages), [("bluesky", "social"), ("imap", "mailbox")],
              "interactions, and by which record they are the customer's")
        assert COMPLAINT in [m["body"] for m in messages], "the complaint's text"

    def one_case(self):
        (issue,), (case,) = self.issues(), self.noted("cases").values()
        equal((issue["subject"], issue["project"]["name"], issue["priority"]["name"]),
              (f"[{case['number']}] {COMPLAINT}", "Support", "Urgent"), "the issue")
        equal(case["kind"], "complaint", "kind of the case")
        assert COMPLAINT in issue["description"], issue["description"]
        assert self.did in issue["description"], f"the issue does not say who complains: {issue['description']}"
        equal(case["contact"], self.record_of("social", self.did)[1], "whose case it is")

    def counts(self):
        (records,) = self.customers().values()
        return {"customers": 1, "records": len(records), "parties": len(self.new_parties()), "sales": len(self.sales()),
                "interactions": len(self.noted("messages")), "issues": len(self.issues())}

    def nothing_twice(self):
        before = self.counts()
        for connection, stream in READS:
            result = self.read(connection, stream)
            equal((result["changed"], result["quarantined"]), (0, 0), f"changed and quarantined of {connection} {stream}")
        for name in ("erp", "desk", "notes"):
            settled = self.gateway.settled(name)
            equal((settled["dead"], settled["withheld"]), (0, 0), f"dead letters and withheld of {name}")
        equal(self.counts(), before, "what is there")
        print("COUNTS " + ", ".join(f"{count} {what}" for what, count in before.items()), flush=True)

    # -- the end

    def clean(self):
        for issue in self.issues():
            self.desk.request("DELETE", f"issues/{issue['id']}.json")
        for sale in self.sales():
            self.erp.call("sale.sale", "cancel", [sale["id"]])
            self.erp.call("sale.sale", "delete", [sale["id"]])
        for party in self.new_parties():
            self.erp.call("party.party", "delete", [party["id"]])
        self.dollar.close()
        self.mail.empty(MAILBOX)
        equal(self.issues() or self.sales() or self.new_parties(), [], "what is left")

    def close(self):
        self.gateway.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    verdicts, started = peers.Verdicts(), []
    name = "one person in five systems"
    try:
        try:
            for peer in (peers.Vendure, peers.Bluesky, mail_test.Mail, peers.Redmine, peers.Tryton):
                started.append(peer())
            joined = Joined(*started)
        except Unavailable as reason:
            verdicts.skip(name, reason)
            return verdicts
        try:
            if verdicts.case("an order in Vendure becomes a sale in Tryton", joined.order):
                verdicts.case("a complaint on Bluesky becomes an issue in Redmine", joined.complaint)
                verdicts.case("a mail is read from its mailbox", joined.letter)
                verdicts.case("order and mail are one customer, and the account too once an operator says so", joined.one_customer)
                verdicts.case("in Tryton she is one party, with her sale", joined.in_tryton)
                verdicts.case("her two messages are interactions of that customer", joined.two_interactions)
                verdicts.case("Redmine has one case, which says who complains", joined.one_case)
                verdicts.case("everything read again makes nothing twice", joined.nothing_twice)
        finally:
            verdicts.case("the gateway ends well", joined.close)
            verdicts.case("what the test wrote into Tryton and Redmine is gone", joined.clean)
    finally:
        for peer in reversed(started):
            peer.close()
    return verdicts


if __name__ == "__main__":
    main().exit()
