#!/usr/bin/env python3
"""A source file uses every name that it brings in with `using a::b;`. clang-tidy's own check sees only the main file of a
unit of several files. Prints each breach as file:line and exits 1."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def unused():
    for path in sorted([*ROOT.glob("gateway/**/*.cpp"), *ROOT.glob("connectors/**/*.cpp")]):
        text = path.read_text()
        for number, line in enumerate(text.splitlines(), 1):
            match = re.match(r"\s*using (?:\w+::)+(\w+);", line)
            if match and len(re.findall(rf"\b{match.group(1)}\b", text)) < 2:
                yield f"{path.relative_to(ROOT)}:{number}: nothing here uses {match.group(1)}"


found = list(unused())
print("\n".join(found))
sys.exit(1 if found else 0)
