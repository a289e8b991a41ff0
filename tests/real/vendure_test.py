#!/usr/bin/env python3
"""A live Vendure as a shop: orders and customers page by page, changes alone after that, its events as thin webhooks, and
customers written back."""
import contextlib
import json
import pathlib
import shutil
import sqlite3
import tempfile
import time

import peers
from connectors_test import Talk, build_talk
from peers import Unavailable, equal, wait_until

SEEDED = 105  # more than one page of orders and of customers
STAMP = str(time.time_ns())
SECRET = "a-long-random-text-" + STAMP

CONTACT_OUT = """mapping: test/contact.out
from: contact
to: external
fields: { id: id, name: name.full, email: "emails[0].address", phone: "phones[0].e164", city: "addresses[0].city" }
"""
ORDER_OUT = """mapping: test/order.out
from: order
to: external
fields:
  id: id
  number: number
  status: status
  paid: financial_status
  currency: currency
  total: total.minor
  tax: tax.minor
  customer: contact_ref.external_id
  lines: { each: lines, fields: { sku: sku, quantity: { from: quantity, as: number }, total: total.minor } }
"""
PERSON = """mapping: test/person
to: contact
fields: { name.given: given, name.family: family, emails: [ mail ], phones: [ { from: phone } ], addresses: [ { fields: { lines: [ street ], city: city, postal_code: zip, country: country } } ] }
"""
TABLES = """
CREATE TABLE contact(id TEXT PRIMARY KEY, name TEXT, email TEXT, phone TEXT, city TEXT);
CREATE TABLE "order"(id TEXT PRIMARY KEY, number TEXT, status TEXT, paid TEXT, currency TEXT, total INTEGER, tax INTEGER, customer TEXT, lines TEXT);
"""


