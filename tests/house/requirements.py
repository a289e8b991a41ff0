#!/usr/bin/env python3
"""docs/security.md tells the truth: each of the 30 requirements has one row, each test that a row names exists and carries its number
("req 17" or "requirement 17" in a name, [req17] as a tag), and no test carries a number whose row does not name it."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/security.md"
STATES = ("met", "in part", "not met")


def marked(text):
    return {int(number) for number in re.findall(r"\breq(?:uirement)? ?(\d+)\b", text)}


def rows():
    """number -> (state, test files)"""
    found = {}
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 4 or not cells[0].isdigit():
            continue
        tests = re.findall(r"\]\(\.\./([^)]+)\)", cells[3])
        found.setdefault(int(cells[0]), []).append((cells[2], tests))
    return found


def main():
    wrong = []
    told = rows()
    for number in range(1, 31):
        if len(told.get(number, [])) != 1:
            wrong.append(f"requirement {number} has {len(told.get(number, []))} rows, not one")
            continue
        state, tests = told[number][0]
        if not any(state == one or state.startswith(one + ":") for one in STATES):
            wrong.append(f"requirement {number}: its state begins with one of {', '.join(STATES)}, not '{state}'")
        if state.startswith(("in part", "not met")) and ":" not in state:
            wrong.append(f"requirement {number}: what is missing stands after a colon")
        if not tests and not state.startswith("not met"):
            wrong.append(f"requirement {number}: no test is named")
        for test in tests:
            file = ROOT / test
            if not file.is_file() or number not in marked(file.read_text()):
                wrong.append(f"requirement {number}: {test} is missing, or no test in it carries the number")
    for file in sorted([*ROOT.glob("tests/unit/**/*.cpp"), *ROOT.glob("tests/*/*_test.py")]):
        name = str(file.relative_to(ROOT))
        for number in marked(file.read_text()):
            if not any(name in tests for _, tests in told.get(number, [])):
                wrong.append(f"{name} carries requirement {number}, whose row does not name it")
    for line in wrong:
        print("requirements: " + line)
    states = [told[n][0][0].split(":")[0] for n in told]
    print(f"requirements: {states.count('met')} met, {states.count('in part')} in part, {states.count('not met')} not met; {len(wrong)} mistakes")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
