#!/usr/bin/env python3
"""Nodes that deliver from one store on virtual time, with lost requests and answers, crashes, pauses and withdrawals.

Each seed is one run (tests/fault/simulation); a bad one is replayed with its trace by `simulation --seed N`. The same
program then breaks the fence, the idempotency key, the second look at consent and the hold in turn, and must find each.
  --seed N: the first one   --seeds N   --full: 10,000 of them, else as many as 20 s allow
"""
import argparse
import os
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import built  # noqa: E402

# It looks for broken promises; memory is looked at more closely by the other suites. A third of the time less.
QUICKER = "malloc_context_size=1:detect_stack_use_after_return=0:quarantine_size_mb=8"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    seconds = "7200" if options.full else "20"
    command = [built("simulation"), "--from", str(options.seed), "--seeds", str(options.seeds), "--seconds", seconds]
    given = os.environ.get("ASAN_OPTIONS")
    return subprocess.run(command, env=dict(os.environ, ASAN_OPTIONS=f"{given}:{QUICKER}" if given else QUICKER)).returncode


if __name__ == "__main__":
    sys.exit(main())
