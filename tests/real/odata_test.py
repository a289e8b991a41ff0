#!/usr/bin/env python3
"""OData v4 and v2 of a live SAP CAP service: read once each, read what changed, write against ETags, carry to a ledger."""
import contextlib
import datetime
import json
import pathlib
import shutil
import sqlite3
import tempfile
import time

import connectors_test
import peers
from connectors_test import STAMP, Talk
from peers import Unavailable, equal, wait_until

LOOK_BACK = datetime.timedelta(seconds=2)
PAUSE = 3.5  # seconds: beyond the look-back and the second to which a server's clock is known


def stream_v4(entities, key, **query):
    return {"request": {"path": f"/odata/v4/API_BUSINESS_PARTNER/{entities}",
                        # By the key: a change that moves a record among the pages would hide another one.
                        "query": {"$orderby": key, "$count": "true", "$filter": "LastChangeDateTime ge {cursor?}", **query}},
            "records": "value", "key": key, "pages": {"type": "next_url", "at": "@odata.nextLink", "total": "@odata.count"},
            "cursor": {"field": "LastChangeDateTime", "format": "rfc3339_ms", "lookback": "2s"},
            "fetch": {"request": {"path": f"/odata/v4/API_BUSINESS_PARTNER/{entities}('{{id}}')"}, "records": "."}}


def stream_v2(entities, key, **query):
    return {"request": {"path": f"/sap/opu/odata/sap/API_BUSINESS_PARTNER/{entities}",
                        "query": {"$format": "json", "$orderby": key, "$inlinecount": "allpages",
                                  "$filter": "LastChangeDateTime ge datetimeoffset'{cursor?}'", **query}},
            "records": "d.results", "key": key, "pages": {"type": "next_url", "at": "d.__next", "total": "d.__count"},
            "cursor": {"field": "LastChangeDateTime", "format": "rfc3339_ms", "read": "odata_v2", "lookback": "2s"}}


def skipping(stream):
    """The same by $top and $skip, as services are read that turn no pages themselves."""
    return stream | {"pages": {"type": "offset", "parameter": "$skip", "size_parameter": "$top", "size": 60, "total": "d.__count"}}


def upsert(service, etag):
    """Read its version, then create it only if it is not there, or change it only if nobody else did."""
    path = f"{service}/A_BusinessPartner('{{record.BusinessPartner|url}}')"
    return {"idempotency": "natural_key", "remote_id": "{record.BusinessPartner}", "steps": [
        {"name": "find", "request": {"path": path}, "save": {"version": etag},
         "errors": [{"when": {"status": 404}, "fault": "none"}]},
        {"name": "create", "when": {"missing": "saved.version"},
         "request": {"method": "POST", "path": f"{service}/A_BusinessPartner", "body": "{record}"}},
        {"name": "change", "when": {"present": "saved.version"},
         "request": {"method": "PATCH", "path": path, "headers": {"If-Match": "{saved.version}"}, "body": "{record}"}}]}


