#!/usr/bin/env python3
"""Northwind, an ERP's data that nobody of this project made, from its database into the canonical model, from there
into a second database and into a live Tryton. Counts and sums must equal those that SQL gives over the original."""
import contextlib
import decimal
import json
import pathlib
import shutil
import sqlite3
import tempfile

import peers
from peers import Unavailable, equal, wait_until

CUSTOMERS, EMPLOYEES, PRODUCTS, ORDERS, LINES = 93, 9, 77, 830, 2155
STREAMS = {"customers": CUSTOMERS, "employees": EMPLOYEES, "products": PRODUCTS, "orders": ORDERS}

# What the second database is given: the canonical records, their fields as columns.
LEDGER = {
    "contact": """mapping: test/contact.out
from: contact
to: external
fields:
  id: id
  customer_number: customer_number
  name: name.full
  company: ext.company
  country: addresses[0].country
  phone: { from: [ "phones[0].e164", "phones[0].raw" ] }
""",
    "employee": """mapping: test/employee.out
from: employee
to: external
fields:
  number: external_ids[0].value
  name: name.full
""",
    "product": """mapping: test/product.out
from: product
to: external
fields:
  sku: sku
  name: name
  status: status
  price: price.minor
""",
    "order": """mapping: test/order.out
from: order
to: external
fields:
  number: number
  customer: contact_ref.external_id
  employee: owner_ref.external_id
  placed_at: placed_at
  currency: currency
  subtotal: subtotal.minor
  shipping: shipping.minor
  total: total.minor
  lines: { each: lines, fields: { line_no: line_no, sku: sku, quantity: { from: quantity, as: number }, total: total.minor } }
""",
}
TABLES = """
CREATE TABLE contact(id TEXT PRIMARY KEY, customer_number TEXT, name TEXT, company TEXT, country TEXT, phone TEXT);
CREATE TABLE employee(number TEXT PRIMARY KEY, name TEXT);
CREATE TABLE product(sku TEXT PRIMARY KEY, name TEXT, status TEXT, price INTEGER);
CREATE TABLE "order"(number TEXT PRIMARY KEY, customer TEXT, employee TEXT, placed_at TEXT, currency TEXT,
                     subtotal INTEGER, shipping INTEGER, total INTEGER, lines TEXT);
"""
KEYS = {"contact": "id", "employee": "number", "product": "sku", "order": "number"}

# SQLite multiplies floats: what lies a millionth of a cent beside a half is that half.
LINE_SUM = """SELECT sum(cast(round(round(UnitPrice * Quantity * (1 - Discount) * 100, 6)) AS INTEGER)) FROM "Order Details" """


def cents(amount):
    return int((amount * 100).quantize(decimal.Decimal(1), rounding=decimal.ROUND_HALF_UP))


