#!/usr/bin/env python3
"""The bill of materials of a built binary as CycloneDX 1.5 JSON: every shared library that it loads, with the distribution's package,
version and hash, and the packages of which only headers went in.

  usage: cmake/sbom.py BINARY [--version V]      prints to standard output
"""
import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import uuid

# Compiled in from headers (or linked statically): no shared library tells of them. Each needs its -dev package here.
HEADERS_ONLY = ["libboost1.81-dev", "nlohmann-json3-dev", "libcli11-dev", "libhowardhinnant-date-dev", "libphonenumber8"]


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def libraries(binary):
    """The files that the loader would map; the loader and the kernel's page have no place in the list."""
    files = re.findall(r"=> (/\S+)", output("ldd", str(binary)))
    return sorted({str(pathlib.Path(file).resolve()) for file in files})


def owner(file):
    """The package that a file belongs to. dpkg knows some by their path before /usr was merged."""
    for name in (file, file.removeprefix("/usr")):
        done = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(": ")[0].split(",")[0]
    sys.exit(f"sbom: {file} belongs to no package: say where it comes from")


def package(name):
    told = output("dpkg-query", "-W", "-f=${Package}\t${Version}\t${Architecture}\t${source:Package}\n", name).splitlines()[0]
    binary, version, architecture, source = told.split("\t")
    return {"type": "library", "name": binary, "version": version,
            "purl": f"pkg:deb/debian/{binary}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={architecture}",
            "properties": [{"name": "debian:source", "value": source}]}


def bill(binary, version):
    components = {}
    for file in libraries(binary):
        one = package(owner(file))
        known = components.setdefault(one["name"], {**one, "components": []})
        digest = hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest()
        known["components"].append({"type": "file", "name": file, "hashes": [{"alg": "SHA-256", "content": digest}]})
    for name in HEADERS_ONLY:
        one = package(name)
        components.setdefault(one["name"], one)
    digest = hashlib.sha256(pathlib.Path(binary).read_bytes()).hexdigest()
    return {"bomFormat": "CycloneDX", "specVersion": "1.5",
            # The same binary has the same bill: no time, and a serial number made from its hash.
            "serialNumber": f"urn:uuid:{uuid.UUID(digest[:32], version=4)}", "version": 1,
            "metadata": {"component": {"type": "application", "name": "tributary", "version": version,
                                       "hashes": [{"alg": "SHA-256", "content": digest}]}},
            "components": sorted(components.values(), key=lambda one: one["name"])}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--version", default="0.1.0")
    given = parser.parse_args()
    print(json.dumps(bill(given.binary, given.version), indent=1))
