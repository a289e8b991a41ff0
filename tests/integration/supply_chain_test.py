#!/usr/bin/env python3
"""What the program is made of, and how it is linked (security requirement 29): bill of materials and hardening."""
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from gateway import BINARY, ROOT, Verdicts, run  # noqa: E402


def output(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout


def bill():
    version = run("--version").out.split()[-1]
    text = output(sys.executable, ROOT / "cmake/sbom.py", BINARY, "--version", version)
    told = json.loads(text)
    if text != output(sys.executable, ROOT / "cmake/sbom.py", BINARY, "--version", version):
        return "the same binary has two bills"
    if told["metadata"]["component"]["hashes"][0]["content"] != hashlib.sha256(pathlib.Path(BINARY).read_bytes()).hexdigest():
        return "the hash is not the binary's"
    named = {part["name"] for one in told["components"] for part in one.get("components", [])}
    loaded = {str(pathlib.Path(f).resolve()) for f in re.findall(r"=> (/\S+)", output("ldd", BINARY))}
    if named != loaded:
        return f"the loader maps other files: {named ^ loaded}"
    names = {one["name"] for one in told["components"]}
    for needed in ("libssl3", "libsqlite3-0", "libsimdjson14", "libboost1.81-dev", "nlohmann-json3-dev"):
        if needed not in names:
            return f"{needed} is missing among {sorted(names)}"
    bad = [one["name"] for one in told["components"] if not one["version"] or not one["purl"].startswith("pkg:deb/debian/")]
    return f"without version or address: {bad}" if bad else None


def packages():
    """Every package that is built from is named by ./dev, so that setup and bill agree."""
    listed = set(re.search(r"packages=\((.*?)\)", (ROOT / "dev").read_text(), re.S).group(1).split())
    sys.path.insert(0, str(ROOT / "cmake"))
    import sbom  # noqa: PLC0415
    unlisted = set(sbom.HEADERS_ONLY) - listed
    return f"not installed by ./dev: {unlisted}" if unlisted else None


def linked():
    """Position independent, relocations read-only before main, no writable code, no path of the build machine."""
    header, program, dynamic = (output("readelf", "-W", flag, BINARY) for flag in ("-h", "-l", "-d"))
    stack = re.search(r"GNU_STACK.*", program)
    wanted = {"PIE": "DYN (Position-Independent" in header, "RELRO": "GNU_RELRO" in program,
              "BIND_NOW": "BIND_NOW" in dynamic or "NOW" in dynamic, "stack not executable": stack and " RW " in stack.group(),
              "no text relocations": "TEXTREL" not in dynamic, "no RPATH": "RPATH" not in dynamic and "RUNPATH" not in dynamic,
              "stack protector": "__stack_chk_fail" in output("readelf", "-W", "--dyn-syms", BINARY)}
    missing = [name for name, there in wanted.items() if not there]
    return f"missing: {missing}" if missing else None


def released():
    """How release builds are compiled; they are not built here."""
    with tempfile.TemporaryDirectory() as folder:
        output("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_COMPILER=clang++-19",
               "-DCMAKE_C_COMPILER=clang-19", "-DTRIBUTARY_TESTS=OFF")
        units = json.loads((pathlib.Path(folder) / "compile_commands.json").read_text())
    weak = [unit["file"] for unit in units if unit["file"].endswith(".cpp") and str(ROOT / "gateway") in unit["file"]
            and ("-D_FORTIFY_SOURCE=3" not in unit["command"] or "-fstack-protector-strong" not in unit["command"])]
    return f"{len(weak)} files are compiled without, such as {weak[0]}" if weak or not units else None


def main():
    verdicts = Verdicts()
    verdicts.run("req 29: the bill of materials names all that the program loads", bill)
    verdicts.run("req 29: the bill and ./dev agree about packages", packages)
    verdicts.run("req 29: the program is linked hardened", linked)
    verdicts.run("req 29: a release is compiled with checked buffers", released)
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
