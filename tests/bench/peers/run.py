#!/usr/bin/env python3
"""Tributary beside Redpanda Connect and n8n on the same work, round by round in turn; ends with a table in Markdown.

    python3 tests/bench/peers/run.py [--only mapping webhook sync] [--peers tributary connect n8n n8n-legacy] [--rounds N]

Installs the peers when they are missing, below $PEERS_HOME. In the first round their mappings have to give the same for
some orders before they are timed. A round that failed is told and left out; exit code 1 then.
"""
import argparse
import json
import os
import pathlib
import socket
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
os.environ.setdefault("TRIBUTARY", str(ROOT / "build/release/bin/tributary"))
sys.path[:0] = [str(ROOT / "tests/fakes"), str(ROOT / "tests/bench")]

import connect  # noqa: E402
import gateway as fakes  # noqa: E402
import n8n  # noqa: E402
import tributary  # noqa: E402
from common import Failed, Traffic, median  # noqa: E402
from machine import machine  # noqa: E402

PEERS = {"tributary": (tributary, tributary.Tributary), "connect": (connect, connect.Connect), "n8n": (n8n, n8n.N8n),
         "n8n-legacy": (n8n, n8n.Legacy)}
WORKS = ("mapping", "webhook", "sync")
COMPARED = 20  # orders whose mapped form is compared


def free_ports():
    """The first of two ports that nobody has."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
                return port
            except OSError:
                continue


def installed(names):
    """The peers that are there, by name; says why one is not."""
    there = {}
    for name in names:
        module, peer = PEERS[name]
        try:
            print(f"installing {name} where it is missing", flush=True)
            module.install()
            there[name] = peer
        except (Failed, OSError) as error:
            print(f"MISSING {name}: {error}", flush=True)
    return there


def with_peer(peer, traffic, act):
    one = peer(traffic, free_ports())
    try:
        return act(one)
    finally:
        one.close()


class Comparison:
    """What the peers make of the same few orders has to be the same."""

    def __init__(self, traffic, folder):
        self.file, self.first = folder / "few.ndjson", None
        traffic.orders(COMPARED, self.file)

    def add(self, name, peer):
        forms = sorted((json.loads(text) for text in peer.mapped(self.file)), key=lambda both: both["order"]["number"])
        if self.first is None:
            self.first = forms
        if len(forms) != COMPARED or forms != self.first:
            raise Failed(f"{name} maps {COMPARED} orders otherwise: {json.dumps(forms)[:2000]}")
        print(f"  {name} maps {COMPARED} orders as it has to", flush=True)


def work_of(name, options, traffic, folder):
    """What one peer does in one round."""
    if name == "mapping":
        file = folder / "orders.ndjson"
        if not file.exists():
            traffic.orders(options.mapped, file)
        return lambda peer: peer.mapping(file, options.mapped)
    if name == "webhook":
        return lambda peer: peer.webhook(options.warm, options.seconds, options.connections, options.bodies)

    def sync(peer):
        with traffic.shop(options.orders, options.page) as port:
            return peer.sync(port, options.orders)
    return sync


def round_of(number, peers, options, traffic, folder, comparison, found, failures):
    """Each peer does all the works once; they take turns at going first. `found`: {(work, peer, variant): {round: ...}}."""
    works = {name: work_of(name, options, traffic, folder) for name in options.only}

    def act(name, one):
        for work, do in works.items():
            if work not in one.works:
                continue
            load = os.getloadavg()[0]
            try:
                if work == "mapping" and number == 0:
                    comparison.add(name, one)
                measured = do(one)
            except Exception as error:  # told and counted; the others go on
                failures.append(f"round {number + 1}, {name}, {work}: {type(error).__name__}: {error}")
                print("FAILED " + failures[-1], flush=True)
                continue
            for (row, variant), result in measured.items():
                found.setdefault((row, name, variant), {})[number] = result
                figures = ", ".join(f"{key} {value:.1f}" for key, value in result.items())
                print(f"  round {number + 1}, load {load:.1f}: {row}: {name} {variant}: {figures}", flush=True)

    turn = number % len(peers)
    for name in list(peers)[turn:] + list(peers)[:turn]:
        with_peer(peers[name], traffic, lambda one, name=name: act(name, one))


def ratio(ours, theirs, key):
    """Median and span of Tributary's figure over theirs, of the rounds that both finished."""
    ratios = sorted(ours[number][key] / theirs[number][key] for number in ours.keys() & theirs.keys())
    return f"{ratios[len(ratios) // 2]:.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})" if ratios else ""


def table(found, peers):
    lines = ["| work | who | a second | a CPU second | p50, p99 ms | peak MB | Tributary / this, a second | a CPU second |",
             "|---" * 8 + "|"]
    references = {}
    for (work, peer, variant), rounds in found.items():
        if peer == "tributary":
            references.setdefault(work, rounds)
    for (work, peer, variant), rounds in sorted(found.items(), key=lambda item: item[0][0]):
        runs, ours = list(rounds.values()), references.get(work)
        cells = [work, peers[peer].name + (", " + variant if variant else ""), f"{median(runs, 'rate'):,.0f}",
                 f"{median(runs, 'per_cpu'):,.0f}",
                 f"{median(runs, 'p50_ms'):.1f}, {median(runs, 'p99_ms'):.1f}" if "p50_ms" in runs[0] else "",
                 f"{max(run['peak_mb'] for run in runs):.0f}" if "peak_mb" in runs[0] else ""]
        other = ours is not None and ours is not rounds
        cells += [ratio(ours, rounds, "rate") if other else "", ratio(ours, rounds, "per_cpu") if other else ""]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ceiling(options, traffic):
    """Requests a second of the load client against a server that does nothing: the client must not be what is measured."""
    with traffic.shop(1, 1) as port:
        return traffic.load(port, "/taken", 2, options.connections, options.bodies)["answers"] / 2


def main():
    parser = argparse.ArgumentParser(description="Tributary beside other tools, on the same work in the same run")
    parser.add_argument("--only", nargs="+", choices=WORKS, default=WORKS)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="of one webhook load")
    parser.add_argument("--warm", type=float, default=5, help="seconds of load before it")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--bodies", type=int, default=2000, help="different orders among the webhooks")
    parser.add_argument("--mapped", type=int, default=20000, help="orders to map")
    parser.add_argument("--orders", type=int, default=20000, help="orders to sync")
    parser.add_argument("--page", type=int, default=250)
    options = parser.parse_args()
    peers, failures, found = installed(options.peers), [], {}
    traffic = Traffic(fakes.built("peers_traffic"))
    print(f"machine: {machine()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        folder = pathlib.Path(folder)
        comparison = Comparison(traffic, folder)
        if "webhook" in options.only:
            print(f"the load client alone: {ceiling(options, traffic):,.0f} requests/s", flush=True)
        for number in range(options.rounds):
            round_of(number, peers, options, traffic, folder, comparison, found, failures)
    print(f"machine: {machine()}\n")
    for name, peer in peers.items():
        print(f"{peer.name}: {with_peer(peer, traffic, lambda one: one.version)}")
    print("\n" + table(found, peers))
    for failure in failures:
        print("FAILED " + failure)
    return 1 if failures or len(peers) < len(options.peers) else 0


if __name__ == "__main__":
    sys.exit(main())