V4, V2 = "/odata/v4/API_BUSINESS_PARTNER", "/sap/opu/odata/sap/API_BUSINESS_PARTNER"
DEFINITION = {
    "base_url": peers.Cap.root,
    "allowed_hosts": ["127.0.0.1:14004", "localhost:14004"],  # __next of v2 names localhost, whatever was asked
    "auth": {"type": "basic", "user": "{credentials.user}", "password": "{credentials.password}"},
    "check": {"path": f"{V4}/A_BusinessPartner", "query": {"$top": "1"}},
    "streams": {"customers": stream_v4("A_BusinessPartner", "BusinessPartner", **{"$expand": "to_BusinessPartnerAddress"}),
                "orders": stream_v4("A_SalesOrder", "SalesOrder"),
                "customers_v2": stream_v2("A_BusinessPartner", "BusinessPartner", **{"$expand": "to_BusinessPartnerAddress"}),
                "orders_v2": stream_v2("A_SalesOrder", "SalesOrder"),
                "orders_skip": skipping(stream_v2("A_SalesOrder", "SalesOrder")),
                "nonsense": {"request": {"path": f"{V4}/A_SalesOrder", "query": {"$filter": "Nothing eq 1"}},
                             "records": "value", "key": "SalesOrder"}},
    "actions": {
        "upsert_customer": upsert(V4, "@odata.etag"),
        "upsert_customer_v2": upsert(V2, "d.__metadata.etag"),
        # The version that the caller saw, for what happens when it is old.
        "change_customer": {"idempotency": "natural_key", "request": {
            "method": "PATCH", "path": f"{V4}/A_BusinessPartner('{{remote_id|url}}')", "headers": {"If-Match": "{record.version?}"},
            "body": {"BusinessPartnerFullName": "{record.name}"}}},
        "change_customer_v2": {"idempotency": "natural_key", "request": {
            "method": "PATCH", "path": f"{V2}/A_BusinessPartner('{{remote_id|url}}')", "headers": {"If-Match": "{record.version?}"},
            "body": {"BusinessPartnerFullName": "{record.name}"}}},
        # PUT on the key is an upsert by itself where the entity has no ETag. The key comes as a literal, quotes doubled.
        "put_order": {"idempotency": "natural_key", "remote_id": "{answer.SalesOrder}", "request": {
            "method": "PUT", "path": f"{V4}/A_SalesOrder('{{record.literal}}')", "body": "{record.fields}"},
            "look_up": {"request": {"path": f"{V4}/A_SalesOrder", "query": {
                            "$filter": "PurchaseOrderByCustomer eq '{record.reference_literal}'", "$orderby": "SalesOrder"}},
                        "results": "value", "match": {"PurchaseOrderByCustomer": "{record.reference}"}, "remote_id": "{found.SalesOrder}"},
            "remove": {"request": {"method": "DELETE", "path": f"{V4}/A_SalesOrder('{{record.literal}}')"}}}}}
CREDENTIALS = {"user": peers.Cap.user, "password": peers.Cap.password}

CUSTOMER = """mapping: test/customer
to: contact
fields:
  customer_number: BusinessPartner
  name.full: BusinessPartnerFullName
  emails: { each: to_BusinessPartnerAddress, item: { from: EmailAddress, on_error: drop } }
  addresses:
    each: to_BusinessPartnerAddress
    where: Country
    fields: { lines: [ StreetName ], city: CityName, postal_code: PostalCode, country: Country }
  updated_at: LastChangeDateTime
"""
ORDER = """mapping: test/order
to: order
defaults: { zone: UTC, currency: TransactionCurrency }
fields:
  number: SalesOrder
  placed_at: { from: [SalesOrderDate, LastChangeDateTime], format: odata }
  currency: { from: TransactionCurrency, default: EUR }
  total: { from: TotalNetAmount, currency: TransactionCurrency, rounding: half_even }
  contact: { link: contact, key: SoldToParty }
"""
CUSTOMER_OUT = """mapping: test/customer.out
from: contact
to: external
fields: { number: customer_number, name: name.full, city: "addresses[0].city", email: "emails[0].address" }
"""
ORDER_OUT = """mapping: test/order.out
from: order
to: external
fields: { number: number, customer: contact_ref.external_id, placed_at: placed_at, total: total.minor, currency: currency }
"""
ORDERS = 130


def literal(text):
    return text.replace("'", "''")


def moment(stamp):
    """Of v4 or v2."""
    if stamp.startswith("/Date("):
        milliseconds = int(stamp[6:].split(")")[0].split("+")[0])
        return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))


