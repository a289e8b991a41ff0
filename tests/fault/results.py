"""docs/fault-results.md: the figures of one whole run of the fault campaigns, as its tests printed them."""
import datetime
import re

COLUMNS = ("injected", "lost", "duplicated", "inversions", "ghosts", "slowest_recovery_s", "seed")
HEAD = """# What the fault campaigns found

Figures of `./dev fault full`, written by that run. Each row is one campaign with its seed; the same seed at the same version
injects the same faults. *injected* counts faults, or what was sent where the row says so; *lost*, *duplicated*, *inversions* and *ghosts* are
judged by one oracle ([tests/fault/oracle.py](../tests/fault/oracle.py)) or, for the disk campaigns, by comparing the whole
state with every state that may be there. A row whose name holds "without" broke a guard on purpose: there, losses must be found.

"""


def row(line):
    name, *pairs = line.removeprefix("COUNTS ").split()
    figures = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    cells = [name.replace("_", " ")] + [figures.pop(column, "") for column in COLUMNS]
    cells.append(", ".join(f"{key.replace('_', ' ')} {value}" for key, value in figures.items()))
    return "| " + " | ".join(cells) + " |"


def table(runs):
    """`runs`: (script, seconds, output) of each."""
    text = HEAD + f"Run on {datetime.date.today()}.\n"
    for script, seconds, output in runs:
        lines = re.findall(r"^COUNTS .*$", output, re.M)
        failed = re.findall(r"^FAIL (.*)$", output, re.M)
        if not lines:
            continue
        text += f"\n## {script}: {seconds:.0f} s\n\n"
        text += "| campaign | " + " | ".join(column.replace("_", " ") for column in COLUMNS) + " | more |\n"
        text += "|---" * (len(COLUMNS) + 2) + "|\n" + "\n".join(map(row, lines)) + "\n"
        text += "".join(f"\nFailed: {one}\n" for one in failed)
    return text
