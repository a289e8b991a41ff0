#!/usr/bin/env python3
"""A live Tryton as a source: parties by their write date, sales with lines as orders. What Tryton itself says over its
JSON-RPC is what must arrive."""
import contextlib
import datetime
import decimal
import json
import pathlib
import shutil
import sqlite3
import tempfile

import peers
from peers import Unavailable, equal, wait_until

CONTACT_OUT = """mapping: test/contact.out
from: contact
to: external
fields:
  id: id
  number: customer_number
  name: name.full
  status: status
  email: emails[0].address
  phone: phones[0].e164
"""
ORDER_OUT = """mapping: test/order.out
from: order
to: external
fields:
  id: id
  number: number
  status: status
  currency: currency
  customer: contact_ref.external_id
  subtotal: subtotal.minor
  total: total.minor
  lines: { each: lines, fields: { line_no: line_no, quantity: { from: quantity, as: number }, unit_price: unit_price.minor, total: total.minor } }
"""
TABLES = """
CREATE TABLE contact(id TEXT PRIMARY KEY, number TEXT, name TEXT, status TEXT, email TEXT, phone TEXT);
CREATE TABLE "order"(id TEXT PRIMARY KEY, number TEXT, status TEXT, currency TEXT, customer TEXT, subtotal INTEGER, total INTEGER,
                     lines TEXT);
"""


def amount(text):
    return {"__class__": "Decimal", "decimal": text}


def cents(tagged):
    return int(decimal.Decimal(tagged["decimal"]) * 100)