class Shop:
    def __init__(self, vendure):
        self.vendure = vendure
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-shop-"))
        self.ledger, self.people = self.folder / "ledger.db", self.folder / "people.db"
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            database.executescript(TABLES)
        with contextlib.closing(sqlite3.connect(self.people)) as database:
            database.execute("CREATE TABLE person(id INTEGER PRIMARY KEY, given TEXT, family TEXT, mail TEXT, phone TEXT, street TEXT, "
                             "city TEXT, zip TEXT, country TEXT)")
        self.gateway = peers.Gateway({
            "connections": {
                "vendure": vendure.connection | {"webhooks": {}, "streams": {"orders": {"mapping": "vendure/order"},
                                                                             "customers": {"mapping": "vendure/customer"}}},
                "people": {"connector": "sql", "settings": {"type": "sqlite", "path": str(self.people),
                                                            "streams": {"people": {"table": "person", "key": "id"}}},
                           "streams": {"people": {"mapping": "test/person"}}},
                "ledger": {"connector": "sql", "settings": {"type": "sqlite", "path": str(self.ledger), "actions": {
                    "put_contact": {"table": "contact", "key": "id"}, "put_order": {"table": "order", "key": "id"}}}}},
            "deliveries": [
                {"name": "ledger-contact", "to": "ledger", "entity": "contact", "action": "put_contact",
                 "mapping": "test/contact.out", "purpose": "service.order"},
                {"name": "ledger-order", "to": "ledger", "entity": "order", "action": "put_order", "mapping": "test/order.out",
                 "purpose": "service.order"},
                {"name": "customers", "to": "vendure", "entity": "contact", "action": "upsert_customer",
                 "mapping": "vendure/customer.out", "purpose": "service.order"}]},
            secrets={("vendure", "password"): vendure.password, ("vendure", "webhook_secret"): SECRET},
            mappings={"test/contact.out": CONTACT_OUT, "test/order.out": ORDER_OUT, "test/person": PERSON})
        vendure.start(f"http://127.0.0.1:{self.gateway.webhook_port}/hooks/vendure?secret={SECRET}")
        vendure.seed(SEEDED)
        self.gateway.start()

    def rows(self, sql, *parameters):
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            return database.execute(sql, parameters).fetchall()

    def all_orders(self):
        """All placed orders, as the shop lists them in one answer."""
        return self.vendure.ask("{ orders(options: { take: 1000, filter: { orderPlacedAt: { isNull: false } } }) { items { code currencyCode "
                                "totalWithTax customer { id } lines { quantity productVariant { sku } } } } }")[0]["orders"]["items"]

    def first_read(self):
        """Everything, in pages of 100."""
        orders = self.all_orders()
        customers = self.vendure.ask("{ customers(options: { take: 1000 }) { items { id emailAddress } } }")[0]["customers"]["items"]
        assert len(orders) >= SEEDED and len(customers) >= SEEDED, (len(orders), len(customers))
        result = self.gateway.sync("vendure", "customers")
        equal((result["records"], result["quarantined"]), (len(customers), 0), "records and quarantined of customers")
        result = self.gateway.sync("vendure", "orders")
        equal((result["records"], result["quarantined"]), (len(orders), 0), "records and quarantined of orders")
        counts = self.gateway.settled("ledger")
        equal((counts["dead"], counts["withheld"]), (0, 0), "dead and withheld")
        got = {row[0]: row[1:] for row in self.rows('SELECT number, currency, total, status, paid, lines FROM "order"')}
        want = {o["code"]: (o["currencyCode"], o["totalWithTax"], "processing", "paid",
                            [(line["productVariant"]["sku"], line["quantity"]) for line in o["lines"]]) for o in orders}
        equal({code: (*row[:4], [(line["sku"], line["quantity"]) for line in json.loads(row[4])]) for code, row in got.items()},
              want, "orders")
        equal({row[0] for row in self.rows("SELECT email FROM contact")}, {c["emailAddress"] for c in customers}, "customers")
        equal(self.rows("SELECT name, phone, city FROM contact WHERE email = 'zoe1@example.test'")[0][::2], ("Zoë Kunde 1", "Köln"),
              "one of them")
        print(f"COUNTS {len(orders)} orders and {len(customers)} customers", flush=True)

    def changes_alone(self):
        # Outside of the look-back, or the seeded ones would be read again.
        order = self.vendure.ask("{ orders(options: { take: 1, sort: { id: ASC } }) { items { id code } } }")[0]["orders"]["items"][0]
        self.vendure.ask('mutation($id: ID!) { cancelOrder(input: { orderId: $id }) { __typename } }', id=order["id"])
        result = self.gateway.sync("vendure", "orders")
        # The webhook may have been quicker; then the read finds nothing new.
        assert result["changed"] <= 1 and result["quarantined"] == 0, result
        wait_until(lambda: self.rows('SELECT 1 FROM "order" WHERE number = ? AND status = \'cancelled\'', order["code"]),
                   "the cancelled order", 60)
        equal(self.gateway.sync("vendure", "orders")["changed"], 0, "changed in a read after that")

    def webhook(self):
        """A new order: the event holds an id that counts and values that do not; the record is fetched."""
        email = f"anna{STAMP}@example.test"
        self.order_id, code = self.vendure.order(email, "Anna", f"Größe {STAMP}")
        wait_until(lambda: self.rows('SELECT 1 FROM "order" WHERE number = ? AND paid = \'paid\'', code), "the new order by its webhook")
        equal(self.rows('SELECT status, currency, total FROM "order" WHERE number = ?', code)[0][:2], ("processing", "USD"), "order")
        wait_until(lambda: self.rows("SELECT 1 FROM contact WHERE email = ?", email), "its customer")

    def webhooks_of_strangers(self):
        body = json.dumps({"id": self.order_id}).encode()
        for path in ("vendure", "vendure?secret=wrong"):
            status = self.gateway.status_of(path, body, {"Content-Type": "application/json", "X-Vendure-Event": "order"})
            equal(status, 401, f"status of a webhook to {path}")
        status = self.gateway.status_of("vendure", body, {"Content-Type": "application/json", "X-Vendure-Event": "order",
                                                          "X-Vendure-Secret": SECRET})
        equal(status, 200, "status with the secret in a header")

    def write_back(self):
        """A person of another system becomes a customer, and a changed one changes it: no second customer."""
        self.vendure.restart()
        mail = f"maria{STAMP}@example.test"
        with contextlib.closing(sqlite3.connect(self.people)) as database:
            database.execute("INSERT INTO person VALUES (1, 'María', 'Anders', ?, '+49300074321', 'Obere Str. 57', 'Berlin', '12209', 'DE')", (mail,))
            database.commit()
        equal(self.gateway.sync("people", "people")["changed"], 1, "changed")
        find = ("query($e: String!) { customers(options: { filter: { emailAddress: { eq: $e } } }) { totalItems items { firstName lastName "
                "phoneNumber addresses { streetLine1 city country { code } } } } }")
        found = lambda: self.vendure.ask(find, e=mail)[0]["customers"]  # noqa: E731
        wait_until(lambda: found()["totalItems"] == 1 and found()["items"][0]["addresses"], "the new customer")
        equal(found()["items"][0], {"firstName": "María", "lastName": "Anders", "phoneNumber": "+49300074321", "addresses": [
            {"streetLine1": "Obere Str. 57", "city": "Berlin", "country": {"code": "DE"}}]}, "customer")
        with contextlib.closing(sqlite3.connect(self.people)) as database:
            database.execute("UPDATE person SET family = 'Größe', city = 'Köln' WHERE id = 1")
            database.commit()
        equal(self.gateway.sync("people", "people")["changed"], 1, "changed")
        wait_until(lambda: found()["items"][0]["lastName"] == "Größe", "the changed customer")
        equal((found()["totalItems"], found()["items"][0]["addresses"]),
              (1, [{"streetLine1": "Obere Str. 57", "city": "Köln", "country": {"code": "DE"}}]), "customers and their address")
        equal(self.gateway.counts("vendure")["dead"], 0, "dead letters")

    def close(self):
        self.gateway.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def talk_of(vendure, password):
    return Talk({"connector": "vendure", "settings": {"url": vendure.url, "user": vendure.user},
                 "credentials": {"password": password, "webhook_secret": SECRET}})


