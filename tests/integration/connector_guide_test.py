#!/usr/bin/env python3
"""docs/new-connector.md, followed by its reader: each YAML block becomes the file that it is, each command is run where it
stands. Then what the guide promises: the saved fixture holds nobody's data and no credential."""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/fakes"))
from gateway import BINARY, Verdicts  # noqa: E402
from walkthrough import Walkthrough, blocks  # noqa: E402

BUILD = pathlib.Path(BINARY).resolve().parents[1]
GUIDE = (ROOT / "docs/new-connector.md").read_text()


def file_of(content):
    named = re.match(r"(connector|mapping): (\S+)\n", content)
    if not named:
        return "gateway.yaml"
    return f"connectors/crm/{named[2]}/connector.yaml" if named[1] == "connector" else f"mappings/{named[2]}.yaml"


def contract(connectors):
    """The suite that the guide names, on what its reader made. It is built by the unit tests, which come before these."""
    line = re.search(r"^    (TRIBUTARY_CONNECTORS=.*)$", GUIDE, re.M)[1]
    command = line.replace("/path/to/yours/connectors", str(connectors)).replace("build/asan", str(BUILD))
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "All tests passed" in done.stdout, done.stdout[-2000:] + done.stderr[-500:]


def guide():
    with Walkthrough(None, ports=(8080, 8081, 9001)) as walk:
        api = ROOT / "examples/4-your-own-connector/api.py"
        (walk.work / "api.py").write_text(api.read_text())
        printed = ""
        for language, words, content in blocks(GUIDE):
            content = walk.translate(content)
            if language == "yaml":
                file = walk.work / file_of(content)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content)
            elif language == "sh":
                printed += walk.start(content) or "" if words == "background" else walk.shell(content)
        tried = json.loads(walk.shell("tributary --config gateway.yaml --json connector test programme"))
        steps = {step["step"]: step for step in tried["steps"]}
        assert steps["check"]["outcome"] == "ok", tried
        assert (steps["stream members"]["records"], steps["stream members"]["accepted"]) == (100, 100), tried
        fixture = (walk.work / "connectors/crm/bonus/fixtures/members.yaml").read_text()
        for value in ("Anna", "Boris", "Berg", "Faber", "member7@example.com", "0170 1234007", "bonus-key"):
            assert value not in fixture, f"the fixture holds {value}"
        contract(walk.work / "connectors")
        saved = json.loads("\n".join(line for line in fixture.splitlines() if not line.startswith("#")))
        step = saved["steps"][0]
        assert len(set(step["expect"]["keys"])) == 100 and step["expect"]["last"] is False, step["expect"]
        member = step["exchange"][-1]["answer"]["body"]["members"][0]
        # The id is a customer's number, so it is replaced too; what reads like a code stays.
        assert str(member["id"]) == step["expect"]["keys"][0] != "1" and member["tier"] == "basic", member
        assert re.fullmatch(r"person\d+@example.com", member["email"]), member
        assert re.fullmatch(r"0170 1\d{6}", member["mobile"]), member
        status = json.loads(walk.shell("tributary --config gateway.yaml --json status"))
        assert status["customers"] == 250, status


def mistakes():
    """What `connector new` and `connector test` refuse, and their exit codes."""
    with Walkthrough(None, ports=(8080, 8081, 9001)) as walk:
        (walk.work / "gateway.yaml").write_text(walk.translate(
            "gateway: { name: t }\nlisten: { webhooks: { address: 127.0.0.1:8080 }, admin: { address: 127.0.0.1:8081 } }\n"
            "connections: {}\n"))

        def code(command):
            return int(walk.shell(f"tributary --config gateway.yaml {command} >out.txt 2>&1 && echo 0 || echo $?").split()[-1])

        assert code("connector new Bad-Name") == 1
        assert code("connector new fine --family nothing") == 1
        assert code("connector new fine") == 0
        assert code("connector new fine") == 1
        assert "there already" in (walk.work / "out.txt").read_text()
        assert code("check") == 0
        assert code("mapping test fine/record") == 0
        assert code("connector test fine") == 1
        walk.shell("tributary --config gateway.yaml init")
        (walk.work / "gateway.yaml").write_text(walk.translate((walk.work / "gateway.yaml").read_text().replace(
            "connections: {}", """connections:
  fine:
    connector: fine
    network: { allow: [127.0.0.1], ports: [9001] }
    credentials: ${secret:fine}
    settings: { url: "http://127.0.0.1:9001/v1" }
    streams:
      records: { mapping: fine/record }
""")))
        walk.shell("printf k | tributary --config gateway.yaml secret set fine key")
        assert code("connector test fine") == 3, (walk.work / "out.txt").read_text()


if __name__ == "__main__":
    verdicts = Verdicts()
    verdicts.run("the guide leads from an API's page to records in the store", guide)
    verdicts.run("connector new and test refuse what is wrong", mistakes)
    sys.exit(verdicts.exit_code())