class Source:
    def __init__(self, tryton):
        self.tryton = tryton
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-tryton-"))
        self.ledger = self.folder / "ledger.db"
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            database.executescript(TABLES)
        self.made_parties, self.made_sales = [], []
        self.gateway = peers.Gateway({
            "connections": {
                "tryton": tryton.connection | {"streams": {"parties": {"mapping": "tryton/party"}, "sales": {"mapping": "tryton/sale"}}},
                "ledger": {"connector": "sql", "settings": {"type": "sqlite", "path": str(self.ledger), "actions": {
                    "put_contact": {"table": "contact", "key": "id"}, "put_order": {"table": "order", "key": "id"}}}}},
            "deliveries": [{"name": f"ledger-{entity}", "to": "ledger", "entity": entity, "action": f"put_{entity}",
                            "mapping": f"test/{entity}.out", "purpose": "service.order"} for entity in ("contact", "order")]},
            secrets=tryton.secrets, mappings={"test/contact.out": CONTACT_OUT, "test/order.out": ORDER_OUT})
        self.gateway.start()

    def rows(self, sql, *parameters):
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            return database.execute(sql, parameters).fetchall()

    def make(self):
        """Parties and sales of our own, so that what must arrive is known to the cent."""
        self.made_parties = self.tryton.call("party.party", "create", [
            {"name": f"Flussbau Grün {n} GmbH",
             "addresses": [["create", [{"street": f"Am Wehr {n}", "postal_code": f"{50000 + n}", "city": "Köln"}]]],
             "contact_mechanisms": [["create", [{"type": "email", "value": f"wehr{n}@example.com"},
                                                {"type": "phone", "value": f"+49221200{n:03d}"}]]]} for n in range(12)])
        currency = self.tryton.search_read("currency.currency", [["code", "=", "EUR"]], ["code"])[0]["id"]
        company = self.tryton.search_read("company.company", [], ["currency"])[0]["id"]
        for position, party in enumerate(self.made_parties[:3]):
            address = self.tryton.search_read("party.address", [["party", "=", party]], ["id"])[0]["id"]
            self.made_sales += self.tryton.call("sale.sale", "create", [{
                "party": party, "company": company, "currency": currency, "invoice_address": address, "shipment_address": address,
                "description": f"Schleuse {position}", "lines": [["create", [
                    {"type": "line", "description": "Bohle", "quantity": 3.0, "unit_price": amount("19.99")},
                    {"type": "line", "description": "Anker", "quantity": 0.5 + position, "unit_price": amount("7.1250")}]]]}])
        self.tryton.call("sale.sale", "quote", self.made_sales[:1])

    def total(self, model):
        return self.tryton.rpc(f"model.{model}.search_count", [], self.tryton.context | {"active_test": False})

    def first_run_reads_all(self):
        self.make()
        self.began = datetime.datetime.now(datetime.timezone.utc)
        count = self.total("party.party")
        result = self.gateway.sync("tryton", "parties")
        equal((result["records"], result["changed"], result["quarantined"]), (count, count, 0), "records, changed, quarantined")
        self.gateway.settled("ledger")
        equal(len(self.rows("SELECT id FROM contact")), self.gateway.ask("status")["customers"], "contacts delivered")
        for n in (0, 11):
            equal(self.rows("SELECT status, email, phone FROM contact WHERE name = ?", f"Flussbau Grün {n} GmbH"),
                  [("active", f"wehr{n}@example.com", f"+49221200{n:03d}")], f"party {n}")
        print(f"COUNTS {count} parties read", flush=True)

    def second_run_changes_nothing(self):
        counts = self.gateway.settled("ledger")
        bound = self.tryton.parties_to_read_again(self.began)
        result = self.gateway.sync("tryton", "parties")
        equal((result["changed"], result["unchanged"]), (0, result["records"]), "changed and unchanged")
        assert result["records"] <= bound, f"{result['records']} records were read, only {bound} changed in the look-back"
        equal(self.gateway.settled("ledger"), counts, "counts of the second database")

    def only_the_changed_one(self):
        counts = self.gateway.settled("ledger")
        self.tryton.call("party.party", "write", [self.made_parties[5]], {"name": "Flussbau Grün & Töchter"})
        result = self.gateway.sync("tryton", "parties")
        equal(result["changed"], 1, "changed")
        wait_until(lambda: self.rows("SELECT 1 FROM contact WHERE name = 'Flussbau Grün & Töchter'"), "the renamed party", 30)
        equal(self.gateway.settled("ledger")["delivered"], counts["delivered"] + 1, "delivered")

    def change_of_a_phone(self):
        """Tryton does not touch a party whose contact mechanism changes."""
        row = self.tryton.search_read("party.contact_mechanism", [["party", "=", self.made_parties[6]], ["type", "=", "phone"]], ["id"])
        self.tryton.call("party.contact_mechanism", "write", [row[0]["id"]], {"value": "+49221299999"})
        equal(self.gateway.sync("tryton", "parties")["changed"], 1, "changed")
        wait_until(lambda: self.rows("SELECT 1 FROM contact WHERE phone = '+49221299999'"), "the new phone", 30)

    def archived_is_inactive(self):
        self.tryton.call("party.party", "write", [self.made_parties[7]], {"active": False})
        equal(self.gateway.sync("tryton", "parties")["changed"], 1, "changed")
        wait_until(lambda: self.rows("SELECT 1 FROM contact WHERE name = 'Flussbau Grün 7 GmbH' AND status = 'inactive'"),
                   "the archived party", 30)

    def sales_are_orders(self):
        sales = self.tryton.search_read("sale.sale", [], ["number", "reference", "party", "untaxed_amount", "total_amount", "lines"])
        result = self.gateway.sync("tryton", "sales")
        equal((result["records"], result["quarantined"]), (len(sales), 0), "records and quarantined")
        self.gateway.settled("ledger")
        rows = self.rows('SELECT number, customer, currency, subtotal, total, lines FROM "order"')
        got = [(number, customer, currency, subtotal, total,
                [(float(line["quantity"]), line["total"]) for line in json.loads(text or "[]")])
               for number, customer, currency, subtotal, total, text in rows]
        # A sale that has no number yet goes by its id, which may be the number of another one.
        wanted = []
        for sale in sales:
            lines = self.tryton.search_read("sale.line", [["sale", "=", sale["id"]], ["type", "=", "line"]], ["quantity", "amount"])
            wanted.append((sale["number"] or sale["reference"] or str(sale["id"]), str(sale["party"]), "EUR",
                           cents(sale["untaxed_amount"]), cents(sale["total_amount"]),
                           [(line["quantity"], cents(line["amount"])) for line in lines]))
        equal(sorted(got), sorted(wanted), "orders with their lines")
        equal(sum(row[4] for row in rows), sum(cents(sale["total_amount"]) for sale in sales), "sum of the totals")
        lines = sum(len(row[5]) for row in got)
        print(f"COUNTS {len(sales)} sales with {lines} lines, {sum(row[4] for row in rows) / 100:.2f} EUR", flush=True)

    def changed_line_changes_the_order(self):
        line = self.tryton.search_read("sale.line", [["sale", "=", self.made_sales[1]]], ["id"])[0]["id"]
        self.tryton.call("sale.line", "write", [line], {"quantity": 5.0})
        sale = self.tryton.search_read("sale.sale", [["id", "=", self.made_sales[1]]], ["total_amount"])[0]
        equal(self.gateway.sync("tryton", "sales")["changed"], 1, "changed")
        wait_until(lambda: self.rows('SELECT 1 FROM "order" WHERE number = ? AND total = ?', str(self.made_sales[1]), cents(sale["total_amount"])),
                   "the new total", 30)

    def clean(self):
        if self.made_sales:
            self.tryton.call("sale.sale", "cancel", self.made_sales)
            self.tryton.call("sale.sale", "delete", self.made_sales)
        if self.made_parties:
            self.tryton.call("party.party", "delete", self.made_parties)

    def close(self):
        self.gateway.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    verdicts = peers.Verdicts()
    try:
        tryton = peers.Tryton()
    except Unavailable as reason:
        verdicts.skip("Tryton as a source", reason)
        return verdicts
    try:
        source = Source(tryton)
        try:
            verdicts.case("the first run reads every party", source.first_run_reads_all)
            verdicts.case("a second run changes nothing", source.second_run_changes_nothing)
            verdicts.case("a renamed party alone is a change", source.only_the_changed_one)
            verdicts.case("a changed phone is a change of its party", source.change_of_a_phone)
            verdicts.case("an archived party is inactive", source.archived_is_inactive)
            verdicts.case("sales arrive as orders with their totals", source.sales_are_orders)
            verdicts.case("a changed line changes its order", source.changed_line_changes_the_order)
        finally:
            verdicts.case("what the test wrote into Tryton is gone", source.clean)
            verdicts.case("the gateway ends well", source.close)
    finally:
        tryton.close()
    return verdicts


if __name__ == "__main__":
    main().exit()
