#!/usr/bin/env python3
"""The demo at a smaller size: it ends by itself, all sums agree, and the commands it prints work as printed."""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/fakes"))
from gateway import BINARY, Verdicts  # noqa: E402

if __name__ == "__main__":
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory(prefix="tributary-demo-") as folder:
        done = subprocess.run([sys.executable, str(ROOT / "examples/demo/run.py"), BINARY, "--folder", f"{folder}/demo",
                               "--customers", "320", "--orders", "500", "--webhooks", "200"],
                              cwd=ROOT, capture_output=True, text=True, timeout=400)
        verdicts.check("the demo ends with all sums agreeing", done.returncode == 0 and "all sums agree" in done.stdout,
                       f"exit {done.returncode}: {done.stdout[-3000:]}{done.stderr[-1500:]}")
        commands = re.findall(r"^  (\S*tributary --config .*)$", done.stdout, re.M)
        verdicts.check("the demo says how to look closer", len(commands) >= 8, commands)
        for command in commands:
            again = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=120)
            verdicts.check("as printed: tributary " + command.split("gateway.yaml ")[-1],
                           again.returncode == 0 and again.stdout.strip(), f"exit {again.returncode}: {again.stderr[-600:]}")
    sys.exit(verdicts.exit_code())
