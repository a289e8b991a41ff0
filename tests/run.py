#!/usr/bin/env python3
"""Builds and runs every suite, then prints one line: N passed, N failed[, N skipped].

  --only SUITE[,SUITE]   house unit integration real fault tsan fuzz lint (default: all)
  --fuzz-seconds N       how long each fuzz target runs (default: 30 for those of the record path, 10 for the others)
  --full                 the fault tests at their full size
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
JOBS = os.environ.get("JOBS", str(os.cpu_count() or 2))
SUITES = ["house", "unit", "integration", "real", "fault", "tsan", "fuzz", "lint"]
# The parsers that every record or signature goes through are fuzzed longest.
FUZZED_LONGEST = {"record", "json", "mapping_yaml", "signature_headers", "csv", "retry_after", "dates"}
# CI has 90 minutes, and the longest build takes 11. What has not begun by then is skipped, said and counted; it never
# goes missing in silence.
BUDGET = 75 * 60
# They wait for servers, leases and timers more than they compute. Those with real systems install packages: one by one.
SCRIPTS_AT_ONCE = 2
TSAN_LAYERS = ["run", "net", "store", "flow"]
# What runs beside the suites that mostly wait for servers and timers: it takes only the time that they leave.
GENTLY = ["nice", "-n", "19"]

STARTED = time.time()
passed = failed = skipped = 0
failures = []


def note(name, ok, detail=""):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        failures.append(name)
        print(f"FAILED {name}\n{detail}", flush=True)


def run(command, timeout, **kwargs):
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=timeout, **kwargs)
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired as late:
        out = (late.stdout or b"").decode(errors="replace") if isinstance(late.stdout, bytes) else (late.stdout or "")
        return 124, out + f"\nstopped after {timeout} s"


def skip(name, why):
    global skipped
    skipped += 1
    print(f"SKIPPED {name}: {why}", flush=True)


def out_of_time():
    return os.environ.get("CI") == "true" and time.time() - STARTED > BUDGET


def compiled(preset, *targets, gently=()):
    """Exit code, output and seconds of a build."""
    started = time.time()
    code, out = run(["cmake", "--preset", preset], 300)
    if code == 0:
        command = [*gently, "cmake", "--build", f"build/{preset}", "-j", JOBS]
        for target in targets:
            command += ["--target", target]
        code, out = run(command, 3600)
    return code, out, time.time() - started


def build(preset, *targets):
    code, out, seconds = ahead.pop(preset).result() if preset in ahead else compiled(preset, *targets)
    note(f"build {preset}", code == 0, out[-6000:])
    print(f"built {preset} in {seconds:.0f} s", flush=True)
    return code == 0


def begin_ahead():
    """Starts what the later suites need, one after the other, beside those that come before them."""
    if "tsan" in chosen:
        ahead["tsan"] = beside.submit(compiled, "tsan", *tsan_targets(), gently=GENTLY)
    if "lint" in chosen:
        ahead["lint"] = beside.submit(linted)


def catch(binaries, at_once=1):
    """Catch2 executables, several at once: every test case counts."""
    def timed(binary):
        started = time.time()
        return binary, *run([str(binary)], 900), time.time() - started

    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for result in pool.map(timed, binaries):
            count_cases(*result)


def count_cases(binary, code, out, seconds):
    global passed, failed, skipped
    name = binary.name
    everything = re.search(r"All tests passed \(\d+ assertions? in (\d+) test cases?\)", out)
    some = re.search(r"test cases: +(\d+) \|(?: +(\d+) passed)?(?: \|)?(?: +(\d+) failed)?", out)
    skips = re.findall(r"^SKIPPED: .*", out, re.M)
    for line in skips:
        print(f"{name}: {line}")
    skipped += len(skips)
    if code == 0 and everything:
        passed += int(everything.group(1)) - len(skips)
    elif some and some.group(3):
        passed += int(some.group(2) or 0)
        failed += int(some.group(3))
        failures.append(name)
        print(f"FAILED {name}\n{out[-8000:]}", flush=True)
    else:
        note(name, False, f"exit {code}\n{out[-8000:]}")
    print(f"{name}: {'ok' if code == 0 else 'FAILED'} in {seconds:.1f} s", flush=True)


def sources():
    code, out = run(["git", "ls-files", "*.cpp", "*.hpp", "*.h"], 60)
    return [line for line in out.splitlines() if line and (ROOT / line).exists()]


def house():
    for script in sorted((ROOT / "tests/house").glob("*.py")):
        code, out = run([sys.executable, str(script)], 300)
        note(f"house {script.stem}", code == 0, out)
    code, out = run(["clang-format-19", "--dry-run", "--Werror", *sources()], 300)
    note("clang-format", code == 0, out[-3000:])


def product_units():
    """The translation units of the product, each with how many of its source files it holds."""
    product = (str(ROOT / "gateway") + os.sep, str(ROOT / "connectors") + os.sep)
    found = {}
    for entry in json.loads((ROOT / "build/asan/compile_commands.json").read_text()):
        unit = pathlib.Path(entry["directory"], entry["file"])
        files = [str(unit)]
        if unit.parent.name == "Unity":
            files = re.findall(r'^#include "(.*)"', unit.read_text(), re.M)
        count = sum(name.startswith(product) for name in files)
        if count:
            found[str(unit)] = count
    return found


def linted():
    """How many files clang-tidy read, what it says of each bad unit, and how many there was no time for."""
    files_of = product_units()

    def tidy(unit):
        if out_of_time():
            return unit, None
        return unit, run([*GENTLY, "clang-tidy-19", "-p", "build/asan", "--quiet", unit], 1800)

    with concurrent.futures.ThreadPoolExecutor(int(JOBS)) as pool:
        results = list(pool.map(tidy, files_of))
    read = [(unit, *result) for unit, result in results if result]
    unread = sum(files_of[unit] for unit, result in results if not result)
    return sum(files_of[unit] for unit, *_ in read), [f"{unit}\n{out[-1500:]}" for unit, code, out in read if code != 0], unread


def lint():
    if "lint" not in ahead and not build("asan"):
        return
    read, bad, unread = ahead.pop("lint").result() if "lint" in ahead else linted()
    note(f"clang-tidy over {read} files", not bad, "\n".join(bad[:10]))
    if unread:
        skip(f"clang-tidy over {unread} more files", "out of time")
    build("asan", "bench_check")


def unit():
    if build("asan"):
        found = sorted((ROOT / "build/asan/tests").glob("unit_*"))
        catch([binary for binary in found if binary.is_file() and os.access(binary, os.X_OK)], int(JOBS))


def tsan_targets():
    return [f"unit_{layer}" for layer in TSAN_LAYERS if any((ROOT / "tests/unit" / layer).rglob("*.cpp"))]


def tsan():
    targets = tsan_targets()
    if build("tsan", *targets):
        catch([ROOT / "build/tsan/tests" / target for target in targets])


def fuzz():
    targets = sorted(p.stem for p in (ROOT / "tests/fuzz").glob("*.cpp"))
    if not build("asan", *[f"fuzz_{t}" for t in targets]):
        return

    def one(target):
        seconds = arguments.fuzz_seconds or (30 if target in FUZZED_LONGEST else 10)
        if out_of_time():
            return target, seconds, None
        corpus = ROOT / "tests/fuzz/corpus" / target
        found = ROOT / "build/found" / target
        found.mkdir(parents=True, exist_ok=True)
        command = [str(ROOT / f"build/asan/tests/fuzz_{target}"), str(found), str(corpus), f"-max_total_time={seconds}",
                   "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={found}/crash-"]
        return target, seconds, run(command, seconds * 3 + 120)

    with concurrent.futures.ThreadPoolExecutor(int(JOBS)) as pool:
        for target, seconds, result in pool.map(one, targets):
            if result is None:
                skip(f"fuzz {target}", "out of time")
                continue
            code, out = result
            runs = re.search(r"stat::number_of_executed_units: (\d+)", out)
            print(f"fuzz {target}: {runs.group(1) if runs else '?'} inputs in {seconds} s", flush=True)
            note(f"fuzz {target}", code == 0, out[-3000:])


def scripts(folder, timeout, at_once=1):
    """Python tests that drive the binary. Each prints PASS name, FAIL name: why, SKIP name: why."""
    if not build("asan", "tributary"):
        return
    environment = dict(os.environ, TRIBUTARY=str(ROOT / "build/asan/bin/tributary"),
                       TRIBUTARY_SHARED=os.environ.get("TRIBUTARY_SHARED", str(ROOT.parent / "shared")))

    def timed(script):
        started = time.time()
        command = [sys.executable, str(script)] + (["--full"] if arguments.full else [])
        return script.name, *run(command, timeout, env=environment), time.time() - started

    runs = []
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for name, code, out, seconds in pool.map(timed, sorted((ROOT / "tests" / folder).glob("*_test.py"))):
            runs.append((name, seconds, out))
            count_verdicts(folder, name, code, out, seconds)
    return runs


def count_verdicts(folder, name, code, out, seconds):
    global passed, failed, skipped
    results = re.findall(r"^(PASS|FAIL|SKIP) (.*)$", out, re.M)
    for verdict, what in results:
        if verdict == "SKIP":
            print(f"SKIPPED {name}: {what}", flush=True)
    passed += sum(v == "PASS" for v, _ in results)
    skipped += sum(v == "SKIP" for v, _ in results)
    bad = sum(v == "FAIL" for v, _ in results)
    failed += bad
    if bad:
        failures.append(name)
    for line in re.findall(r"^COUNTS .*$", out, re.M):
        print(f"{name}: {line}", flush=True)
    if bad or code != 0 or not results:
        if not bad:
            note(name, False, f"exit {code}")
        print(out[-6000:], flush=True)
    print(f"{folder}/{name}: {'ok' if code == 0 and not bad else 'FAILED'} in {seconds:.0f} s", flush=True)


def integration():
    scripts("integration", 900, SCRIPTS_AT_ONCE)


def real():
    scripts("real", 1500)


def fault():
    # The figures of a full campaign are of one fault at a time.
    runs = scripts("fault", 14400, 1) if arguments.full else scripts("fault", 1500, SCRIPTS_AT_ONCE)
    if runs and arguments.full:
        sys.path.insert(0, str(ROOT / "tests/fault"))
        import results
        (ROOT / "docs/fault-results.md").write_text(results.table(runs))


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--only", default=",".join(SUITES))
parser.add_argument("--fuzz-seconds", type=int, default=0)
parser.add_argument("--full", action="store_true")
arguments = parser.parse_args()
os.chdir(ROOT)
(ROOT / "build").mkdir(exist_ok=True)
chosen = arguments.only.split(",")
unknown = [name for name in chosen if name not in SUITES]
if unknown:
    sys.exit(f"unknown suite {unknown[0]}: one of {', '.join(SUITES)}")
beside = concurrent.futures.ThreadPoolExecutor(1)
ahead = {}
for suite in SUITES:
    if suite == "integration" and {"unit", "integration"} <= set(chosen):
        begin_ahead()
    if suite in chosen and out_of_time() and suite not in ahead:
        skip(suite, "out of time")
    elif suite in chosen:
        began = time.time()
        print(f"== {suite}", flush=True)
        globals()[suite]()
        print(f"== {suite} took {time.time() - began:.0f} s", flush=True)
if failures:
    print("failed: " + ", ".join(failures))
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(1 if failed else 0)