class Service:
    """The service through the connector, and what it holds as the service itself tells it."""

    def __init__(self, cap):
        self.cap = cap
        self.talk = Talk({"connector": "http", "settings": {"definition": DEFINITION}, "credentials": CREDENTIALS})
        self.customer = "T" + STAMP[-9:]
        self.second = "U" + STAMP[-9:]
        self.customers, self.orders = {self.customer, self.second}, set()

    def keys(self, entities, key, where=""):
        return sorted(record[key] for record in self.cap.all(entities, where))

    def partner(self, key):
        return self.cap.request("GET", f"A_BusinessPartner('{key}')")

    def etag(self, key):
        return self.partner(key)["@odata.etag"]

    def push(self, action, record, **more):
        outcome = self.talk.push(action, record, **more)
        assert "error" not in outcome, outcome
        return outcome

    def answers(self):
        equal(self.talk("check"), {"ok": True}, "check")
        wrong = Talk({"connector": "http", "settings": {"definition": DEFINITION}, "credentials": CREDENTIALS | {"password": "wrong"}})
        equal(wrong("check")["error"]["fault"], "unauthorized", "a wrong password")
        equal(self.talk("pull", stream="nonsense", cursor="")["error"]["fault"], "bad_input", "a filter the service does not know")
        equal(self.talk("fetch", stream="customers", id="nobody")["error"]["fault"], "not_found", "a customer that is not there")

    def each_once(self):
        read = {}
        for stream in ("customers", "customers_v2", "orders", "orders_v2", "orders_skip"):
            entities, key = (("A_BusinessPartner", "BusinessPartner") if stream.startswith("customers") else ("A_SalesOrder", "SalesOrder"))
            first = self.talk("pull", stream=stream, cursor="")
            equal(first["total"], self.cap.count(entities), f"the service's own count of {stream}")
            assert not first["last"], f"{stream} came in one page: nothing was turned"
            read[stream], _ = self.talk.read(stream)
            ids = [record["id"] for record in read[stream]]
            equal(sorted(ids), self.keys(entities, key), f"keys of {stream}")
        for new, old in (("customers", "customers_v2"), ("orders", "orders_v2"), ("orders", "orders_skip")):
            equal([(r["id"], moment(r["record"]["LastChangeDateTime"])) for r in read[old]],
                  [(r["id"], moment(r["record"]["LastChangeDateTime"])) for r in read[new]], f"times of change of {old} and {new}")
        counted = sum(len(record["record"]["to_BusinessPartnerAddress"]) for record in read["customers"])
        equal(counted, self.cap.count("A_BusinessPartnerAddress"), "addresses read along by v4")
        equal(sum(len(record["record"]["to_BusinessPartnerAddress"]["results"]) for record in read["customers_v2"]), counted,
              "addresses read along by v2")
        print(f"COUNTS {len(read['customers'])} customers with {counted} addresses and {len(read['orders'])} orders by v4 and by v2",
              flush=True)

    def changes_only(self, stream):
        """Each run reads what changed since the cursor, less the look-back, and nothing else."""
        def run(cursor):
            since = moment(json.loads(cursor)["since"]) - LOOK_BACK
            wanted = self.keys("A_BusinessPartner", "BusinessPartner",
                               f"LastChangeDateTime ge {since.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}")
            records, cursor = self.talk.read(stream, cursor)
            equal([record["id"] for record in records], wanted, "what changed, and what the look-back reaches")
            return wanted, cursor

        records, cursor = self.talk.read(stream)
        high = max(moment(record["record"]["LastChangeDateTime"]) for record in records)
        assert high - moment(json.loads(cursor)["since"]) < datetime.timedelta(seconds=1), "the cursor lags by more than a clock's second"
        for customer, before in ((self.customer, []), (self.second, [self.customer])):
            time.sleep(PAUSE)
            self.push("upsert_customer", {"BusinessPartner": customer, "BusinessPartnerFullName": f"for {stream}"})
            changed, cursor = run(cursor)
            assert customer in changed and set(before) <= set(changed), f"{customer} in {changed}"
        equal(changed, [self.customer, self.second], "the two that changed last")
        time.sleep(PAUSE)
        self.push("upsert_customer", {"BusinessPartner": self.second, "BusinessPartnerFullName": f"again for {stream}"})
        equal(run(cursor)[0], [self.second], "the one that changed last")

    def stale_versions_are_conflicts(self, action):
        self.push("upsert_customer", {"BusinessPartner": self.customer, "BusinessPartnerFullName": "one"})
        old = self.etag(self.customer)
        self.push(action, {"name": "two", "version": old}, remote_id=self.customer)
        stale = self.talk.push(action, {"name": "three", "version": old}, remote_id=self.customer)
        equal(stale["error"]["fault"], "conflict", "a version that is old")
        equal(stale["ambiguous"], False, "whether a refused write may have happened")
        equal(self.partner(self.customer)["BusinessPartnerFullName"], "two", "name")
        self.push(action, {"name": "three", "version": self.etag(self.customer)}, remote_id=self.customer)
        equal(self.partner(self.customer)["BusinessPartnerFullName"], "three", "name")
        none = self.talk.push(action, {"name": "four"}, remote_id=self.customer)
        assert none["error"]["fault"] == "bad_input" and "428" in none["error"]["text"], none
        gone = self.talk.push(action, {"name": "four", "version": old}, remote_id="nobody")
        equal(gone["error"]["fault"], "conflict", "a customer that is not there")

    def upserts(self, action):
        key = ("A" if action.endswith("v2") else "B") + STAMP[-9:]
        self.customers.add(key)
        record = {"BusinessPartner": key, "BusinessPartnerCategory": "2", "BusinessPartnerFullName": "Größe & Söhne", "SearchTerm1": "S"}
        equal(self.push(action, record)["remote_id"], key, "the new customer's key")
        equal(self.push(action, record)["remote_id"], key, "the key when it is sent again")
        self.push(action, {"BusinessPartner": key, "BusinessPartnerFullName": "O'Neil \"&\" Söhne"})
        now = self.partner(key)
        equal((now["BusinessPartnerFullName"], now["SearchTerm1"]), ("O'Neil \"&\" Söhne", "S"), "name, and what PATCH leaves alone")
        equal(self.cap.count("A_BusinessPartner", f"BusinessPartner eq '{key}'"), 1, "customers of that key")

    def order(self, key, reference, **fields):
        self.orders.add(key)
        return {"literal": literal(key), "reference": reference, "reference_literal": literal(reference),
                "fields": {"PurchaseOrderByCustomer": reference, "SoldToParty": self.customer, "TransactionCurrency": "EUR", **fields}}

    def put_is_an_upsert(self):
        order = self.order("P" + STAMP[-8:], "order " + STAMP, TotalNetAmount="12.500")
        for amount in ("12.500", "13.250"):
            order["fields"]["TotalNetAmount"] = amount
            equal(self.push("put_order", order)["remote_id"], "P" + STAMP[-8:], "key")
        found = self.talk("fetch", stream="orders", id="P" + STAMP[-8:])["record"]["record"]
        equal(found["TotalNetAmount"], "13.250", "amount")
        equal(self.talk("look_up", action="put_order", items=[{"record": order}])["remote_id"], "P" + STAMP[-8:], "look-up")

    def hostile_values(self):
        hostile = ("O'Brien", "x' or '1' eq '1", "'", "a&$filter=1 eq 1", "100% 'a' + #1?", "')/A_BusinessPartner('")
        for number, reference in enumerate(text + STAMP[-6:] for text in hostile):
            order = self.order(f"Q'{number}{STAMP[-6:]}", reference)
            self.push("put_order", order)
            found = self.talk("look_up", action="put_order", items=[{"record": order}])
            equal(found.get("remote_id"), f"Q'{number}{STAMP[-6:]}", f"look-up of {reference}")
            stored = [o for o in self.cap.all("A_SalesOrder") if o["PurchaseOrderByCustomer"] == reference]
            equal(len(stored), 1, f"orders with the reference {reference}")
        # Whoever forgets to double the quotes is refused or finds nothing: never another's order.
        raw = dict(order, reference="x' or '1' eq '1", reference_literal="x' or '1' eq '1")
        equal(self.talk("look_up", action="put_order", items=[{"record": raw}])["found"], False, "look-up with quotes that are not doubled")
        broken = self.talk("look_up", action="put_order", items=[{"record": dict(order, reference_literal="it's")}])
        equal(broken["error"]["fault"], "bad_input", "a lone quote")
        # The filter `url` keeps a key inside its quotes whatever it is.
        equal(self.talk.push("change_customer", {"name": "x", "version": "*"}, remote_id="x'or'y")["error"]["fault"], "not_found",
              "a hostile key")

    def removes(self):
        key = "R" + STAMP[-8:]
        order = self.order(key, "away " + STAMP)
        self.push("put_order", order)
        self.push("put_order", order, remote_id=key, deleted=True)
        equal(self.cap.count("A_SalesOrder", f"SalesOrder eq '{key}'"), 0, "orders")
        equal(self.push("put_order", order, remote_id=key, deleted=True)["already_applied"], True, "deleting what is gone")

    def fill(self):
        """More orders than one page, of customers that are there."""
        known = self.keys("A_BusinessPartner", "BusinessPartner")
        prefix = "N" + STAMP[-5:]
        for number in range(ORDERS):
            key = f"{prefix}{number:04}"
            self.orders.add(key)
            made = self.cap.request("PUT", f"A_SalesOrder('{key}')", {
                "SoldToParty": known[number % len(known)], "TransactionCurrency": ("EUR", "JPY")[number % 2],
                "TotalNetAmount": f"{number}.{'50' if number % 2 == 0 else '00'}", "SalesOrderDate": f"2026-01-{1 + number % 28:02}"})
            assert "status" not in made, made

    def clean(self):
        # Keys stand in URLs here: a quote in one is doubled.
        for key in self.orders:
            self.cap.request("DELETE", f"A_SalesOrder('{literal(key)}')")
        for key in self.customers:
            self.cap.request("DELETE", f"A_BusinessPartner('{key}')", If_Match="*")
        left = [key for key in self.keys("A_SalesOrder", "SalesOrder") if key in self.orders] + [
            key for key in self.keys("A_BusinessPartner", "BusinessPartner") if key in self.customers]
        equal(left, [], "what is left of the test")

    def close(self):
        self.talk.process.stdin.close()
        self.talk.process.wait(30)


