#!/usr/bin/env python3
"""Examples 1 to 5: the commands of their READMEs, run as written, end in what the READMEs promise."""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/fakes"))
from gateway import Verdicts  # noqa: E402
from walkthrough import Walkthrough  # noqa: E402

EXAMPLES = ROOT / "examples"


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def webhook_to_file():
    with Walkthrough(EXAMPLES / "1-webhook-to-file", ports=(8080, 8081)) as walk:
        printed = walk.run((walk.work / "README.md").read_text())
        walk.shell("sleep 1")
        written = lines(walk.work / "out/orders.ndjson")
        assert written == [{"order": "#1001", "placed_at": "2026-01-05T09:00:00.000Z", "status": "processing",
                            "total": "25.00", "currency": "EUR", "articles": [{"sku": "TEA-100", "quantity": 2}]}], written
        answers = [line for line in printed.splitlines() if line in ("200", "401")]
        assert answers == ["200", "200", "401", "200"], answers
        letters = json.loads(walk.shell("tributary --config gateway.yaml --json queue list"))["dead_letters"]
        assert [letter["stage"] for letter in letters] == ["map"], letters
        assert "total_price" in letters[0]["cause"] and "subtotal_price" in letters[0]["cause"], letters
        assert "twenty-five" not in json.dumps(letters), "a cause shows a value"


def shop_to_crm():
    with Walkthrough(EXAMPLES / "2-shop-to-crm", ports=(8080, 8081, 9001, 9002)) as walk:
        walk.run((walk.work / "README.md").read_text())
        walk.shell("sleep 1")
        held = json.loads((walk.work / "crm.json").read_text())
        assert len(held["people"]) == 120 and len(held["deals"]) == 298, {kind: len(all) for kind, all in held.items()}
        assert held["people"]["7"]["full_name"].endswith(" Lund"), held["people"]["7"]
        assert held["deals"]["A-0001"]["person"] == "people-2", held["deals"]["A-0001"]
        status = json.loads(walk.shell("tributary --config gateway.yaml --json status"))
        crm = status["destinations"][0]
        assert crm["delivered"] == 120 + 298 + 1, crm
        assert crm["retried"] > 0 and crm["dead"] == 0, crm
        quarantined = sum(row["quarantined"] for row in status["streams"])
        assert quarantined == 2, status["streams"]


def many_sources():
    with Walkthrough(EXAMPLES / "3-many-sources-one-customer", ports=(8080, 8081)) as walk:
        walk.run((walk.work / "README.md").read_text())
        walk.shell("sleep 1")
        status = json.loads(walk.shell("tributary --config gateway.yaml --json status"))
        assert status["customers"] == 5, status
        # The file is a journal: the newest line about Anna has what all three systems know.
        anna = [row for row in lines(walk.work / "out/crm.ndjson") if row.get("number") == "K-1"][-1]
        assert (anna["name"], anna["city"], anna["language"]) == ("Anna Berg", "Berlin", "de"), anna
        told = {row["email"] for row in lines(walk.work / "out/agency.ndjson")}
        assert told == {"anna.berg@example.com", "gina.lund@example.com", "chiara.faber@example.com"}, told
        withheld = json.loads(walk.shell("tributary --config gateway.yaml --json queue withheld"))["withheld"]
        assert sorted(row["reason"] for row in withheld) == ["C-BROADER", "C-UNKNOWN"], withheld
        shown = json.loads(walk.shell(f"tributary --config gateway.yaml --json customer show {anna['customer']} --purpose service.support"))
        assert sorted(row["connection"] for row in shown["records"]) == ["erp", "newsletter", "webshop"], shown["records"]


def own_connector():
    with Walkthrough(EXAMPLES / "4-your-own-connector", ports=(8080, 8081, 9001)) as walk:
        walk.run((walk.work / "README.md").read_text())
        walk.shell("sleep 1")
        written = lines(walk.work / "out/members.ndjson")
        assert {row["number"] for row in written} == {str(n) for n in range(1, 251)}, len(written)
        assert {"number": "7", "name": "Chiara Faber", "mobile": "+491701234007"} in written, written[:3]
        assert "@example.com" in (walk.work / "out/fixtures/members.yaml").read_text()
        assert "Chiara" not in (walk.work / "out/fixtures/members.yaml").read_text()


def plug_in():
    with Walkthrough(EXAMPLES / "5-plug-in", ports=(8080, 8081)) as walk:
        walk.run((walk.work / "README.md").read_text())
        walk.shell("sleep 1")
        vouchers = [line.split()[0] for line in (walk.work / "out/vouchers.txt").read_text().splitlines()]
        assert set(vouchers) == {"anna@example.com", "boris@example.com"}, vouchers
        # A receipt that the till adds is one more record, and no other is read again.
        walk.shell("printf '%-8s%-32s%10s%14s\\n' 00000004 elif@example.com 100 20260106100000 >> receipts.dat")
        run = json.loads(walk.shell("tributary --config gateway.yaml --json sync run shop_till receipts"))
        assert run["records"] == 1, run


if __name__ == "__main__":
    verdicts = Verdicts()
    verdicts.run("example 1: a signed webhook ends as a line in a file", webhook_to_file)
    verdicts.run("example 2: a shop's customers and orders reach a CRM, and only changes travel later", shop_to_crm)
    verdicts.run("example 3: three sources make one customer, and consent withholds the rest", many_sources)
    verdicts.run("example 4: a connector of one's own is tried live, recorded and read", own_connector)
    verdicts.run("example 5: a plug-in is built, read and written to, in a process of its own", plug_in)
    sys.exit(verdicts.exit_code())
