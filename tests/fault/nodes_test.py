#!/usr/bin/env python3
"""Faults between several gateways and their PostgreSQL server, each with a server, gateways and a destination of its own:

  partition        a gateway loses the database, loudly or without a word      tests/fault/node_faults/partition.py
  zombie           gateways stand still past their leases and come back        zombie.py
  restart          the server crashes again and again                          restart.py
  commit_unknown   connections are cut around a COMMIT                         commit_unknown.py
  replay           events sent many times to two gateways, and forged          replay.py
  snapshot         a session holds a snapshot                                  snapshot.py
  upgrade          gateways restarted in turn; a newer database                upgrade.py
  joint_reload     gateways change their configuration together                joint_reload.py
  no_fence, no_dedup   a guard broken on purpose, which must be found out      zombie.py, replay.py

The process moves into a network of its own first. Load and judge: tests/fakes/nodes.py.
Without --full or --only there are no partition, no_fence, restart and snapshot: they count seconds of leases, which a busy
machine stretches.
  --seed N   --only NAME[,NAME]   --full
"""
import argparse
import concurrent.futures
import importlib
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1] / "fakes"), str(HERE.parent)]
import network  # noqa: E402
from gateway import Verdicts  # noqa: E402

# Those of one group go side by side; groups go one after the other. The first group waits for leases most of the time.
GROUPS = [["zombie", "no_fence", "partition"], ["upgrade", "commit_unknown", "replay", "no_dedup", "joint_reload"], ["restart"], ["snapshot"]]
# The suite has crashes of the server in tests/integration/postgres_test.py, and the broken fence in the simulation.
FULL_ONLY = {"partition", "no_fence", "restart", "snapshot"}
BROKEN = {"no_fence": ("zombie", "without_fence"), "no_dedup": ("replay", "without_dedup")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--only", default="")
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    chosen = options.only.split(",") if options.only else [
        name for group in GROUPS for name in group if options.full or name not in FULL_ONLY]
    verdicts = Verdicts()
    try:
        network.leave_the_world()
    except network.Unavailable as why:
        if "partition" in chosen:
            print(f"SKIP partition: no network namespaces here: {why}", flush=True)
            chosen.remove("partition")

    def play(name):
        module, function = BROKEN.get(name, (name, "campaign"))
        campaign = getattr(importlib.import_module(f"node_faults.{module}"), function)
        verdicts.run(f"{name} runs to its end", lambda: campaign(verdicts, options.seed, options.full))

    # At full size each has the machine for itself.
    for group in [[name] for group in GROUPS for name in group] if options.full else GROUPS:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(play, [name for name in group if name in chosen]))
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
