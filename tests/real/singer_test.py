#!/usr/bin/env python3
"""A real Singer tap and a real target, installed from their registry: tap -> gateway -> file, and gateway -> target."""
import json
import os
import pathlib
import subprocess
import sys

import peers
from peers import ROOT, Unavailable, equal

# Pinned, and each in an environment of its own, as their makers say.
TAP, TARGET = ("tap-jsonl", "0.3.1"), ("target-jsonl", "0.1.4")
MEMBERS = 1200

MEMBER = """mapping: singer/member
to: contact
fields:
  customer_number: id
  name.full: name
  emails: [ mail ]
"""
OUT = """mapping: singer/member.out
from: contact
to: external
fields:
  id: customer_number
  name: name.full
"""


def installed(name, version):
    """The program's path; it is installed below the peers' home when it is not there."""
    home = pathlib.Path(os.environ.get("PEERS_HOME", "/var/tmp/tributary-peers")) / "singer" / f"{name}-{version}"
    program = home / "bin" / name
    if not program.exists():
        for command in ([sys.executable, "-m", "venv", str(home)],
                        [str(home / "bin/pip"), "install", "-q", "--disable-pip-version-check", f"{name}=={version}"]):
            done = subprocess.run(command, capture_output=True, text=True, timeout=600)
            if done.returncode != 0:
                raise Unavailable(f"{name} {version} cannot be installed: {(done.stderr or done.stdout)[-300:]}")
    return program


class Singer:
    def __init__(self):
        tap, target = installed(*TAP), installed(*TARGET)
        self.gateway = peers.Gateway(
            {"connections": {
                "members": {"connector": "singer", "credentials": {"stream_name": "${secret:members#stream_name}"},
                            "settings": {"tap": {"command": [str(tap)], "secrets": ["stream_name"],
                                                 "config": {"path": "members/*.jsonl", "primary_keys": ["id"]}},
                                         "streams": {"members": {}}},
                            "streams": {"members": {"mapping": "singer/member"}}},
                "file": {"connector": "file", "settings": {"actions": {"append": {"path": "out.ndjson"}}}},
                "lake": {"connector": "singer", "settings": {
                    "target": {"command": [str(target)], "config": {"destination_path": "lake"}},
                    "actions": {"upsert": {"stream": "members", "key": ["id"],
                                           "properties": {"id": {"type": "string"}, "name": {"type": ["string", "null"]}}}}}}},
             "deliveries": [{"name": name, "to": name, "entity": "contact", "action": action, "mapping": "singer/member.out",
                             "purpose": "service.order"} for name, action in (("file", "append"), ("lake", "upsert"))]},
            secrets={("members", "stream_name"): "members"},
            mappings={"singer/member": MEMBER, "singer/member.out": OUT})
        self.folder = self.gateway.folder
        (self.folder / "lake").mkdir()
        self.write("first", range(1, MEMBERS + 1))

    def write(self, name, numbers):
        self.gateway.write(f"members/{name}.jsonl", "".join(
            json.dumps({"id": f"M-{n}", "name": f"Anna Berg {n}", "mail": f"anna{n}@example.com"}) + "\n" for n in numbers))

    def check(self):
        tried = self.gateway.ask("connector", "test", "members")
        equal([step["outcome"] for step in tried["steps"]], ["ok", "ok"], "connector test")

    def tap_to_gateway(self):
        run = self.gateway.sync("members", "members")
        equal(run["records"], MEMBERS, "records of the tap")
        equal(run["quarantined"], 0, "quarantined")

    def second_run_finds_what_is_new(self):
        # tap-jsonl takes a state and gives every file once more all the same (run by hand too), so what is repeated must
        # be known as unchanged. That the state is told is shown in tests/unit/connectors/singer_test.cpp.
        again = self.gateway.sync("members", "members")
        equal(again["changed"], 0, "changed by a second run")
        os.utime(self.folder / "members/first.jsonl", (1, 1))
        self.write("second", range(MEMBERS + 1, MEMBERS + 4))
        run = self.gateway.sync("members", "members")
        equal(run["changed"], 3, "changed by a file more")

    def gateway_to_file_and_target(self):
        self.gateway.start()
        wanted = {f"M-{n}" for n in range(1, MEMBERS + 4)}
        for destination in ("file", "lake"):
            counts = self.gateway.settled(destination)
            equal(counts["delivered"], len(wanted), f"delivered to {destination}")
            equal(counts["dead"], 0, f"dead letters of {destination}")
        rows = [json.loads(line) for line in (self.folder / "out.ndjson").read_text().splitlines()]
        equal({row["id"] for row in rows}, wanted, "in the file")
        lake = [json.loads(line) for file in (self.folder / "lake").glob("members*.jsonl") for line in file.read_text().splitlines()]
        equal({row["id"] for row in lake}, wanted, "in the target's files")
        equal({row["name"] for row in lake if row["id"] == "M-7"}, {"Anna Berg 7"}, "a record of the target")

    def nothing_leaked(self):
        log = self.gateway.log_text()
        assert "anna7@example.com" not in log and "Anna Berg" not in log, "a person's data stands in the log"


def main():
    verdicts = peers.Verdicts()
    try:
        singer = Singer()
    except Unavailable as reason:
        verdicts.skip("singer", reason)
        return verdicts
    try:
        verdicts.case("a real tap passes connector test", singer.check)
        verdicts.case("tap-jsonl's members arrive", singer.tap_to_gateway)
        verdicts.case("a second run finds what is new and nothing else", singer.second_run_finds_what_is_new)
        verdicts.case("they reach a file and target-jsonl", singer.gateway_to_file_and_target)
        verdicts.case("no log holds a person's data", singer.nothing_leaked)
    finally:
        verdicts.case("the gateway ends well", singer.gateway.end) if singer.gateway.process else singer.gateway.close()
    return verdicts


if __name__ == "__main__":
    main().exit()
