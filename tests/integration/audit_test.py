#!/usr/bin/env python3
"""The audit trail from outside: checkpoints, exports, proofs, and every way to tamper with the store shows in `audit verify`."""
import contextlib
import hashlib
import json
import pathlib
import shutil
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import ROOT, Gateway, Refused, Verdicts, eventually, free_port, run  # noqa: E402
from witness import Witness  # noqa: E402

# No connectors and mappings: the program is started often here, and they are what it reads longest.
CONFIG = f"""
paths:
  connectors: [none]
  mappings: [none]
  canonical: {ROOT}/mappings/canonical
  purposes: {ROOT}/config/purposes.yaml
connections: {{}}
audit: {{ checkpoints: archive/checkpoints }}
"""
ACTS = 9  # each check of a whole trail is an act of its own


def prepare(gateway):
    for folder in ("archive", "none"):
        (gateway.folder / folder).mkdir()
    gateway.configure(CONFIG, paths=False)
    gateway.init()


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


class Trail:
    def __init__(self, gateway):
        self.gateway = gateway
        self.database = gateway.folder / "data/tributary.db"
        self.kept = gateway.folder / "kept.db"
        self.archive = gateway.folder / "archive/checkpoints"

    def rows(self):
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return database.execute("SELECT seq, entry, leaf, chain FROM audit ORDER BY seq").fetchall()

    def lay(self, rows, forget_checkpoints=False):
        """Writes these rows in the place of the trail."""
        with contextlib.closing(sqlite3.connect(self.database)) as database, database:
            database.execute("DELETE FROM audit")
            database.executemany("INSERT INTO audit (seq, entry, leaf, chain) VALUES (?, ?, ?, ?)", rows)
            if forget_checkpoints:
                database.execute("DELETE FROM audit_checkpoint")

    def keep(self):
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.database, self.kept)
        self.kept_archive = self.archive.read_bytes()

    def restore(self):
        for file in self.database.parent.glob("tributary.db-*"):
            file.unlink()
        shutil.copy(self.kept, self.database)

    def verify(self, *more):
        answer = self.gateway.cli("audit", "verify", *more)
        return answer.code, answer.json or {"reason": str(answer)}


def rehashed(rows):
    chain, out = b"\0" * 32, []
    for seq, entry, _, _ in rows:
        leaf = sha(b"\0", entry)
        chain = sha(b"\1", chain, leaf)
        out.append((seq, entry, leaf, chain))
    return out


def flip(rows):
    entry = bytearray(rows[3][1])
    entry[20] ^= 1
    return rows[:3] + [(rows[3][0], bytes(entry), *rows[3][2:])] + rows[4:]


def forged(rows):
    return rehashed([(rows[0][0], rows[0][1].replace(b"operator", b"somebody"), b"", b"")] + rows[1:])


TAMPERING = [  # name, what is done to the rows, whether checkpoints of the store go too, what `verify` says
    ("a flipped byte", flip, False, "its bytes were changed"),
    ("a deleted entry", lambda r: r[:3] + r[4:], False, "entries are missing before it"),
    ("a deleted entry, the numbers closed up", lambda r: r[:3] + [(s - 1, *rest) for s, *rest in r[4:]], False, "does not follow"),
    ("two entries that changed places", lambda r: r[:3] + [(4, *r[4][1:]), (5, *r[3][1:])] + r[5:], False, "does not follow"),
    ("an entry put in", lambda r: r[:3] + [r[3], (5, *r[3][1:])] + [(s + 1, *rest) for s, *rest in r[4:]], False, "does not follow"),
    ("a cut end", lambda r: r[:-3], False, "the end is missing"),
    ("a cut end, the store's checkpoints too", lambda r: r[:-3], True, "the end is missing"),
    ("a trail written anew", forged, False, "another root"),
    ("a trail written anew, the store's checkpoints too", forged, True, "another root"),
    ("an empty trail", lambda r: [], True, "the end is missing"),
    ("an entry longer than any that is written", lambda r: rehashed(
        r[:-1] + [(r[-1][0], b'{"ts":"2026-01-05T10:00:00Z","x":"' + b"x" * 70000 + b'"}', b"", b"")]), True, "longer than any"),
]


