#!/usr/bin/env python3
"""The data connectors against real systems: MariaDB and PostgreSQL (by their own clients and by ODBC), an SFTP server,
and an S3-compatible store. A reader that is killed in the middle loses and doubles nothing."""
import concurrent.futures
import contextlib
import email.utils
import gzip
import io
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
import zipfile

import peers
from peers import Unavailable, equal, wait_until

CUSTOMERS = 1200


class Digits(float):
    """A number that keeps the digits it came with."""

    def __new__(cls, digits):
        made = super().__new__(cls, digits)
        made.digits = digits
        return made

    def __repr__(self):
        return self.digits


BUILD = pathlib.Path(os.environ.get("TRIBUTARY_BUILD", peers.ROOT / "build/asan"))


class Talk:
    """One connector in a process of its own (connector_talk), which can be killed."""

    def __init__(self, connector, settings, credentials):
        program = BUILD / "tests/connector_talk"
        if not program.exists():
            subprocess.run(["cmake", "--build", str(BUILD), "--target", "connector_talk"], check=True, capture_output=True, timeout=3000)
        self.file = tempfile.NamedTemporaryFile("w", suffix=".json")
        json.dump({"connector": connector, "settings": settings, "credentials": credentials, "networks": ["127.0.0.0/8"]}, self.file)
        self.file.flush()
        self.process = subprocess.Popen([str(program), str(peers.ROOT / "connectors"), self.file.name],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process.stderr.close()
        self.file.close()

    def __call__(self, what, **command):
        self.process.stdin.write(json.dumps({"do": what, **command}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"connector_talk ended: {self.process.stderr.read()[-500:]}"
        return json.loads(line, parse_float=Digits)

    def pages(self, stream, cursor=""):
        """Every page up to the last one."""
        for _ in range(10000):
            page = self("pull", stream=stream, cursor=cursor)
            assert "error" not in page, f"pull {stream}: {page['error']}"
            yield page
            cursor = page["cursor"]
            if page["last"]:
                return
        raise AssertionError(f"{stream} never ends")

    def read(self, stream, cursor=""):
        """The records up to the last page, and the cursor behind it. A broken one fails the test."""
        records = []
        for page in self.pages(stream, cursor):
            equal(page["broken"], 0, f"broken records of {stream}")
            records += page["records"]
        return records, page["cursor"]

    def push(self, action, *records, deleted=False):
        return self("push", action=action, items=[{"idempotency_key": f"k{n}", "record": record, "deleted": deleted}
                                                 for n, record in enumerate(records)])["outcomes"]


class Infra(peers.Peer):
    """One system of infra.sh, by the port that it listens on."""

    script, part, port = "infra.sh", "", 0

    def __init__(self):
        self.home = pathlib.Path(os.environ.get("PEERS_HOME", "/var/tmp/tributary-peers"))
        self.directory = self.home / "infra"
        self.url = f"tcp://127.0.0.1:{self.port}"
        self.started = False
        if not self.listens():
            if not all(map(self.installed, self.programs)):
                self.run("install")
            self.run("start", self.part)
            self.started = True
            if not peers.eventually(self.listens, 30):
                raise Unavailable(f"infra.sh start {self.part} did not bring it up")

    @staticmethod
    def installed(program):
        return shutil.which(program) or pathlib.Path(program).exists()

    def listens(self):
        with contextlib.closing(socket.socket()) as probe:
            probe.settimeout(2)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self):
        if self.started:
            self.run("stop", self.part)


class Maria(Infra):
    part, port, programs = "maria", 13306, ("mariadbd",)

    def sql(self, text, database=""):
        done = subprocess.run(["mariadb", "-h", "127.0.0.1", "-P", str(self.port), "-u", "root", "--default-character-set=utf8mb4",
                               "-N", "-B", *([database] if database else [])], input=text, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr[-500:]
        return [line.split("\t") for line in done.stdout.splitlines()]


class Postgres(Infra):
    part, port, programs = "pg", 25432, ("/usr/lib/postgresql/15/bin/initdb",)

    def sql(self, text, database="postgres"):
        done = subprocess.run(["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database, "-AtqF\t", "-v",
                               "ON_ERROR_STOP=1"], input=text, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr[-500:]
        return [line.split("\t") for line in done.stdout.splitlines()]


class Sftp(Infra):
    part, port, programs = "sftp", 12222, ("/usr/sbin/sshd",)

    def __init__(self):
        super().__init__()
        self.folder = self.directory / "sftp/data"
        self.key = (self.directory / "sftp/uk").read_text()
        shown = subprocess.run(["ssh-keygen", "-lf", str(self.directory / "sftp/hk.pub")], capture_output=True, text=True, timeout=10)
        self.fingerprint = shown.stdout.split()[1]


def odbc_driver(name, package):
    """Installs the driver's package when the driver is not there."""
    listed = lambda: subprocess.run(["odbcinst", "-q", "-d"], capture_output=True, text=True).stdout if shutil.which("odbcinst") else ""
    if f"[{name}]" in listed():
        return
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "odbcinst", package], capture_output=True, timeout=300,
                   env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"))
    if f"[{name}]" not in listed():
        raise Unavailable(f"the ODBC driver {name} ({package}) cannot be installed here")


class S3rver:
    """s3rver (npm): S3's API over files, in a folder of its own. It looks at the access key of a signature of version 4, but
    does not calculate it: AWS's own examples do that, in the unit tests."""

    version = "3.7.1"

    def __init__(self):
        home = pathlib.Path(os.environ.get("PEERS_HOME", "/var/tmp/tributary-peers")) / "s3rver"
        program = home / "node_modules/.bin/s3rver"
        if not program.exists():
            if not shutil.which("npm"):
                raise Unavailable("npm is not here to install s3rver")
            home.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(home), f"s3rver@{self.version}"],
                                  capture_output=True, text=True, timeout=300)
            if done.returncode != 0:
                raise Unavailable(f"npm could not install s3rver: {done.stderr[-200:]}")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-s3-"))
        self.port = peers.gateway.free_port()
        self.process = subprocess.Popen([str(program), "-d", str(self.folder), "-a", "127.0.0.1", "-p", str(self.port), "--silent",
                                         "--allow-mismatched-signatures", "--configure-bucket", "crm"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env=dict(os.environ, NODE_OPTIONS="--openssl-legacy-provider"))  # its tokens are by DES
        self.location = {"type": "s3", "endpoint": f"http://127.0.0.1:{self.port}", "bucket": "crm", "path_style": True, "prefix": "exports"}
        wait_until(lambda: peers.answers(f"http://127.0.0.1:{self.port}/"), "s3rver", 30)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)
        shutil.rmtree(self.folder, ignore_errors=True)


# -- databases

TABLES = {
    "maria": """DROP DATABASE IF EXISTS tributary_test; CREATE DATABASE tributary_test CHARACTER SET utf8mb4; USE tributary_test;
CREATE TABLE customer(id INT PRIMARY KEY, given VARCHAR(50), family VARCHAR(50), balance DECIMAL(30,10), big BIGINT UNSIGNED,
  ratio DOUBLE, photo BLOB, changed_at DATETIME(6), seen TIMESTAMP NULL, flag TINYINT(1), UNIQUE(family));
CREATE TABLE mirror(id VARCHAR(20) PRIMARY KEY, family VARCHAR(12) UNIQUE);
INSERT INTO customer SELECT seq, 'Käthe 😀', CONCAT('F', seq), 12345678901234567890.0123456789, 18446744073709551615, 0.1, X'00FF',
  TIMESTAMPADD(SECOND, seq DIV 3, '2026-01-05 10:00:00.250'), '2026-01-05 10:00:00', 1 FROM seq_1_to_%d;""" % CUSTOMERS,
    "pg": """DROP DATABASE IF EXISTS tributary_test; CREATE DATABASE tributary_test;
\\c tributary_test
CREATE TABLE customer(id INT PRIMARY KEY, given TEXT, family TEXT UNIQUE, balance NUMERIC(30,10), big NUMERIC(20), ratio FLOAT8,
  photo BYTEA, changed_at TIMESTAMP, seen TIMESTAMPTZ, flag BOOLEAN);
CREATE TABLE mirror(id VARCHAR(20) PRIMARY KEY, family VARCHAR(12) UNIQUE);
INSERT INTO customer SELECT seq, 'Käthe 😀', 'F' || seq, 12345678901234567890.0123456789, 18446744073709551615, 0.1, '\\x00ff',
  TIMESTAMP '2026-01-05 10:00:00.250' + (seq / 3) * INTERVAL '1 second', '2026-01-05 10:00:00Z', true FROM generate_series(1,%d) seq;""" % CUSTOMERS,
}


def sql_settings(engine):
    return {"streams": {"customers": {"table": "customer", "key": "id", "cursor": "changed_at", "page": 250}},
            "actions": {"put": {"table": "mirror", "key": "id"}, "keep": {"table": "mirror", "key": "id", "mode": "insert"}}, **engine}


ENGINES = {
    "MariaDB by its own client": ("maria", {"type": "mysql", "host": "127.0.0.1", "port": 13306, "database": "tributary_test",
                                            "user": "tributary", "tls": {"mode": "off"}}, {"password": "pw-of-the-test"}),
    "MariaDB by ODBC": ("maria", {"type": "odbc"}, {"connection_string": "Driver={MariaDB Unicode};Server=127.0.0.1;Port=13306;"
                                                    "Database=tributary_test;UID=tributary;PWD=pw-of-the-test"}),
    "PostgreSQL by its own client": ("pg", {"type": "postgres"},
                                     {"dsn": "host=127.0.0.1 port=25432 user=postgres dbname=tributary_test"}),
    "PostgreSQL by ODBC": ("pg", {"type": "odbc"}, {"connection_string": "Driver={PostgreSQL Unicode};Server=127.0.0.1;Port=25432;"
                                                    "Database=tributary_test;UID=postgres"}),
}


def prepare(peer, engine=None):
    if engine and engine["type"] == "odbc":
        odbc_driver(*{"maria": ("MariaDB Unicode", "odbc-mariadb"), "pg": ("PostgreSQL Unicode", "odbc-postgresql")}[peer.part])
    peer.sql(TABLES[peer.part])
    if peer.part == "maria":
        peer.sql("CREATE USER IF NOT EXISTS tributary@'127.0.0.1' IDENTIFIED BY 'pw-of-the-test';"
                 "CREATE USER IF NOT EXISTS tributary@localhost IDENTIFIED BY 'pw-of-the-test';"
                 "GRANT ALL ON tributary_test.* TO tributary@'127.0.0.1'; GRANT ALL ON tributary_test.* TO tributary@localhost;")


def rows_are_read_once(name, peer, engine, credentials):
    """Every row once and exactly, then what changed alone."""
    prepare(peer, engine)
    with Talk("sql", sql_settings(engine), credentials) as talk:
        checked = talk("check")
        assert "error" not in checked, checked
        rows, cursor = talk.read("customers")
        equal(sorted(int(row["id"]) for row in rows), list(range(1, CUSTOMERS + 1)), "ids")
        first = str(rows[0]["record"])
        for exact in ("Käthe 😀", "12345678901234567890.0123456789", "18446744073709551615", "'ratio': 0.1", "'AP8='"):
            assert exact in first, f"{exact} is not in {first}"
        again, cursor = talk.read("customers", cursor)
        equal(len(again), 0, "rows of a second run")
        peer.sql("UPDATE customer SET family = 'Changed', changed_at = '2026-02-01 00:00:00' WHERE id = 7;"
                 "INSERT INTO customer(id, given, family, changed_at) VALUES (99999, 'New', 'Newer', '2026-02-01 00:00:01')", "tributary_test")
        changed, cursor = talk.read("customers", cursor)
        equal([row["id"] for row in changed], ["7", "99999"], "changed rows")
        equal(talk("fetch", stream="customers", id="7")["record"]["record"]["family"], "Changed", "one row")
        equal(talk("fetch", stream="customers", id="123456")["error"]["fault"], "not_found", "a row that is not there")
    print(f"COUNTS {name}: {CUSTOMERS} rows read once and exactly, 2 changed ones alone, 0 lost, 0 doubled", flush=True)


def upserts(name, peer, engine, credentials):
    prepare(peer, engine)
    rows = lambda: {row[0]: row[1] for row in peer.sql("SELECT id, family FROM mirror", "tributary_test")}
    with Talk("sql", sql_settings(engine), credentials) as talk:
        done = talk.push("put", *({"id": str(i), "family": f"N{i}"} for i in range(50)), {"id": "50", "family": "much too long for it"},
                         {"id": "51", "family": "N7"}, {"id": "52", "family": "Käse 😀"})
        failed = [at for at, outcome in enumerate(done) if "error" in outcome]
        equal(failed, [50, 51], "records refused: one too long, one whose other unique column another row has")
        for at in failed:
            equal(done[at]["error"]["fault"], "bad_input", "the fault")
            assert "N7" not in done[at]["error"]["text"] and "much" not in done[at]["error"]["text"], f"a value is in {done[at]}"
        equal(rows(), {str(i): f"N{i}" for i in range(50)} | {"52": "Käse 😀"}, "rows")
        assert all("error" not in outcome for outcome in talk.push("put", {"id": "7", "family": "M"}, {"id": "8", "family": "N8"}))
        equal((rows()["7"], rows()["8"]), ("M", "N8"), "an updated row and an unchanged one")
        talk.push("keep", {"id": "7", "family": "X"}, {"id": "60", "family": "Y"})
        equal((rows()["7"], rows()["60"]), ("M", "Y"), "a kept row and a new one")
        talk.push("put", {"id": "7"}, deleted=True)
        assert "7" not in rows(), "the deleted row is still there"
        hostile = talk.push("put", {"id": "61", "family) VALUES ('x','y'); DROP TABLE mirror; --": "z"})
        equal(hostile[0]["error"]["fault"], "bad_input", "a column that is not one")
        equal(len(rows()), 51, "rows at the end")
    print(f"COUNTS {name}: 51 rows upserted, 2 refused alone, 1 updated, 1 kept, 1 deleted", flush=True)


def breaks_and_comes_back(peer, engine, credentials):
    """A connection that the server ends is made anew by the next call."""
    prepare(peer, engine)
    with Talk("sql", sql_settings(engine), credentials) as talk:
        talk.read("customers")
        for row in peer.sql("SELECT id FROM information_schema.processlist WHERE user = 'tributary'"):
            peer.sql(f"KILL {row[0]}")
        broken = talk("pull", stream="customers", cursor="")
        equal(broken["error"]["fault"], "transient", "the fault of a connection that broke")
        equal(len(talk.read("customers")[0]), CUSTOMERS, "rows after it")


def too_slow(peer, engine, credentials):
    settings = sql_settings(engine | {"statement_timeout": "1s"})
    slow = "SELECT 1 AS id, sleep(20) AS s" if peer.part == "maria" else "SELECT 1 AS id, pg_sleep(20)::text AS s"
    settings["streams"] = {"slow": {"query": slow, "key": "id", "count": False}}
    prepare(peer, engine)
    with Talk("sql", settings, credentials) as talk:
        began = time.monotonic()
        answer = talk("pull", stream="slow", cursor="")
        equal(answer.get("error", {}).get("fault"), "transient", "the fault of a statement that takes too long")
        assert time.monotonic() - began < 15, "it was waited for"


def tls_is_not_optional(peer):
    """MariaDB here offers no TLS: the default must refuse it before the password is sent."""
    prepare(peer)
    settings = sql_settings({key: value for key, value in ENGINES["MariaDB by its own client"][1].items() if key != "tls"})
    with Talk("sql", settings, {"password": "pw-of-the-test"}) as talk:
        error = talk("check")["error"]
        equal(error["fault"], "bad_config", "the fault")
        assert "TLS" in error["text"] and "pw-of" not in error["text"], error


def wrong_password(peer, engine, credentials):
    prepare(peer, engine)
    with Talk("sql", sql_settings(engine), {name: value.replace("pw-of-the-test", "wrong-secret") for name, value in credentials.items()}) as talk:
        error = talk("check")["error"]
        equal(error["fault"], "unauthorized", "the fault")
        assert "wrong-secret" not in error["text"], error


# -- files elsewhere

def xlsx(rows):
    types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    cell = lambda value: f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("_rels/.rels", f'<Relationships><Relationship Id="a" Type="{types}officeDocument" Target="xl/workbook.xml"/></Relationships>')
        book.writestr("xl/workbook.xml", '<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>')
        book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships><Relationship Id="b" Type="{types}worksheet" Target="s.xml"/></Relationships>')
        book.writestr("xl/s.xml", "<worksheet><sheetData>" + "".join("<row>" + "".join(map(cell, row)) + "</row>" for row in rows) + "</sheetData></worksheet>")
    return made.getvalue()


FILES = {"a.csv": lambda ids: "".join(["id,family\n", *(f"{i},F{i}\n" for i in ids)]).encode(),
         "b.csv.gz": lambda ids: gzip.compress("".join(["id,family\n", *(f"{i},F{i}\n" for i in ids)]).encode()),
         "c.xlsx": lambda ids: xlsx([("id", "family"), *((i, f"F{i}") for i in ids)])}


def streams():
    return {"csv": {"path": "in/*.csv*", "key": "id", "settle": "0s", "page": 100},
            "xlsx": {"path": "in/*.xlsx", "format": "xlsx", "key": "id", "settle": "0s", "page": 100}}


def files_both_ways(name, location, credentials, write, read):
    for number, (file, make) in enumerate(FILES.items()):
        write(f"in/{file}", make(range(number * 1000, number * 1000 + 500)))
    write("in/d.csv.part", b"id,family\n9999,half\n")
    with Talk("file", {"location": location, "streams": streams(), "actions": {"put": {"path": "out/c-{id}.json"}}}, credentials) as talk:
        checked = talk("check")
        assert "error" not in checked, checked
        rows, cursor = talk.read("csv")
        sheet, _ = talk.read("xlsx")
        found = [row["id"] for row in rows + sheet]
        equal((len(found), len(set(found))), (1500, 1500), "rows, and different ones")
        equal(rows[-1]["record"], {"id": "1499", "family": "F1499"}, "the last row")
        equal(len(talk.read("csv", cursor)[0]), 0, "rows of a second run")
        write("in/e.csv", b"id,family\n5000,New\n")
        equal([row["id"] for row in talk.read("csv", cursor)[0]], ["5000"], "rows of a new file")
        for family in ("Berg", "Käse"):
            done = talk.push("put", {"id": "7/../x", "family": family})
            assert "error" not in done[0], done
            equal(json.loads(read("out/c-7%2F..%2Fx.json")), {"id": "7/../x", "family": family}, "the file put there")
    print(f"COUNTS {name}: 1501 rows of CSV, gzip and Excel read once, 0 lost, 0 doubled, 1 file put twice", flush=True)


def broken_files_are_left(location, credentials, write, read):
    good = xlsx([("id", "family"), ("1", "A")])
    for file, data in {"x.xlsx": good[:-30], "y.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "z.xlsx": good}.items():
        write(f"broken/{file}", data)
    settings = {"location": location, "streams": {"s": {"path": "broken/*.xlsx", "format": "xlsx", "key": "id", "settle": "0s"}}}
    with Talk("file", settings, credentials) as talk:
        page = talk("pull", stream="s", cursor="")
        equal((page["broken"], [row["id"] for row in page["records"]], page["last"]), (2, ["1"], True), "broken files, rows, end")
        equal(talk("pull", stream="s", cursor=page["cursor"])["broken"], 0, "broken files told again")
        write("broken/x.xlsx", xlsx([("id", "family"), ("2", "B")]))
        equal([row["id"] for row in talk.read("s", page["cursor"])[0]], ["2"], "rows of the file that was put right")


def killed_in_the_middle(sftp):
    total = 20000
    (sftp.folder / "in/big.csv").write_bytes(FILES["a.csv"](range(100000, 100000 + total)))
    settings = {"location": sftp_location(sftp), "streams": {"big": {"path": "in/big.csv", "key": "id", "settle": "0s", "page": 200}}}
    kept, cursor = [], ""  # as the engine commits them: a page's records and its cursor together
    for killed_after in (17, 31):
        with Talk("file", settings, {"private_key": sftp.key}) as talk:
            for number, page in enumerate(talk.pages("big", cursor)):
                kept += [row["id"] for row in page["records"]]
                cursor = page["cursor"]
                if number == killed_after:
                    talk.process.stdin.write(json.dumps({"do": "pull", "stream": "big", "cursor": cursor}) + "\n")
                    talk.process.stdin.flush()
                    talk.process.kill()
                    break
    before = len(kept)
    assert 0 < before < total, "the kills came too late to tell anything"
    with Talk("file", settings, {"private_key": sftp.key}) as talk:
        rest, cursor = talk.read("big", cursor)
        kept += [row["id"] for row in rest]
        with open(sftp.folder / "in/big.csv", "ab") as file:
            file.write(b"1,later\n")
        equal([row["id"] for row in talk.read("big", cursor)[0]], ["1"], "rows of a file that grew")
    equal(kept, [str(i) for i in range(100000, 100000 + total)], "rows, in their order")
    print(f"COUNTS SFTP: {total} rows, killed twice, last after {before}; 0 lost, 0 doubled", flush=True)


def sftp_location(sftp, **changes):
    return {"type": "sftp", "host": "127.0.0.1", "port": sftp.port, "user": "root", "host_key": sftp.fingerprint, "path": str(sftp.folder)} | changes


def refused(location, credentials, fault, words):
    with Talk("file", {"location": location, "streams": streams()}, credentials) as talk:
        error = talk("check").get("error")
        assert error, "it was taken"
        equal(error["fault"], fault, f"the fault of {error['text']}")
        assert words in error["text"], f"want {words}, got {error['text']}"
        assert not any(value.strip()[:30] in error["text"] for value in credentials.values() if len(value) > 8), "a credential is in an error"


def main():
    verdicts = peers.Verdicts()
    closing = []

    def peer(kind):
        try:
            made = kind()
        except Unavailable as reason:
            return str(reason)
        closing.append(made)
        return made

    def case(name, of, check):
        verdicts.skip(name, of) if isinstance(of, str) else verdicts.case(name, check)

    try:
        databases = {"maria": peer(Maria), "pg": peer(Postgres)}
        for name, (part, engine, credentials) in ENGINES.items():
            database = databases[part]
            case(f"{name}: rows are read once, then what changed", database, lambda: rows_are_read_once(name, database, engine, credentials))
            case(f"{name}: records are upserted", database, lambda: upserts(name, database, engine, credentials))
            case(f"{name}: a statement that takes too long is given up", database, lambda: too_slow(database, engine, credentials))
            if part == "maria":
                case(f"{name}: a connection that breaks comes back", database, lambda: breaks_and_comes_back(database, engine, credentials))
                case(f"{name}: a wrong password is told", database, lambda: wrong_password(database, engine, credentials))
        case("a server without TLS is refused by default", databases["maria"], lambda: tls_is_not_optional(databases["maria"]))

        sftp = peer(Sftp)
        folders = ("in", "out", "broken")
        if not isinstance(sftp, str):
            for folder in folders:
                shutil.rmtree(sftp.folder / folder, ignore_errors=True)
                (sftp.folder / folder).mkdir(parents=True)
        key = {"private_key": getattr(sftp, "key", "")}
        on_sftp = (lambda name, data: (sftp.folder / name).write_bytes(data), lambda name: (sftp.folder / name).read_bytes())
        case("files on an SFTP server are read once, and put there", sftp, lambda: files_both_ways("SFTP", sftp_location(sftp), key, *on_sftp))
        case("broken files on an SFTP server are told and left", sftp, lambda: broken_files_are_left(sftp_location(sftp), key, *on_sftp))
        case("a reader of SFTP that is killed loses and doubles nothing", sftp, lambda: killed_in_the_middle(sftp))
        case("another host key is refused", sftp, lambda: refused(sftp_location(sftp, host_key="SHA256:" + "A" * 43), key, "refused", "host key"))
        case("a wrong login is refused", sftp, lambda: refused(sftp_location(sftp, user="nobody"), key, "unauthorized", "refuses the login"))
        if not isinstance(sftp, str):
            for folder in folders:
                shutil.rmtree(sftp.folder / folder, ignore_errors=True)

        store = peer(S3rver)
        keys = {"access_key": "S3RVER", "secret_key": "S3RVER"}
        on_s3 = (lambda name, data: s3_request(store, "PUT", name, data), lambda name: s3_request(store, "GET", name).read())
        case("objects of a bucket are read once, and put there", store, lambda: files_both_ways("S3", store.location, keys, *on_s3))
        case("broken objects of a bucket are told and left", store, lambda: broken_files_are_left(store.location, keys, *on_s3))
        case("more objects than one list holds are all found", store, lambda: long_list(store, keys))
        case("an unknown access key is refused", store, lambda: refused(store.location, {"access_key": "WRONGKEYID", "secret_key": "wrong-secret"}, "unauthorized", "no such access key"))
        case("a bucket that is not there is told", store, lambda: refused(store.location | {"bucket": "other"}, {**keys}, "bad_config", "no such bucket"))
    finally:
        for made in closing:
            with contextlib.suppress(Exception):
                if isinstance(made, (Maria, Postgres)):
                    made.sql("DROP DATABASE IF EXISTS tributary_test")
            made.close()
    return verdicts


def s3_request(store, method, name, data=None):
    """Straight to the store, past the connector."""
    headers = {"Date": email.utils.formatdate(usegmt=True), "Authorization": "AWS S3RVER:any"}
    if data is not None:
        headers["Content-Type"] = "application/octet-stream"
    url = f"http://127.0.0.1:{store.port}/crm/exports/{urllib.parse.quote(name)}"
    return urllib.request.urlopen(urllib.request.Request(url, data=data, method=method, headers=headers), timeout=30)


def long_list(store, keys):
    count = 1100  # a list holds 1000
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: s3_request(store, "PUT", f"many/{i:04}.csv", b"id\n%d\n" % i), range(count)))
    settings = {"location": store.location, "streams": {"s": {"path": "many/??99.csv", "key": "id", "settle": "0s", "page": 4}}}
    with Talk("file", settings, keys) as talk:
        rows, cursor = talk.read("s")
        equal([row["id"] for row in rows], [str(i) for i in range(99, count, 100)], "rows of the objects that match")
        equal(len(talk.read("s", cursor)[0]), 0, "rows of a second run")
    print(f"COUNTS S3: {len(rows)} of {count} objects, over two lists, read once", flush=True)


if __name__ == "__main__":
    main().exit()