class Northwind:
    def __init__(self, tryton):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-northwind-"))
        self.source = self.folder / "northwind.db"
        self.ledger = self.folder / "ledger.db"
        with contextlib.closing(sqlite3.connect(self.source)) as database:
            database.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;")  # it may be made again
            database.executescript(peers.shared_file("data/northwind.sql").read_text())
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            database.executescript(TABLES)
        connections = {
            "erp": {"connector": "sql",
                    "settings": {"type": "sqlite", "path": str(self.source), "streams": {
                        "customers": {"table": "Customers", "key": "CustomerID"},
                        "employees": {"table": "Employees", "key": "EmployeeID", "skip": ["Photo"]},
                        "products": {"table": "Products", "key": "ProductID", "children": {
                            "category": {"table": "Categories", "parent": "CategoryID", "foreign_key": "CategoryID",
                                         "single": True, "columns": ["CategoryName"]}}},
                        "orders": {"table": "Orders", "key": "OrderID", "children": {
                            "lines": {"table": "Order Details", "foreign_key": "OrderID", "order_by": ["ProductID"]}}}}},
                    "streams": {"customers": {"mapping": "northwind/customer"}, "employees": {"mapping": "northwind/employee"},
                                "products": {"mapping": "northwind/product"}, "orders": {"mapping": "northwind/order"}}},
            "ledger": {"connector": "sql", "settings": {"type": "sqlite", "path": str(self.ledger), "actions": {
                f"put_{entity}": {"table": entity, "key": key} for entity, key in KEYS.items()}}},
        }
        deliveries = [{"name": f"ledger-{entity}", "to": "ledger", "entity": entity, "action": f"put_{entity}",
                       "mapping": f"test/{entity}.out", "purpose": "service.order"} for entity in KEYS]
        if tryton:
            connections["tryton"] = tryton.connection
            deliveries.append({"name": "tryton-parties", "to": "tryton", "entity": "contact", "action": "upsert_party",
                               "mapping": "tryton/party.out", "purpose": "service.order"})
        self.gateway = peers.Gateway({"connections": connections, "deliveries": deliveries},
                                     secrets=tryton.secrets if tryton else {},
                                     mappings={f"test/{entity}.out": text for entity, text in LEDGER.items()})
        self.gateway.start()

    def rows(self, file, sql, *parameters):
        with contextlib.closing(sqlite3.connect(file)) as database:
            return database.execute(sql, parameters).fetchall()

    def one(self, file, sql):
        return self.rows(file, sql)[0][0]

    # -- into the canonical model

    def all_streams_arrive(self):
        for stream, count in STREAMS.items():
            result = self.gateway.sync("erp", stream)
            equal(result["records"], count, f"records of {stream}")
            equal(result["quarantined"], 0, f"quarantined of {stream}")
            equal(result["changed"], count, f"changed of {stream}")

    def status_counts_them(self):
        status = self.gateway.ask("status")
        equal({s["stream"]: s["mapped"] for s in status["streams"]}, STREAMS, "mapped by stream")
        equal(status["customers"], CUSTOMERS, "customers")
        equal(status["records"], sum(STREAMS.values()), "records")
        equal(status["dead_letters"], 0, "dead letters")

    def delivered_to_the_ledger(self):
        counts = self.gateway.settled("ledger")
        equal((counts["delivered"], counts["dead"], counts["withheld"]), (sum(STREAMS.values()), 0, 0),
              "delivered, dead and withheld at the second database")
        for entity, stream in zip(KEYS, ("customers", "employees", "products", "orders")):
            equal(self.one(self.ledger, f'SELECT count(*) FROM "{entity}"'), STREAMS[stream], f"rows of {entity}")

    def sums_equal_sql(self):
        lines, of_lines, orders, subtotals, freight, total = self.rows(self.ledger, """
            SELECT sum(json_array_length(lines)), (SELECT sum(json_extract(line.value, '$.total')) FROM "order", json_each(lines) line),
                   count(*), sum(subtotal), sum(shipping), sum(total) FROM "order" """)[0]
        equal(lines, LINES, "lines")
        equal(orders, ORDERS, "orders")
        equal(of_lines, self.one(self.source, LINE_SUM), "sum of the lines in cents")
        equal(subtotals, self.one(self.source, """
            SELECT sum(cast(round(round(s * 100, 6)) AS INTEGER)) FROM
            (SELECT sum(UnitPrice * Quantity * (1 - Discount)) s FROM "Order Details" GROUP BY OrderID)"""),
            "sum of the orders' subtotals in cents")
        equal(freight, self.one(self.source, "SELECT sum(cast(round(Freight * 100) AS INTEGER)) FROM Orders"), "freight in cents")
        equal(total, subtotals + freight, "sum of the totals")
        print(f"COUNTS {ORDERS} orders, {LINES} lines, line totals {of_lines / 100:.2f}, order totals {total / 100:.2f}", flush=True)

    def each_order_is_exact(self):
        wanted = {}
        for number, customer, employee, freight in self.rows(self.source, "SELECT OrderID, CustomerID, EmployeeID, Freight FROM Orders"):
            wanted[str(number)] = [customer, str(employee), decimal.Decimal(str(freight)), {}]
        for order, product, price, quantity, discount in self.rows(
                self.source, 'SELECT OrderID, ProductID, UnitPrice, Quantity, Discount FROM "Order Details"'):
            amount = decimal.Decimal(str(price)) * quantity * (1 - decimal.Decimal(str(discount)))
            wanted[str(order)][3][str(product)] = (quantity, amount)
        got = self.rows(self.ledger, 'SELECT number, customer, employee, shipping, subtotal, total, currency, lines FROM "order"')
        equal({row[0] for row in got}, set(wanted), "order numbers")
        for number, customer, employee, shipping, subtotal, total, currency, lines in got:
            want_customer, want_employee, freight, details = wanted[number]
            exact = sum(amount for _, amount in details.values())
            equal((customer, employee, currency), (want_customer, want_employee, "USD"), f"order {number}")
            equal((shipping, subtotal, total), (cents(freight), cents(exact), cents(exact + freight)), f"amounts of order {number}")
            equal({line["sku"]: (line["quantity"], line["total"]) for line in json.loads(lines)},
                  {sku: (quantity, cents(amount)) for sku, (quantity, amount) in details.items()}, f"lines of order {number}")

    def references_meet(self):
        orphans = self.one(self.ledger, """SELECT count(*) FROM "order" WHERE customer NOT IN (SELECT customer_number FROM contact)
                                           OR employee NOT IN (SELECT number FROM employee)""")
        equal(orphans, 0, "orders whose customer or employee did not arrive")
        equal(self.one(self.ledger, """SELECT count(*) FROM "order", json_each(lines) line
            WHERE json_extract(line.value, '$.sku') NOT IN (SELECT sku FROM product)"""), 0, "lines whose product did not arrive")
        equal(self.rows(self.ledger, "SELECT status, count(*) FROM product GROUP BY status ORDER BY status"),
              [("active", 69), ("archived", 8)], "products by status")
        equal(self.one(self.ledger, "SELECT sum(price) FROM product"),
              self.one(self.source, "SELECT sum(cast(round(UnitPrice * 100) AS INTEGER)) FROM Products"), "sum of the prices in cents")

    def second_run_changes_nothing(self):
        before = self.gateway.settled("ledger")
        for stream, count in STREAMS.items():
            result = self.gateway.sync("erp", stream)
            equal((result["records"], result["changed"], result["unchanged"]), (count, 0, count), f"second run of {stream}")
        equal(self.gateway.settled("ledger"), before, "counts of the second database")

    # -- into Tryton

    def parties(self, tryton):
        codes = self.customers()
        found = tryton.search_read("party.identifier", [["code", "in", codes]], ["party", "code"])
        return {row["code"]: row["party"] for row in found}

    def customers(self):
        """The ids of all customers: their parties carry them as identifiers."""
        ids, page = [], True
        while page:
            page = self.gateway.ask("customer", "list", *(["--after", ids[-1]] if ids else []))["customers"]
            ids += [row["customer"] for row in page]
        return ids

    def parties_in_tryton(self, tryton):
        counts = self.gateway.settled("tryton", 300)
        equal((counts["delivered"], counts["dead"], counts["withheld"]), (CUSTOMERS, 0, 0), "delivered, dead and withheld")
        parties = self.parties(tryton)
        equal(len(parties), CUSTOMERS, "customers with a party")
        equal(len(set(parties.values())), CUSTOMERS, "parties")
        names = {row["name"] for row in tryton.search_read("party.party", [["id", "in", list(parties.values())]], ["name"])}
        wanted = {name.strip() for name, in self.rows(self.source, "SELECT ContactName FROM Customers")}
        equal(names, wanted, "names of the parties")
        mechanisms = tryton.search_read("party.contact_mechanism", [["party", "in", list(parties.values())]], ["party", "type", "value"])
        phones = self.one(self.source, "SELECT count(Phone) + count(Fax) FROM Customers WHERE Phone <> '' OR Fax <> ''")
        same = self.one(self.source, "SELECT count(*) FROM Customers WHERE Phone = Fax")
        equal(len(mechanisms), phones - same, "phones and faxes of the parties")
        addresses = tryton.search_read("party.address", [["party", "in", list(parties.values())]], ["party", "city", "postal_code"])
        equal(sorted((a["city"] or "", a["postal_code"] or "") for a in addresses),
              sorted((city or "", code or "") for city, code in
                     self.rows(self.source, "SELECT City, PostalCode FROM Customers WHERE Country IS NOT NULL")), "addresses")
        print(f"COUNTS {len(parties)} parties, {len(mechanisms)} contact mechanisms, {len(addresses)} addresses in Tryton", flush=True)

    def stamps(self, tryton):
        ids = list(self.parties(tryton).values())
        return {row["id"]: row["_timestamp"] for row in tryton.search_read("party.party", [["id", "in", ids]], ["_timestamp"])}

    def nothing_is_sent_again(self, tryton):
        counts, stamps = self.gateway.settled("tryton"), self.stamps(tryton)
        result = self.gateway.sync("erp", "customers", "--from-start")
        equal((result["changed"], result["unchanged"]), (0, CUSTOMERS), "changed and unchanged")
        equal(self.gateway.settled("tryton"), counts, "counts of Tryton")
        equal(self.stamps(tryton), stamps, "stamps of the parties in Tryton")

    def one_change_is_one_update(self, tryton):
        counts, stamps = self.gateway.settled("tryton"), self.stamps(tryton)
        with contextlib.closing(sqlite3.connect(self.source)) as database:
            database.execute("UPDATE Customers SET ContactName = 'Maria Anders-Lüth', Phone = '030-0074399' WHERE CustomerID = 'ALFKI'")
            database.commit()
        equal(self.gateway.sync("erp", "customers")["changed"], 1, "changed")
        wait_until(lambda: self.gateway.settled("tryton")["delivered"] > counts["delivered"], "the update's delivery")
        after = self.gateway.settled("tryton")
        equal((after["delivered"] - counts["delivered"], after["retried"] - counts["retried"], after["dead"]), (1, 0, 0),
              "delivered, retried and dead")
        found = tryton.search_read("party.party", [["name", "=", "Maria Anders-Lüth"], ["id", "in", list(stamps)]], ["name"])
        equal(len(found), 1, "parties of that name")
        phones = tryton.search_read("party.contact_mechanism", [["party", "=", found[0]["id"]]], ["type", "value_compact"])
        assert "+49300074399" in [p["value_compact"] for p in phones], f"the new phone is not there: {phones}"
        assert "+49300074321" not in [p["value_compact"] for p in phones], f"the old phone is still there: {phones}"
        equal(len(self.parties(tryton)), CUSTOMERS, "parties")
        print("COUNTS one update for one changed customer", flush=True)

    def close(self):
        self.gateway.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def clean(self, tryton):
        ids = list(self.parties(tryton).values())
        if ids:
            tryton.call("party.party", "delete", ids)