def tampered(trail, change, forget, reason):
    trail.restore()
    trail.lay(change(trail.rows()), forget)
    code, told = trail.verify("--checkpoints", trail.archive)
    trail.restore()
    if code != 1 or told.get("intact") is not False or reason not in told.get("reason", ""):
        return f"expected exit 1 and '{reason}': exit {code}, {told}"
    return None


def acts(trail):
    for _ in range(ACTS):
        code, told = trail.verify()
        if code != 0 or not told["intact"]:
            return f"exit {code}: {told}"
    rows = trail.rows()
    if [row[0] for row in rows] != list(range(1, ACTS + 1)):
        return f"numbers {[row[0] for row in rows]}"
    return None


def signed(trail):
    first = trail.gateway.cli("audit", "checkpoint", check=True).json
    again = trail.gateway.cli("audit", "checkpoint", check=True).json
    if first != again or first["entries"] != ACTS:
        return f"{first} and {again}"
    if trail.archive.read_text() != first["note"]:
        return f"the archive holds {trail.archive.read_text()!r}"
    trail.key = first["key"]
    code, told = trail.verify("--checkpoints", trail.archive)
    return None if code == 0 and told["checkpoints"] == 2 else f"exit {code}: {told}"


def exported(trail):
    folder = trail.gateway.folder
    trail.gateway.cli("audit", "export", "--to", folder / "trail.ndjson", check=True)
    lines = (folder / "trail.ndjson").read_text().splitlines()
    if [json.loads(line)["seq"] for line in lines] != [row[0] for row in trail.rows()]:
        return "the export has other entries"
    if json.loads(json.loads(lines[0])["entry"])["action"] != "audit.verify":
        return lines[0]
    # Nothing of the gateway is needed: another folder, no configuration.
    def judge(file, key=trail.key):
        return run("--json", "audit", "verify", "--export", file, "--key", key, "--checkpoints", trail.archive, cwd="/tmp")
    whole = judge(folder / "trail.ndjson")
    if whole.code != 0 or not whole.json["intact"] or whole.json["checkpoints"] != 1:
        return f"{whole}"
    (folder / "cut.ndjson").write_text("\n".join(lines[:-4]) + "\n")
    cut = judge(folder / "cut.ndjson")
    if cut.code != 1 or "the end is missing" not in cut.json["reason"]:
        return f"a cut export: {cut}"
    (folder / "torn.ndjson").write_text("\n".join(lines[:3]) + "\n{\"seq\": 4\n")
    torn = judge(folder / "torn.ndjson")
    if torn.code != 1 or "torn.ndjson:4" not in torn.out + torn.err:
        return f"a torn export: {torn}"
    for form, begin in (("csv", "seq,ts,actor_type"), ("cef", "CEF:0|Tributary|")):
        text = trail.gateway.cli("audit", "export", "--format", form, check=True).out
        if not text.startswith(begin) or text.count("audit.verify") < ACTS:
            return f"{form}: {text[:200]}"
    bad = trail.gateway.cli("audit", "export", "--format", "pdf")
    return None if bad.code == 1 and "ndjson, csv, cef" in bad.out + bad.err else f"{bad}"


def proved(trail):
    folder = trail.gateway.folder
    proof = run("--config", trail.gateway.config, "audit", "prove", "3", "--entry", folder / "entry", cwd=folder)
    (folder / "proof").write_text(proof.out)

    def judge(entry):
        return run("--json", "audit", "verify", "--proof", folder / "proof", "--entry", entry, "--key", trail.key, cwd="/tmp")
    good = judge(folder / "entry")
    if good.code != 0 or good.json["seq"] != 3:
        return f"{proof.out} {good}"
    (folder / "other").write_bytes(trail.rows()[3][1])
    other = judge(folder / "other")
    if other.code != 1 or other.json["intact"]:
        return f"another entry: {other}"
    missing = trail.gateway.cli("audit", "prove", "4711")
    return None if missing.code == 1 and "no such entry" in missing.out + missing.err else f"{missing}"


