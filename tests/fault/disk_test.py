#!/usr/bin/env python3
"""Power loss, full, broken and damaged disks under the store: tests/fault/disk, in one process of its own.

A disk between SQLite and its files journals every write and sync, so that what a power loss may leave can be built for
any moment. The run without the log's sync must report losses: it proves that the others would be seen.
  --seed N --full (every moment of the trace)
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
    return subprocess.run([built("disk_campaign"), "--seed", str(options.seed)] + ["--full"] * options.full).returncode


if __name__ == "__main__":
    sys.exit(main())
