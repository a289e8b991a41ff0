#!/usr/bin/env python3
"""Eight processes renew the same tokens: each expiry is renewed exactly once, also when one is killed at any step.

The provider is a strict one of our own (tests/fakes/strict_provider.py): it takes a refresh token once and revokes the
whole login when it sees one twice. In each round all tokens end, by the clock or because the provider says 401, and all
processes call at the same moment. In some rounds the one that renews dies by SIGKILL at a given step.

  strict   lost_answer: log_in_again. An answer that may have been lost ends in a new login, never in a second use.
  lenient  lost_answer: retry, at a provider that gives the same answer again for a while. Nobody has to log in.

The last part breaks the guard on purpose, and the count must show it.   --seed N --rounds N --full
"""
import argparse
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
import refreshers  # noqa: E402
from gateway import Verdicts  # noqa: E402
from refreshers import STEPS, Rounds  # noqa: E402
from strict_provider import CLIENT, SECRET, StrictProvider  # noqa: E402

WORKERS = 8


def definition(port, lost_answer):
    return f"""
base_url: http://127.0.0.1:{port}
auth:
  type: oauth2
  grant: refresh_token
  token_url: http://127.0.0.1:{port}/token
  client_id: {CLIENT}
  client_secret: {SECRET}
  client_auth: basic
  refresh_token: "{{credentials.refresh_token?}}"
  lost_answer: {lost_answer}
check: {{ path: /thing }}
"""


def rounds_at(provider, lost_answer, generator, guarded=True):
    return Rounds(provider, definition(provider.port, lost_answer), WORKERS, lost_answer, generator, guarded)


def play(name, verdicts, rounds, every, grace, lost_answer, generator, seed):
    began = time.monotonic()
    run = rounds_at(StrictProvider(grace), lost_answer, generator)
    try:
        run.round()  # the first tokens, out of the seed
        for number in range(rounds):
            run.expire()
            run.round(STEPS[number // every % len(STEPS)] if number % every == every - 1 else "")
    finally:
        run.close()
    provider = run.provider
    print(f"COUNTS {name} injected={run.expiries} processes={WORKERS} calls={provider.calls} refreshes={provider.refreshes} "
          f"replays={provider.replays} reuses={provider.reuses} revoked={len(provider.revoked_families)} kills={run.team.kills} "
          f"logins={run.logins} wrong_rounds={len(run.wrong)} seconds={time.monotonic() - began:.0f} seed={seed}", flush=True)
    size = f"{run.expiries} expiries, {WORKERS} processes, {run.team.kills} kills"
    verdicts.check(f"{name}: every expiry is renewed exactly once ({size})", not run.wrong, str(run.wrong[:5]))
    verdicts.check(f"{name}: the provider revoked nothing", not provider.revoked_families and provider.reuses == 0,
                   f"{provider.reuses} tokens came twice")
    verdicts.check(f"{name}: it was killed at every step", run.team.kills >= min(len(STEPS), rounds // every), f"{run.team.kills}")
    if not run.strict:
        verdicts.check(f"{name}: nobody had to log in again", run.logins == 1, f"{run.logins} logins")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--full", action="store_true", help="a thousand expiries")
    options = parser.parse_args()
    rounds = 1000 if options.full else options.rounds
    verdicts, generator = Verdicts(), random.Random(options.seed)
    refreshers.build()
    play("strict", verdicts, rounds, 10, 0, "log_in_again", generator, options.seed)
    play("lenient", verdicts, max(40, rounds // 4), 5, 120, "retry", generator, options.seed)
    # The proof that the count can fail.
    broken = rounds_at(StrictProvider(), "log_in_again", generator, guarded=False)
    try:
        for _ in range(6):
            broken.expire()
            broken.team.round()
    finally:
        broken.close()
    print(f"COUNTS unguarded injected=6 refreshes={broken.provider.refreshes} reuses={broken.provider.reuses} "
          f"revoked={len(broken.provider.revoked_families)} seed={options.seed}", flush=True)
    verdicts.check("req 9: without the guard the provider sees tokens twice", broken.provider.reuses > 0, "the test would not notice")
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