def wrong_key(trail):
    with Gateway("audit-other") as other:
        prepare(other)
        key = other.cli("audit", "checkpoint", check=True).json["key"]
    answer = run("--json", "audit", "verify", "--export", trail.gateway.folder / "trail.ndjson", "--key", key,
                 "--checkpoints", trail.archive, cwd="/tmp")
    if answer.code != 1 or not answer.json.get("forged_checkpoints"):
        return f"{answer}"
    forged_note = trail.gateway.folder / "forged"
    forged_note.write_text(trail.archive.read_text().replace(f"\n{ACTS}\n", f"\n{ACTS + 1}\n", 1))
    code, told = trail.verify("--checkpoints", forged_note)
    return None if code == 1 and told.get("forged_checkpoints") == 1 else f"exit {code}: {told}"


def forked(trail):
    """The same store copied, and both went on: the checkpoints of one do not fit the other."""
    trail.restore()
    trail.verify()
    trail.gateway.cli("audit", "checkpoint", check=True)
    trail.restore()
    trail.gateway.cli("audit", "export", check=True)
    trail.verify()
    trail.verify()
    code, told = trail.verify("--checkpoints", trail.archive)
    trail.restore()
    return None if code == 1 and "another root" in told["reason"] else f"exit {code}: {told}"


def set_back(trail):
    trail.restore()
    rows = trail.rows()
    entry = json.loads(rows[4][1])
    entry["ts"] = "2020-01-01T00:00:00.000Z"
    rows[4] = (5, json.dumps(entry, separators=(",", ":")).encode(), b"", b"")
    trail.lay(rehashed(rows), True)
    code, told = trail.verify()
    trail.restore()
    return None if code == 0 and told.get("clock_back_at") == 5 else f"exit {code}: {told}"


def killed(trail):
    """A running gateway signs by itself; killed and started again it goes on, and its archive has no gap."""
    trail.restore()
    gateway = trail.gateway
    for _ in range(3):
        gateway.start()
        gateway.operate("audit.verify")
        gateway.kill()
    gateway.start()
    code = gateway.stop()
    if code != 0:
        return f"exit {code}: {gateway.last_words()}"
    size = len(trail.rows())
    newest = trail.archive.read_text().rstrip().split("\n\n")[-2].splitlines()[-2]
    code, told = trail.verify("--checkpoints", trail.archive)
    if code != 0 or int(newest) != size:
        return f"exit {code}: {told}, archive {newest} of {size}"
    return None


class Witnesses:
    """One that is asked over HTTP, one by hand, and both have to sign."""

    def __init__(self, trail):
        self.trail = trail
        self.one, self.two = Witness("one.example/w", free_port()), Witness("two.example", free_port())
        self.one.log = self.two.log = trail.key
        gateway = trail.gateway
        gateway.configure(CONFIG.replace("audit: { checkpoints: archive/checkpoints }", f"""audit:
  checkpoints: archive/checkpoints
  witnesses:
    - {{ key: "{self.one.key}", url: "{self.one.url}", allow: [127.0.0.1], ports: [{self.one.server_address[1]}] }}
    - {{ key: "{self.two.key}" }}
"""), paths=False)

    def ask(self):
        return self.trail.gateway.cli("audit", "cosign", "ask", check=True).json["witnesses"][0]

    def by_hand(self):
        request = run("--config", self.trail.gateway.config, "audit", "cosign", "request", "two.example", cwd=self.trail.gateway.folder)
        status, _, answer = self.two.add_checkpoint(request.out)
        if status != 200:
            raise Refused(f"two.example: {status} {answer}")
        return self.trail.gateway.cli("audit", "cosign", "add", "two.example", "-", stdin=answer, check=True).json