def main():
    verdicts = peers.Verdicts()
    try:
        peers.shared_file("data/northwind.sql")
    except Unavailable as reason:
        verdicts.skip("northwind", reason)
        return verdicts
    tryton = None
    try:
        tryton = peers.Tryton()
    except Unavailable as reason:
        absent = reason
    northwind = Northwind(tryton)
    try:
        verdicts.case("every stream of Northwind arrives in the canonical model", northwind.all_streams_arrive)
        verdicts.case("status counts what arrived", northwind.status_counts_them)
        verdicts.case("every record reaches the second database", northwind.delivered_to_the_ledger)
        verdicts.case("sums equal those of SQL", northwind.sums_equal_sql)
        verdicts.case("each order is exact to the cent", northwind.each_order_is_exact)
        verdicts.case("references meet", northwind.references_meet)
        verdicts.case("a second run changes nothing", northwind.second_run_changes_nothing)
        live = {"93 customers are parties in Tryton": northwind.parties_in_tryton,
                "a second run sends Tryton nothing": northwind.nothing_is_sent_again,
                "one changed customer is one update in Tryton": northwind.one_change_is_one_update}
        for name, check in live.items():
            if tryton:
                verdicts.case(name, lambda check=check: check(tryton))
            else:
                verdicts.skip(name, absent)
    finally:
        if tryton:
            verdicts.case("what the test wrote into Tryton is gone", lambda: northwind.clean(tryton))
            tryton.close()
        verdicts.case("the gateway ends well", northwind.close)
    return verdicts


if __name__ == "__main__":
    main().exit()