class Ledger:
    """A whole gateway between the service and a database: customers by v4, orders by v2."""

    def __init__(self, service):
        self.service = service
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-odata-"))
        self.file = self.folder / "ledger.db"
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            database.executescript("""CREATE TABLE customer(number TEXT PRIMARY KEY, name TEXT, city TEXT, email TEXT);
                CREATE TABLE "order"(number TEXT PRIMARY KEY, customer TEXT, placed_at TEXT, total INTEGER, currency TEXT);""")
        self.gateway = peers.Gateway({
            "connections": {
                "crm": {"connector": "http", "settings": {"definition": DEFINITION}, "credentials": "${secret:crm}",
                        "network": {"allow": ["127.0.0.0/8"], "ports": [14004]},
                        "streams": {"customers": {"mapping": "test/customer"}, "orders_v2": {"mapping": "test/order"}}},
                "ledger": {"connector": "sql", "settings": {"type": "sqlite", "path": str(self.file), "actions": {
                    "put_customer": {"table": "customer", "key": "number"}, "put_order": {"table": "order", "key": "number"}}}}},
            "deliveries": [
                {"name": "customers", "to": "ledger", "entity": "contact", "action": "put_customer", "mapping": "test/customer.out",
                 "purpose": "service.order"},
                {"name": "orders", "to": "ledger", "entity": "order", "action": "put_order", "mapping": "test/order.out",
                 "purpose": "service.order"}]},
            secrets={("crm", field): value for field, value in CREDENTIALS.items()},
            mappings={"test/customer": CUSTOMER, "test/order": ORDER, "test/customer.out": CUSTOMER_OUT, "test/order.out": ORDER_OUT})
        self.gateway.start()

    def rows(self, sql, *parameters):
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            return database.execute(sql, parameters).fetchall()

    def everything_arrives(self):
        cap = self.service.cap
        customers, orders = cap.all("A_BusinessPartner"), cap.all("A_SalesOrder")
        for stream, there in (("customers", customers), ("orders_v2", orders)):
            result = self.gateway.sync("crm", stream)
            equal((result["records"], result["changed"], result["quarantined"]), (len(there), len(there), 0),
                  f"records, changed and quarantined of {stream}")
        counts = self.gateway.settled("ledger")
        equal((counts["delivered"], counts["dead"], counts["withheld"]), (len(customers) + len(orders), 0, 0),
              "delivered, dead and withheld")
        equal(dict(self.rows("SELECT number, name FROM customer")),
              {c["BusinessPartner"]: c["BusinessPartnerFullName"] for c in customers}, "customers")

        def cents(order):  # JPY has none
            amount = order["TotalNetAmount"]
            return None if amount is None else round(float(amount) * (1 if order["TransactionCurrency"] == "JPY" else 100))
        # A day of v2 is a moment in the ledger: its midnight in UTC.
        equal({row[0]: row[1:] for row in self.rows('SELECT number, customer, substr(placed_at, 1, 10), total, currency FROM "order"')},
              {o["SalesOrder"]: (o["SoldToParty"], o["SalesOrderDate"] or o["LastChangeDateTime"][:10], cents(o),
                                 o["TransactionCurrency"] or "EUR") for o in orders}, "orders")
        print(f"COUNTS {len(customers)} customers and {len(orders)} orders of CAP in the ledger", flush=True)

    def a_second_run_changes_nothing(self):
        counts = self.gateway.settled("ledger")
        for stream in ("customers", "orders_v2"):
            equal(self.gateway.sync("crm", stream)["changed"], 0, f"changed of {stream}")
        equal(self.gateway.settled("ledger"), counts, "counts of the ledger")

    def a_change_arrives(self):
        name = f"Umbenannt & Söhne {STAMP}"
        time.sleep(PAUSE)
        self.service.push("upsert_customer", {"BusinessPartner": self.service.customer, "BusinessPartnerFullName": name})
        equal(self.gateway.sync("crm", "customers")["changed"], 1, "changed")
        wait_until(lambda: self.rows("SELECT name FROM customer WHERE number = ?", self.service.customer) == [(name,)],
                   "the customer's new name", 30)

    def close(self):
        self.gateway.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def through_the_connector(verdicts, service):
    verdicts.case("check, a wrong password and what is not there", service.answers)
    verdicts.case("more orders than one page are there", service.fill)
    verdicts.case("v4 and v2 give every key once, as many as the service counts", service.each_once)
    verdicts.case("v4 reads what changed", lambda: service.changes_only("customers"))
    verdicts.case("v2 reads what changed", lambda: service.changes_only("customers_v2"))
    verdicts.case("v4 refuses a stale version and takes a fresh one", lambda: service.stale_versions_are_conflicts("change_customer"))
    verdicts.case("v2 refuses a stale version and takes a fresh one", lambda: service.stale_versions_are_conflicts("change_customer_v2"))
    verdicts.case("v4 creates and changes by one action", lambda: service.upserts("upsert_customer"))
    verdicts.case("v2 creates and changes by one action", lambda: service.upserts("upsert_customer_v2"))
    verdicts.case("PUT on a key is an upsert", service.put_is_an_upsert)
    verdicts.case("quotes and signs in keys and filters stay values", service.hostile_values)
    verdicts.case("orders are removed, once", service.removes)


def main():
    verdicts = peers.Verdicts()
    try:
        if not (connectors_test.BUILD / "tests/connector_talk").exists():
            raise Unavailable(f"connector_talk is not built in {connectors_test.BUILD}")
        cap = peers.Cap()
    except Unavailable as reason:
        verdicts.skip("OData of SAP CAP", reason)
        return verdicts
    try:
        service = Service(cap)
        try:
            through_the_connector(verdicts, service)
            ledger = Ledger(service)
            try:
                verdicts.case("customers and orders reach the ledger", ledger.everything_arrives)
                verdicts.case("a second run changes nothing", ledger.a_second_run_changes_nothing)
                verdicts.case("one change arrives as one", ledger.a_change_arrives)
            finally:
                verdicts.case("the gateway ends well", ledger.close)
        finally:
            verdicts.case("what the test wrote is gone", service.clean)
            service.close()
    finally:
        cap.close()
    return verdicts


if __name__ == "__main__":
    main().exit()
