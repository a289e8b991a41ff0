#!/usr/bin/env python3
"""A database that was restored from a dump, with two gateways on it: who withdrew since gets nothing, of who was erased
since nothing is left, and the gateways' ledgers are what remembers."""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
import letters  # noqa: E402
from gateway import Gateway, Verdicts, eventually  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from receiver import Receiver  # noqa: E402

SECRET = "canary-secret-77ab01"
CONFIG = "backup: { ledger: outside/ledger }\n" + letters.CONNECTIONS


class House:
    def __init__(self, server, receiver):
        self.server, self.receiver = server, receiver
        self.database, self.dsn = server.database()
        self.one, self.two = Gateway("postgres-restore-one"), Gateway("postgres-restore-two")
        self.hooks = 0
        for gateway in (self.one, self.two):
            gateway.write("mappings/own/customer.yaml", letters.MAPPING)
            gateway.configure(CONFIG % (receiver.port, receiver.port), store=f'{{ type: postgres, dsn: "{self.dsn}" }}')
        self.one.init([("shop", "webhook_secret", SECRET)])
        shutil.copytree(self.one.folder / "keys", self.two.folder / "keys")

    def close(self):
        for gateway in (self.one, self.two):
            gateway.close()

    def post(self, number):
        self.hooks += 1
        person = {"id": f"C{number}", "name": f"Canary Person {number}", "email": f"canary.{number}@example.com"}
        status = self.one.post_shopify("shop", "customers/create", person, SECRET, f"hook-{self.hooks}")[0]
        assert status == 200, status

    def sql(self, text):
        return self.server.sql(text, self.database).split()

    def erase(self, number):
        customer = self.sql("SELECT l.customer FROM identity_link l JOIN source_record r ON r.uid = l.record "
                            f"WHERE r.external_id = 'C{number}'")[0].removeprefix("\\x")
        customer = "-".join((customer[:8], customer[8:12], customer[12:16], customer[16:20], customer[20:]))
        request = self.one.operate("subject.request", kind="erasure", customer=customer)["request"]
        self.one.operate("subject.verify", request=request, attest="passport, file 4712")
        self.one.operate("subject.approve", request=request)
        return self.one.operate("subject.run", request=request)

    def worked_off(self):
        assert eventually(lambda: self.one.operate("status")["inbox_waiting"] == 0, 60)

    def lines(self):
        ledgers = [gateway.folder / "outside/ledger" for gateway in (self.one, self.two)]
        return [ledger.read_text().count("\n") if ledger.exists() else 0 for ledger in ledgers]

    def mailed(self):
        return letters.mailed(self.receiver)


def forgotten(house):
    """C1 withdraws and C3 is erased after the dump; both ledgers have it."""
    house.one.start()
    house.two.start()
    house.one.operate("queue.pause", destination="letters", reason="test")
    for number in (1, 2, 3):
        house.post(number)
    house.worked_off()
    for number in (1, 2, 3):
        letters.say(house.one, number, "given", 60)
    if not eventually(lambda: house.one.destination("letters").get("queued") == 3, 20):
        return f"{house.one.destination('letters')}"
    house.subject = house.sql("SELECT subject FROM source_record WHERE external_id = 'C3'")[0]
    dump = house.server.program("pg_dump", "-h", house.server.folder, "-U", "tributary", "-Fc", "-f", house.server.folder / "dump", house.database)
    letters.say(house.two, 1, "withdrawn", 30)
    done = house.erase(3)
    if done["state"] != "completed":
        return f"{done}"
    count = len(house.sql("SELECT seq FROM erasure")) + 1
    if not eventually(lambda: house.lines() == [count, count], 10):
        return f"{house.lines()} lines, not {count} {dump}"
    return None


def dumped_back(house):
    """The old database under the old name."""
    for gateway in (house.one, house.two):
        gateway.stop()
    house.server.sql(f"DROP DATABASE {house.database}")
    house.server.sql(f"CREATE DATABASE {house.database}")
    house.server.program("pg_restore", "-h", house.server.folder, "-U", "tributary", "-d", house.database, house.server.folder / "dump")
    if not house.sql("SELECT uid FROM source_record WHERE external_id = 'C3'"):
        return "the dump does not hold who is to be erased"
    return None


