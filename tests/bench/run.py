"""Runs the benches and ends with one table: what the engine did, what its baseline did in the same run, the ratio.

    python3 tests/bench/run.py [--build FOLDER] [--only NAME ...] [--seconds LIMIT_OF_EACH]

A bench prints `result: name | tributary | baseline | ratio | goal` for each of its comparisons; a goal of 0 is a figure
without a promise. Ratios mean something on a machine whose speed changes, absolute figures do not: the state of the
machine is printed with them. Exit code 1 when a bench failed or took too long, not when a goal was missed.
"""

import argparse
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import time

from machine import machine

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/fakes"))
from postgres_server import PostgresServer  # noqa: E402

# Runs besides the plain one, by bench.
MORE_RUNS = {"sync": [["--linked", "--rounds", "3", "--orders", "20000"], ["--memory"]],
             "delivery": [["--fan-out"], ["--queued", "1000000"]]}
# Without the file of the bench's own making it needs one.
NEEDS_ORDERS = {"json_parse"}
# Is told of a PostgreSQL server of its own, which syncs as a real one does.
NEEDS_SERVER = {"postgres"}
SERVER = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "256MB", "max_wal_size": "4GB"}


def benches(folder, only):
    found = sorted(path for path in folder.glob("bench_*") if path.is_file() and os.access(path, os.X_OK))
    return [path for path in found if not only or path.name.removeprefix("bench_") in only]


def run(command, limit):
    """Prints what it prints, line by line. Returns its result lines and why it failed, if it did."""
    results = []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT)
    end, rest = time.monotonic() + limit, b""
    try:
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                return results, f"took longer than {limit:.0f} s"
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                code = process.wait()
                return results, f"exit code {code}" if code else None
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                text = line.decode(errors="replace")
                if text.startswith("result: "):
                    results.append([cell.strip() for cell in text.removeprefix("result: ").split("|")])
                else:
                    print("    " + text, flush=True)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def verdict(ratio, goal):
    if float(goal) == 0:
        return "", ""
    return goal, "yes" if float(ratio) >= float(goal) else "NO"


def table(results):
    rows = [["bench", "tributary", "baseline", "ratio", "goal", "reached"]]
    for name, ours, theirs, ratio, goal in results:
        rows.append([name, ours, theirs, ratio, *verdict(ratio, goal)])
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    for i, row in enumerate(rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
        if i == 0:
            print("  ".join("-" * width for width in widths))


def main():
    parser = argparse.ArgumentParser(description="runs the benches, each beside its own baseline")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release" / "tests")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="such as mapping, ingress, sync")
    parser.add_argument("--seconds", type=float, default=300, help="limit of each run")
    options = parser.parse_args()
    paths = benches(options.build, set(options.only))
    if not paths:
        sys.exit(f"no benches in {options.build}: run ./dev bench, which builds them")
    print(f"machine: {machine()}")
    results, failures = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for path in paths:
            name = path.name.removeprefix("bench_")
            first = []
            if name in NEEDS_ORDERS:
                orders = pathlib.Path(scratch) / "orders.ndjson"
                made = subprocess.run([options.build / "bench_mapping", "--write", orders], check=False)
                if made.returncode:
                    failures.append(f"{name}: no orders to read")
                    continue
                first = [str(orders)]
            server = None
            if name in NEEDS_SERVER:
                server = PostgresServer(SERVER)
                first = ["--dsn", server.database()[1]]
            for words in [first, *MORE_RUNS.get(name, [])]:
                print(f"\n{' '.join([path.name, *words])}", flush=True)
                found, failure = run([str(path), *words], options.seconds)
                results += found
                if failure:
                    failures.append(f"{' '.join([name, *words])}: {failure}")
                    print(f"    {failure}")
            if server:
                server.close()
    print(f"\nmachine: {machine()}\n")
    table(results)
    for failure in failures:
        print(f"FAILED {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
