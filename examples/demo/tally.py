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

    def people(self, system):
        return len({record["email"] for record in self.receiver.held[system].values()})

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
        web, both = self.shop.buyers(self.erp.customers)
        parts += ["", f"  {self.status['customers']} customers: {self.erp.customers - self.erp.bad_customers} of the ERP and {web} of "
                      f"the shop alone; {both} are known to both and are one customer each"]
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
        self.expect("webhooks answered 401 = forged ones", shop.answered(401), kinds["forged"])
        self.expect("webhooks refused for their signature = forged ones",
                    self.status["webhooks_refused"].get("signature_mismatch", 0), kinds["forged"])
        self.expect("webhooks duplicate = those sent twice", web["duplicate"], kinds["duplicate"])
        self.expect("webhooks accepted = mapped + quarantined", web["accepted"], web["mapped"] + web["quarantined"])
        self.expect("webhooks quarantined = malformed + those with a bad total", web["quarantined"],
                    kinds["malformed"] + kinds["refused by the mapping"])

    def _check_outcome(self):
        erp, answers = self.erp, self.receiver.answers
        crm, loyalty, news = (self.destination(name) for name in ("crm", "loyalty", "newsletter"))
        customers = self.status["customers"]
        # A customer that was delivered twice before two records turned out to be one stands there under two ids, so people
        # are told apart by their address.
        self.expect("customers in the second database = customers", count(self.crm, "SELECT count(DISTINCT email) FROM customers"),
                    customers)
        self.expect("orders in the second database = good orders of ERP and shop", count(self.crm, "SELECT count(*) FROM orders"),
                    erp.orders - erp.bad_orders + self.shop.kinds["good"])
        self.expect("cents of ERP orders in the second database = cents in the ERP",
                    round(count(self.crm, "SELECT sum(total) * 100 FROM orders WHERE number LIKE 'SO-%'")),
                    count(erp.path, "SELECT sum(total_cents) FROM orders WHERE order_no >= "
                                    f"'SO-{erp.bad_orders:06}'"))
        web, _ = self.shop.buyers(erp.customers)
        self.expect("customers = good ERP customers + buyers whom the shop alone knows", customers,
                    erp.customers - erp.bad_customers + web)
        self.expect("loyalty members + dead letters = customers", self.people("loyalty") + loyalty["dead"], customers)
        self.expect("loyalty dead letters = refusals (422)", loyalty["dead"], answers["loyalty", 422])
        for name, row in (("loyalty", loyalty), ("newsletter", news)):
            self.expect(f"{name}: delivered = answers with 200", row["delivered"], answers[name, 200])
            self.expect(f"{name}: retried = answers with 500", row["retried"], answers[name, 500])
        self.expect("HTTP changes that took effect = idempotency keys", sum(self.receiver.keys.values()), len(self.receiver.keys))
        given = {event["external_id"] for event in self.events} - \
                {event["external_id"] for event in self.events if event["state"] == "withdrawn"}
        self.expect("newsletter subscribers = those who agreed and did not take it back",
                    self.people("newsletter"), len(given))
        self.expect("newsletter subscribers + withheld = customers", self.people("newsletter") + news["withheld"], customers)
        self.expect("nothing waits", sum(row["queued"] for row in self.status["destinations"]) + self.status["inbox_waiting"], 0)


def columns(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  " + "  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                                      for i, (cell, width) in enumerate(zip(row, widths))) for row in rows)
