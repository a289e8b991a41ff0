#!/usr/bin/env python3
"""Nodes that deliver from one store on virtual time, with lost requests and answers, crashes, pauses and withdrawals.

Each seed is one run (tests/fault/simulation); a bad one is replayed with its trace by `simulation --seed N`. The same
program then breaks the fence, the idempotency key, the second look at consent and the hold in turn, and must find each.
  --seed N: the first one   --full: 10,000 of them, else as many as 20 s allow
"""
import argparse
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import built  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    seconds = "7200" if options.full else "20"
    return subprocess.run([built("simulation"), "--from", str(options.seed), "--seeds", "10000", "--seconds", seconds]).returncode


if __name__ == "__main__":
    sys.exit(main())
