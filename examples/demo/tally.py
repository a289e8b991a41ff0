"""The demo's reckoning: what the gateway says happened, beside what was put in and what arrived."""
from erp import count


class Tally:
    def __init__(self, erp, shop, receiver, status, runs, events, crm):
        self.erp, self.shop, self.receiver, self.status, self.runs, self.events, self.crm = \
            erp, shop, receiver, status, runs, events, crm
        self.lines = []

    def destination(self, name):
        return next(row for row in self.status["destinations"] if row["destination"] == name)

    def streams(self, connection, *names):
        """Sums over rows of `status`; without names: all of the connection."""
        rows = [row for row in self.status["streams"]
                if row["connection"] == connection and (not names or row["stream"] in names)]
        return {key: sum(row[key] for row in rows)
                for key in ("accepted", "duplicate", "mapped", "unchanged", "quarantined")}

    def table(self):
        refused = self.status["webhooks_refused"]
        rows = [("from", "sent", "refused", "duplicate", "accepted", "mapped", "quarantined", "unchanged")]
        for stream in ("customers", "orders"):
            one = self.streams("erp", stream)
            rows.append((f"ERP {stream}", one["accepted"], "", "", one["accepted"], one["mapped"], one["quarantined"],
                         one["unchanged"]))
        shop = self.streams("webshop")
        rows.append(("shop webhooks", self.shop.sent(), sum(refused.values()), shop["duplicate"], shop["accepted"],
                     shop["mapped"], shop["quarantined"], ""))
        parts = [columns(rows)]
        for reason, number in sorted(refused.items()):
            parts.append(f"  refused: {reason} {number}")
        rows = [("to", "delivered", "retried", "superseded", "withheld", "dead", "waiting")]
        for row in self.status["destinations"]:
            rows.append((row["destination"], row["delivered"], row["retried"], row["superseded"], row["withheld"],
                         row["dead"], row["queued"]))
        parts += ["", columns(rows)]
        parts += ["", f"  {self.status['records']} source records make {self.status['customers']} customers"]
        return "\n".join(parts)

    def expect(self, what, left, right):
        self.lines.append((left == right, what, left, right))

    def check(self):
        """Compares; what does not agree."""
        self._check_intake()
        self._check_outcome()
        return [f"{what}: {left} is not {right}" for ok, what, left, right in self.lines if not ok]

    def sums(self):
        return "\n".join(f"  {'ok ' if ok else 'NOT'}  {what}: {left}" + ("" if ok else f", not {right}")
                         for ok, what, left, right in self.lines)

    def _check_intake(self):
        erp, shop, kinds = self.erp, self.shop, self.shop.kinds
        customers, orders, web = self.streams("erp", "customers"), self.streams("erp", "orders"), self.streams("webshop")
        read = sum(run["records"] for stream, run in self.runs if stream == "customers")
        self.expect("ERP customers read = rows + rows saved again", read, erp.customers + erp.changed + erp.touched)
        self.expect("ERP customers accepted = mapped + quarantined", customers["accepted"],
                    customers["mapped"] + customers["quarantined"])
        self.expect("ERP customers quarantined = bad rows", customers["quarantined"], erp.bad_customers)
        self.expect("ERP customers unchanged = rows saved without a change", customers["unchanged"], erp.touched)
        self.expect("ERP orders accepted = mapped + quarantined", orders["accepted"], orders["mapped"] + orders["quarantined"])
        self.expect("ERP orders quarantined = bad rows", orders["quarantined"], erp.bad_orders)
        self.expect("webhooks sent = accepted + duplicate + refused", shop.sent(),
                    web["accepted"] + web["duplicate"] + sum(self.status["webhooks_refused"].values()) - shop.failed)
        self.expect("webhooks refused = forged ones, each answered 401",
                    (kinds["forged"], self.status["webhooks_refused"].get("signature_mismatch", 0)), (shop.answered(401),) * 2)
        self.expect("webhooks duplicate = those sent twice", web["duplicate"], kinds["duplicate"])
        self.expect("webhooks accepted = mapped + quarantined", web["accepted"], web["mapped"] + web["quarantined"])
        self.expect("webhooks quarantined = malformed + those with a bad total", web["quarantined"],
                    kinds["malformed"] + kinds["refused by the mapping"])

    def _check_outcome(self):
        erp, answers = self.erp, self.receiver.answers
        crm, loyalty, news = (self.destination(name) for name in ("crm", "loyalty", "newsletter"))
        customers = self.status["customers"]
        self.expect("customers in the second database = customers", count(self.crm, "SELECT count(*) FROM customers"), customers)
        self.expect("orders in the second database = good orders of ERP and shop", count(self.crm, "SELECT count(*) FROM orders"),
                    erp.orders - erp.bad_orders + self.shop.kinds["good"])
        self.expect("order totals in the second database = ERP totals + shop totals",
                    round(count(self.crm, "SELECT sum(total) * 100 FROM orders WHERE number LIKE 'SO-%'")),
                    count(erp.path, "SELECT sum(total_cents) FROM orders WHERE order_no >= "
                                    f"'SO-{erp.bad_orders:06}'"))
        self.expect("loyalty members + dead letters = customers", len(self.receiver.held["loyalty"]) + loyalty["dead"], customers)
        self.expect("loyalty dead letters = answers 422", loyalty["dead"], answers["loyalty", 422])
        for name, row in (("loyalty", loyalty), ("newsletter", news)):
            self.expect(f"{name}: delivered = answers 200", row["delivered"], answers[name, 200])
            self.expect(f"{name}: retried = answers 500", row["retried"], answers[name, 500])
        self.expect("no change took effect twice", max(self.receiver.keys.values()), 1)
        given = {event["external_id"] for event in self.events} - \
                {event["external_id"] for event in self.events if event["state"] == "withdrawn"}
        self.expect("newsletter subscribers = those who agreed and did not take it back",
                    len(self.receiver.held["newsletter"]), len(given))
        self.expect("newsletter subscribers + withheld = customers", len(self.receiver.held["newsletter"]) + news["withheld"],
                    customers)
        self.expect("nothing waits", sum(row["queued"] for row in self.status["destinations"]) + self.status["inbox_waiting"], 0)


def columns(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  " + "  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                                      for i, (cell, width) in enumerate(zip(row, widths))) for row in rows)