def witnessed(trail, others):
    trail.restore()
    trail.archive.write_bytes(trail.kept_archive)  # without the checkpoints of the trails that others made of it
    asked = others.ask()
    size = len(trail.rows())
    code, told = trail.verify()
    if asked["entries"] != size or (code, told["intact"], told["witnessed"]) != (1, False, 0):
        return f"one of two: {asked}, exit {code}: {told}"
    if (added := others.by_hand())["entries"] != size:  # what cannot be written on is not: the check above added nothing
        return f"by hand: {added}"
    code, told = trail.verify()
    if code != 0 or told["witnessed"] != size or told["quorum"] != 2:
        return f"both: exit {code}: {told}"
    others.ask()
    folder = trail.gateway.folder
    trail.gateway.cli("audit", "export", "--to", folder / "witnessed.ndjson", check=True)

    def judge(*keys):
        more = [word for key in keys for word in ("--witness", key)]
        return run("--json", "audit", "verify", "--export", folder / "witnessed.ndjson", "--key", trail.key, "--checkpoints",
                   trail.archive, *more, cwd="/tmp")
    good = judge(others.one.key, others.two.key)
    third = Witness("three.example", free_port())
    bad = judge(others.one.key, third.key)
    return None if good.code == 0 and good.json["witnessed"] == size and bad.code == 1 and "fewer witnesses" in bad.json["reason"] \
        else f"offline: {good} and {bad}"


def cut_off(trail, others):
    """Whoever owns the machine puts an old copy in the place of store and archive: the witness knows better."""
    archive = trail.archive.read_text()
    trail.restore()
    trail.archive.write_text("")
    shorter = others.ask()
    for _ in range(others.one.signed[0] + 2 - len(trail.rows())):
        trail.gateway.cli("audit", "export", check=True)  # an act each
    longer = others.ask()
    trail.gateway.start()
    alert = eventually(lambda: [a for a in trail.gateway.operate("alerts.list")["alerts"] if a["rule"] == "audit_gap"], timeout=30)
    trail.gateway.stop()
    trail.restore()
    trail.archive.write_text(archive)
    good = "the trail has" in shorter.get("problem", "") and "does not go on from" in longer.get("problem", "") and alert
    return None if good and 200 in others.one.answers and {409, 422} <= set(others.one.answers) \
        else f"{shorter}, {longer}, {alert}, answers {others.one.answers}"


def main():
    verdicts = Verdicts()
    with Gateway("audit") as gateway:
        prepare(gateway)
        trail = Trail(gateway)
        verdicts.run("acts are numbered, and a whole trail is whole", lambda: acts(trail))
        verdicts.run("a checkpoint is signed once and appended to the archive", lambda: signed(trail))
        verdicts.run("an export is checked without the gateway, and goes to people and a SIEM", lambda: exported(trail))
        verdicts.run("one entry is proved to somebody who has the key", lambda: proved(trail))
        trail.keep()
        for name, change, forget, reason in TAMPERING:
            verdicts.run(f"req 25: {name} shows", lambda: tampered(trail, change, forget, reason))
        verdicts.run("req 25: another key and a changed checkpoint show", lambda: wrong_key(trail))
        verdicts.run("a clock that was set back is told", lambda: set_back(trail))
        verdicts.run("a killed gateway goes on with its trail", lambda: killed(trail))
        trail.keep()
        verdicts.run("a store that went on twice from one copy shows", lambda: forked(trail))
        others = Witnesses(trail)
        verdicts.run("req 25: a trail is whole when a quorum of witnesses signed it", lambda: witnessed(trail, others))
        verdicts.run("req 25: a trail that was cut off or written anew is refused by its witness", lambda: cut_off(trail, others))
    return verdicts.exit_code()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, Refused) as error:
        print(f"FAIL the gateway starts: {error}".replace("\n", " | "))
        sys.exit(1)