def without_a_gateway(vendure, order):
    """What the connector says itself: a wrong password, records that are gone, notes found again."""
    build_talk()
    bad = talk_of(vendure, "wrong")("check")
    equal(bad["error"]["fault"], "unauthorized", "fault of a wrong password")
    assert "wrong" not in bad["error"]["text"] and "log-in" in bad["error"]["text"], bad
    talk = talk_of(vendure, vendure.password)
    equal(talk("check"), {"ok": True}, "check")
    equal(talk("fetch", stream="orders", id="999999")["error"]["fault"], "not_found", "fault of an order that is not there")
    note = {"order": order, "note": f"Größe prüfen {STAMP}", "public": False}
    made = talk("push", action="add_order_note", items=[{"record": note, "idempotency_key": "k"}])["outcomes"][0]
    equal(made["remote_id"], order, "remote id of a note")
    equal(talk("look_up", action="add_order_note", items=[{"record": note}]).get("remote_id"), order, "the note, looked up")
    equal(talk("look_up", action="add_order_note", items=[{"record": note | {"note": "never"}}])["found"], False, "another note")
    wrong = talk("push", action="upsert_customer", items=[{"record": {"firstName": "A", "lastName": "B", "emailAddress": "ab@example.test",
                 "address": {"streetLine1": "x", "countryCode": "XX"}}, "idempotency_key": "k"}])["outcomes"][0]
    equal(wrong["error"]["fault"], "bad_input", "fault of a country that is none")


def main():
    verdicts = peers.Verdicts()
    try:
        vendure = peers.Vendure()
    except Unavailable as reason:
        verdicts.skip("Vendure as a shop", reason)
        return verdicts
    try:
        try:
            shop = Shop(vendure)
        except Unavailable as reason:
            verdicts.skip("Vendure as a shop", reason)
            return verdicts
        try:
            verdicts.case("orders and customers come page by page, to the cent", shop.first_read)
            verdicts.case("after a change that one alone changes", shop.changes_alone)
            verdicts.case("the event of a new order is thin, and the order is fetched", shop.webhook)
            verdicts.case("a webhook without the secret is refused", shop.webhooks_of_strangers)
            verdicts.case("customers are written back and changed, never doubled", shop.write_back)
            verdicts.case("faults are told for what they are, and notes are found again",
                          lambda: without_a_gateway(vendure, shop.order_id))
        finally:
            verdicts.case("the gateway ends well", shop.close)
    finally:
        vendure.close()
    return verdicts


if __name__ == "__main__":
    main().exit()
