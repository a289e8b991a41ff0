#!/usr/bin/env python3
"""Nodes that deliver from one store on virtual time, with lost requests and answers, crashes, pauses and withdrawals.

Each seed is one run (tests/fault/simulation); a bad one is replayed with its trace by `simulation --seed N`. The same
program then breaks the fence, the idempotency key, the second look at consent and the hold in turn, and must find each.
  --seed N: the first one   --seeds N: how many, 10,000 unless said   --full: however long they take, else 20 minutes
Without --seed the suite runs the same seeds each time, so that a change is judged by them and not by luck; --full draws others.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import built  # noqa: E402

# It looks for broken promises; memory is looked at more closely by the other suites. A third of the time less.
QUICKER = "malloc_context_size=1:detect_stack_use_after_return=0:quarantine_size_mb=8"
GUARDS = ("fence", "dedup", "second_consent", "hold")
SEED = 99_000
ONCE_BAD = (1747894303, 3847622756)  # each found a fault of the product
FOUND_WITHIN = 1000  # seeds, for each broken guard
AT_ONCE = 400  # seeds of one process


def simulated(first, seeds, ends, *options):
    """What one process counted, the numbers of the bad seeds, and what else it said."""
    given = os.environ.get("ASAN_OPTIONS")
    seconds = int(ends - time.monotonic())
    if seconds <= 0:
        return collections.Counter(), [], ""
    done = subprocess.run([built("simulation"), "--from", str(first), "--seeds", str(seeds), "--seconds", str(seconds), *options],
                          env=dict(os.environ, ASAN_OPTIONS=f"{given}:{QUICKER}" if given else QUICKER), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    bad = [int(one) for one in re.findall(r"^bad (\d+)$", done.stdout, re.M)]
    if done.returncode not in (0, 1) or (done.returncode == 1) != bool(bad):
        raise RuntimeError(f"seeds {first} to {first + seeds - 1}: exit {done.returncode}\n{done.stdout[-3000:]}")
    counts = collections.Counter({name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", done.stdout.splitlines()[0])})
    return counts, bad, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 32) if options.full else SEED
    began = time.monotonic()
    ends = began + (7200 if options.full else 1200)
    total, bad, said, failed = collections.Counter(), [], "", False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        firsts = range(options.seed, options.seed + options.seeds, AT_ONCE)
        again = [pool.submit(simulated, seed, 1, ends) for seed in ONCE_BAD]  # before the time is used up
        sound = [pool.submit(simulated, first, min(AT_ONCE, options.seed + options.seeds - first), ends) for first in firsts]
        broken = {guard: pool.submit(simulated, options.seed, FOUND_WITHIN, ends + 200, "--broken", guard) for guard in GUARDS}
        for counts, seeds, words in (each.result() for each in sound):
            total += counts
            bad += seeds
            said = said or (words if seeds else "")
    print(f"COUNTS simulation injected={total['seeds']} bad={total['bad']} changes={total['changes']} sent={total['sent']} "
          f"sent_again={total['sent_again']} effects={total['effects']} crashes={total['crashes']} pauses={total['pauses']} "
          f"withdrawals={total['withdrawals']} dead_letters={total['dead_letters']} seconds={time.monotonic() - began:.0f} "
          f"seed={options.seed}")
    if total["seeds"] < options.seeds:
        print(f"     time ran out after {total['seeds']} of {options.seeds} seeds")
    if bad or not total["seeds"]:
        failed = True
        print(f"FAIL simulated nodes keep every promise: {total['bad']} of {total['seeds']} seeds are bad: {bad[:20]}; {said[-3000:]}")
    else:
        print("PASS simulated nodes keep every promise")
    anew = [one for each in again for one in each.result()[1]]
    failed = failed or bool(anew)
    print(f"{'FAIL' if anew else 'PASS'} seeds that were bad once are good{f': not {anew}' if anew else ''}")
    for guard, each in broken.items():
        counts, seeds, _ = each.result()
        failed = failed or not seeds
        print(f"COUNTS simulation_without_{guard} seeds={counts['seeds']} found={len(seeds)}")
        print(f"{'PASS' if seeds else 'FAIL'} a simulation without {guard} is found out{'' if seeds else ': no seed saw it'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