def remembered(house):
    """The start of the first gateway brings back what is in its ledger, before anything is sent."""
    house.one.start()
    rows = {table: len(house.sql(f"SELECT 1 FROM {table} WHERE subject = '{house.subject}'"))
            for table in ("source_record", "subject_key", "item", "dead_letter", "consent_event")}
    if any(rows.values()) or house.sql("SELECT uid FROM source_record WHERE external_id = 'C3'"):
        return f"left of who was erased: {rows}"
    if "replayed" not in house.one.log_text() or not house.sql(f"SELECT seq FROM erasure WHERE subject = '{house.subject}'"):
        return house.one.last_words()
    house.two.start()
    if house.mailed():
        return f"sent too early: {house.mailed()}"
    house.one.operate("queue.resume", destination="letters")
    eventually(lambda: "C2" in house.mailed(), 60)
    house.one.quiet()
    print(f"     letters after the restore: {house.mailed().count('C1')} to who withdrew, {house.mailed().count('C3')} to who was "
          f"erased, {house.mailed().count('C2')} to who did neither")
    return None if house.mailed() == ["C2"] else f"sent to {house.mailed()}"


def refused_again(house):
    """What a source still knows of who was erased does not come in."""
    house.post(3)
    house.post(4)
    house.worked_off()
    known = house.sql("SELECT external_id FROM source_record WHERE external_id IN ('C3', 'C4')")
    return None if known == ["C4"] else f"{known}"


def under_way(house):
    """The database goes back while gateways run, as it must not: within seconds the ledger is replayed all the same."""
    letters.say(house.one, 2, "withdrawn", 10)
    before = house.lines()
    if not eventually(lambda: all(now > then for now, then in zip(house.lines(), before)), 20):
        return f"{before} {house.lines()}"
    lines, count = house.lines(), house.sql("SELECT count(*) FROM consent_event")
    house.sql("DELETE FROM consent_event WHERE event = (SELECT event FROM consent_event ORDER BY seq DESC LIMIT 1); "
              "UPDATE outer_ledger SET lines = 0, mac = '', consent_seq = 0, suppression_seq = 0, erasure_seq = 0")
    if not eventually(lambda: "restored under a running gateway" in house.one.log_text() + house.two.log_text(), 20):
        return "nobody was told"
    if not eventually(lambda: house.sql("SELECT count(*) FROM consent_event") == count, 20):
        return f"{house.sql('SELECT count(*) FROM consent_event')} events, {count} before"
    return None if house.lines() == lines else f"{lines} lines became {house.lines()}"


def own_ledger(house):
    """Two gateways with one ledger: the second one does not start, and says why."""
    house.two.stop()
    text = house.two.config.read_text()
    house.two.config.write_text(text.replace("outside/ledger", str(house.one.folder / "outside/ledger")))
    answer = house.two.cli("run", timeout=60)
    house.two.config.write_text(text)
    return None if answer.code != 0 and "give each gateway its own" in answer.err else f"{answer}"


def section(house):
    """Of a store of type postgres `backup` has a ledger and nothing else."""
    text = house.two.config.read_text()
    wrong = []
    for line, words in (("backup: { folder: backups }", ["folder is of", "pg_dump"]),
                        ("backup: { ledger: outside/ledger, schedule: \"0 3 * * *\" }", ["schedule is of", "give `ledger` alone"]),
                        ("backup: {}", ["ledger is missing"])):
        house.two.config.write_text(text.replace("backup: { ledger: outside/ledger }", line))
        answer = house.two.cli("check")
        if answer.code == 0 or any(word not in answer.out + answer.err for word in words):
            wrong.append(f"{line}: {answer}")
    house.two.config.write_text(text)
    return "; ".join(wrong) or None


def main():
    verdicts = Verdicts()
    with PostgresServer() as server, Receiver() as receiver:
        house = House(server, receiver)
        try:
            for name, test in (("both gateways keep a ledger", forgotten), ("the database goes back in time", dumped_back),
                               ("req 24: who withdrew or was erased since is remembered before anything is sent", remembered),
                               ("who was erased does not come in again", refused_again),
                               ("a database that goes back under running gateways is brought up again", under_way),
                               ("each gateway has a ledger of its own", own_ledger),
                               ("what `backup` may hold is checked", section)):
                verdicts.run(name, lambda test=test: test(house))
            house.one.stop()
        finally:
            house.close()
    sys.exit(verdicts.exit_code())


main()
