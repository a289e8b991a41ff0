#!/usr/bin/env python3
"""One person in five systems: a real Vendure order, a real Bluesky complaint and a real mail end as one customer in Tryton with
an order, two interactions and a case in Redmine.

Mail and order meet by the e-mail address, which shop and mailbox vouch for. Bluesky tells an account and no address, so that
the account is hers is decided by hand (`customer link`), as an operator would once she said so; nothing is guessed.
"""
import time

import mail_test
import peers
from peers import Unavailable, equal, wait_until

STAMP = str(time.time_ns())
MAIL, GIVEN, FAMILY = f"zoe{STAMP}@example.test", "Zoë", f"Größe {STAMP}"
SECRET = "a-long-random-text-" + STAMP
COMPLAINT, QUESTION = f"Die Kanne kam kaputt an! {STAMP}", f"Wann bekomme ich Ersatz? {STAMP}"
LOOPBACK = ["127.0.0.0/8"]


class Joined:
    def __init__(self, shop, pds, mail, desk, erp):
        self.shop, self.pds, self.mail, self.desk, self.erp = shop, pds, mail, desk, erp
        self.issues = []
        topic = pds.post("brand", f"Neu im Laden {STAMP}")
        root = {"uri": topic["uri"], "cid": topic["cid"]}
        self.comment = pds.post("zoe", COMPLAINT, {"root": root, "parent": root})
        self.gateway = peers.Gateway({
            "service": {},
            "connections": {
                "shop": shop.connection | {"credentials": "${secret:vendure}", "webhooks": {}, "trusted_contact_points": True, "streams": {
                    "orders": {"mapping": "vendure/order"}, "customers": {"mapping": "vendure/customer"}}},
                "social": {"connector": "bluesky", "settings": {"url": pds.url, "identifier": "brand.test", "watch": "zoe.test"},
                           "credentials": "${secret:bluesky}", "network": {"allow": LOOPBACK, "ports": [pds.port]},
                           "streams": {"posts_of": {"mapping": "bluesky/public_post"}}},
                "mailbox": {"connector": "imap", "trusted_contact_points": True,
                            "settings": {"host": "localhost", "port": 11993, "ca_file": str(mail.ca),
                                         "streams": {"messages": {"folder": "INBOX"}}},
                            "credentials": {"username": "u9@example.test", "password": "${secret:mailbox#password}"},
                            "network": {"allow": [*LOOPBACK, "::1/128"], "ports": [11993]},
                            "streams": {"messages": {"mapping": "imap/message"}}},
                "desk": {"connector": "redmine", "settings": {"url": desk.url.rstrip("/")}, "credentials": "${secret:desk}",
                         "network": {"allow": LOOPBACK, "ports": [13002]}},
                "erp": erp.connection},
            "deliveries": [
                {"name": "parties", "to": "erp", "entity": "contact", "action": "upsert_party", "mapping": "tryton/party.out",
                 "purpose": "service.order"},
                {"name": "sales", "to": "erp", "entity": "order", "action": "put_sale", "mapping": "tryton/sale.out",
                 "purpose": "service.order"},
                {"name": "cases", "to": "desk", "entity": "case", "action": "upsert_case", "mapping": "redmine/case.out",
                 "purpose": "service.support"}]},
            secrets={("vendure", "password"): shop.password, ("vendure", "webhook_secret"): SECRET, ("bluesky", "password"): "pw-brand",
                     ("mailbox", "password"): "secret-u9", ("desk", "api_key"): desk.key, **erp.secrets})
        shop.start(f"http://127.0.0.1:{self.gateway.webhook_port}/hooks/shop?secret={SECRET}")
        shop.seed(1)
        self.gateway.start()

    def order(self):
        """Bought in the shop; its events come as webhooks."""
        _, self.code = self.shop.order(MAIL, GIVEN, FAMILY)
        wait_until(lambda: self.sales(), "the order in Tryton", 90)

    def sales(self):
        return self.erp.search_read("sale.sale", [["reference", "=", self.code]], ["party", "lines"])

    def complaint(self):
        self.gateway.sync("social", "posts_of")
        found = wait_until(lambda: self.cases(STAMP), "the complaint's issue", 60)
        equal([i["description"] for i in found], [COMPLAINT], "issues")

    def mail_in(self):
        self.mail.empty("u9")
        text = (f"From: {GIVEN} {FAMILY} <{MAIL}>\nTo: u9@example.test\nSubject: Ersatz {STAMP}\nMessage-ID: <{STAMP}@example.test>\n"
                f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime())}\nMIME-Version: 1.0\n"
                f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{QUESTION}\n")
        self.mail.put("u9", text.encode())
        result = self.gateway.sync("mailbox", "messages")
        equal((result["records"], result["quarantined"]), (1, 0), "mails read and quarantined")
        wait_until(lambda: len(self.cases(STAMP)) == 2, "the question's issue", 60)

    def cases(self, text):
        found = self.desk.get("issues.json?status_id=*&limit=100&sort=id:desc")["issues"]
        found = [issue for issue in found if text in (issue["description"] or "") + issue["subject"]]
        self.issues = [issue["id"] for issue in found]
        return found

    def records_of(self, connection):
        """[(customer, record)] of one connection's contacts."""
        out, after = [], []
        while True:
            page = self.gateway.ask("customer", "list", *after)["customers"]
            if not page:
                return out
            for one in page:
                shown = self.gateway.ask("customer", "show", one["customer"])
                out += [(one["customer"], r["record"], r["external_id"], shown["golden"]) for r in shown["records"] if r["connection"] == connection]
            after = ["--after", page[-1]["customer"]]

    def one_customer(self):
        in_shop = next(r for r in self.records_of("shop") if MAIL in str(r[3]))
        by_mail = next(r for r in self.records_of("mailbox") if r[2] == MAIL)
        equal(by_mail[0], in_shop[0], "customer of the mail and of the order")
        account = next(r for r in self.records_of("social") if r[2] == self.pds.accounts["zoe"]["did"])
        assert account[0] != in_shop[0], "the account was linked although nothing says that it is hers"
        self.gateway.ask("customer", "link", in_shop[1], account[1])
        account = next(r for r in self.records_of("social") if r[2] == self.pds.accounts["zoe"]["did"])
        in_shop = next(r for r in self.records_of("shop") if MAIL in str(r[3]))
        equal(account[0], in_shop[0], "customer of the account after it was linked")
        self.gateway.settled("erp")

    def in_tryton(self):
        """One party with that address, and its sale."""
        mechanisms = self.erp.search_read("party.contact_mechanism", [["value", "=", MAIL]], ["party"])
        equal(len({m["party"] for m in mechanisms}), 1, "parties with her address")
        (sale,) = self.sales()
        equal((sale["party"], len(sale["lines"])), (mechanisms[0]["party"], 1), "party of the sale, and its lines")

    def nothing_twice(self):
        for connection, stream in (("social", "posts_of"), ("mailbox", "messages"), ("shop", "orders"), ("shop", "customers")):
            self.gateway.sync(connection, stream)
        self.gateway.settled("erp")
        self.gateway.settled("desk")
        equal((len(self.sales()), len(self.cases(STAMP))), (1, 2), "sales and issues")
        for name in ("erp", "desk"):
            equal(self.gateway.counts(name)["dead"], 0, f"dead letters of {name}")

    def clean(self):
        for issue in self.issues:
            self.desk.request("DELETE", f"issues/{issue}.json")

    def close(self):
        self.gateway.end()


def main():
    verdicts, started = peers.Verdicts(), []
    try:
        try:
            for peer in (peers.Vendure, peers.Bluesky, mail_test.Mail, peers.Redmine, peers.Tryton):
                started.append(peer())
            joined = Joined(*started)
        except Unavailable as reason:
            verdicts.skip("one person in five systems", reason)
            return verdicts
        try:
            verdicts.case("an order in Vendure becomes a party with a sale in Tryton", joined.order)
            verdicts.case("a complaint on Bluesky becomes an issue in Redmine", joined.complaint)
            verdicts.case("a mail becomes an issue in Redmine", joined.mail_in)
            verdicts.case("order, mail and, once it is linked, the account are one customer", joined.one_customer)
            verdicts.case("in Tryton she is one party with her sale", joined.in_tryton)
            verdicts.case("everything read again makes nothing twice", joined.nothing_twice)
        finally:
            verdicts.case("what the test wrote into Redmine is gone", joined.clean)
            verdicts.case("the gateway ends well", joined.close)
    finally:
        for peer in reversed(started):
            peer.close()
    return verdicts


if __name__ == "__main__":
    main().exit()
