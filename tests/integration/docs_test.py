#!/usr/bin/env python3
"""README.md and docs/: every YAML block is checked, every command is run, links lead somewhere, and the README's
walk-through ends in what it promises, against a loyalty programme that this test plays.
"""
import http.server
import json
import pathlib
import re
import subprocess
import sys
import threading
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/fakes"))
from gateway import Verdicts  # noqa: E402
from walkthrough import Walkthrough, blocks  # noqa: E402

README = (ROOT / "README.md").read_text()
# The runbook's commands are run as an operator's are: without --config, where config/gateway.yaml is.
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
# Guides whose files and commands a reader can follow from the first to the last, in an empty folder.
GUIDES = {name: (ROOT / f"docs/{name}.md").read_text() for name in ("access", "audit", "backup", "consent", "subject-rights", "vault", "watch")}
MEMBERS = [{"number": f"L-{n}", "first": "Anna", "last": f"Berg {n}", "mail": f"member{n}@example.com", "mobile": f"0170 12345{n:02}",
            "country": "DE" if n != 5 else "Atlantis", "changed_at": f"2026-01-05T10:00:{n:02}Z"} for n in range(1, 11)]


class Loyalty(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        since = dict(urllib.parse.parse_qsl(url.query)).get("changed_since", "")
        known = self.headers["X-Api-Key"] == "my-api-key" and url.path == "/v2/members"
        data = json.dumps({"data": {"items": [m for m in MEMBERS if m["changed_at"] >= since]}} if known else {}).encode()
        self.send_response(200 if known else 403)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def write_blocks(walk, document, config="gateway.yaml"):
    """Each YAML block as the file that it is: a mapping under its name, everything else the configuration."""
    for language, _, content in blocks(document):
        if language != "yaml":
            continue
        mapping = re.match(r"mapping: (\S+)\n", content)
        file = walk.work / (f"{pathlib.Path(config).parent}/mappings/{mapping.group(1)}.yaml" if mapping else config)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(walk.translate(content))


def readme():
    with Walkthrough(None, ports=(8080, 8081, 9001)) as walk:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", walk.ports[9001]), Loyalty)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            write_blocks(walk, README)
            assert len(list(walk.work.rglob("*.yaml"))) == 3, "the README has a configuration and two mappings"
            walk.run(README)
            written = [json.loads(line) for line in (walk.work / "members.ndjson").read_text().splitlines()]
        finally:
            server.shutdown()
            server.server_close()
        assert sorted(row["number"] for row in written) == sorted(m["number"] for m in MEMBERS), written
        assert {"number": "L-7", "email": "member7@example.com", "mobile": "+491701234507"} in written, written


def runbook():
    with Walkthrough(None, ports=(8080, 8081, 9001), config="config/gateway.yaml") as walk:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", walk.ports[9001]), Loyalty)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            write_blocks(walk, README, "config/gateway.yaml")
            file = walk.work / "config/gateway.yaml"
            file.write_text(file.read_text().replace("pickup", "crm"))  # the runbook's destination
            mappings = walk.work / "config/mappings"
            (mappings / "pickup").rename(mappings / "crm")
            out = mappings / "crm/member.out.yaml"
            out.write_text(out.read_text().replace("pickup", "crm"))
            walk.shell("tributary init && printf my-api-key | tributary secret set loyalty key && tributary sync run loyalty members")
            walk.run(RUNBOOK)
        finally:
            server.shutdown()
            server.server_close()


def guide(name):
    with Walkthrough(None, ports=(8080, 8081, 9001)) as walk:
        write_blocks(walk, GUIDES[name])
        walk.run(GUIDES[name])
        if name == "watch":
            assert all("</html>" in (walk.work / page).read_text() for page in ("review.html", "quality.html"))


def inline_commands():
    """Commands in running text and tables: the program knows them, with these words and options."""
    wrong = []
    with Walkthrough(None) as walk:
        documents = "\n".join((README, RUNBOOK, *GUIDES.values()))
        # Each once, however often it is named.
        for command in dict.fromkeys(re.findall(r"`(?:printf \S+ \| )?tributary ([a-z][^`]*)`", documents)):
            words = [word for word in command.split() if not word.startswith("-") and word.replace("-", "").isalpha() and word.islower()]
            done = subprocess.run([str(walk.folder / "bin/tributary"), *words[:2], "--help"], capture_output=True, text=True)
            options = [word for word in command.split() if word.startswith("--") and word not in ("--config", "--json")]
            if done.returncode != 0 or "Usage" not in done.stdout:
                done = subprocess.run([str(walk.folder / "bin/tributary"), words[0], "--help"], capture_output=True, text=True)
            if done.returncode != 0 or any(option not in done.stdout for option in options):
                wrong.append(command)
    assert not wrong, wrong


def dev_commands():
    known = subprocess.run([str(ROOT / "dev"), "help"], capture_output=True, text=True).stdout
    wrong = {command for command in re.findall(r"\./dev ([a-z]+)", README + RUNBOOK) if command != "help" and f"./dev {command}" not in known}
    assert not wrong, wrong


def links():
    wrong = []
    for file in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("README.md"))]:
        text = file.read_text()
        anchors = {re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.*)$", text, re.M)}
        for target in re.findall(r"\]\(([^)]+)\)", text):
            if target.startswith("#"):
                if target[1:] not in anchors:
                    wrong.append(f"{file.name}: {target}")
            elif not target.startswith("http") and not (file.parent / target.split("#")[0]).exists():
                wrong.append(f"{file.name}: {target}")
    assert not wrong, wrong


def metrics():
    source = (ROOT / "gateway/api/metrics.cpp").read_text()
    wrong = [name for name in re.findall(r"`tributary_(\w+)`", RUNBOOK + GUIDES["watch"]) if f'"{name}"' not in source]
    assert not wrong, wrong


if __name__ == "__main__":
    verdicts = Verdicts()
    verdicts.run("the README's walk-through connects a system and delivers its members", readme)
    verdicts.run("every command of the runbook runs", runbook)
    for name in GUIDES:
        verdicts.run(f"every command of the {name} guide runs", lambda name=name: guide(name))
    verdicts.run("commands in running text exist with their options", inline_commands)
    verdicts.run("./dev knows every command that is named", dev_commands)
    verdicts.run("links and anchors lead somewhere", links)
    verdicts.run("metrics that the runbook names exist", metrics)
    sys.exit(verdicts.exit_code())
