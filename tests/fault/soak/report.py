"""What a soak found: its figures, its plot as SVG, its page. `python3 tests/fault/soak/report.py SOAK.json` draws it again."""
import json
import pathlib
import statistics
import sys

MB = 1 << 20
DOCS = pathlib.Path(__file__).resolve().parents[3] / "docs"


def slope(points):
    """Theil and Sen: the median of the slopes of all pairs, so a few odd points do not count. In units an hour."""
    points = points[::max(1, len(points) // 300)]
    slopes = [(y2 - y1) / (x2 - x1) for i, (x1, y1) in enumerate(points) for x2, y2 in points[i + 1:] if x2 > x1]
    return statistics.median(slopes) * 3600 if slopes else 0.0


def series(samples, name):
    return [(one["at"], one[name]) for one in samples if one.get(name) is not None]


def quarters(points):
    """The medians of the first and of the last quarter."""
    if not points:
        return 0, 0
    part = max(1, len(points) // 4)
    return tuple(statistics.median(y for _, y in some) for some in (points[:part], points[-part:]))


def longest_life(samples):
    """The samples of the process that lived longest, without its first eighth, in which it warms up."""
    pids = [one["pid"] for one in samples if one["pid"]]
    pid = max(set(pids), key=pids.count)
    life = [one for one in samples if one["pid"] == pid]
    return life[len(life) // 8:]


def figures(run):
    samples, life = run["samples"], longest_life(run["samples"])
    for one in samples:
        if one.get("trail") is not None and one.get("store") is not None:
            one["rest"] = one["store"] - one["trail"]
    found = {"life_min": (life[-1]["at"] - life[0]["at"]) / 60, "rss_mb_an_hour": slope(series(life, "rss")) / MB,
             "rss_largest_mb": max((y for _, y in series(samples, "rss")), default=0) / MB}
    found["rss_mb_an_hour_later"] = slope(series(life[len(life) // 2:], "rss")) / MB
    for name in ("rss", "descriptors", "threads"):
        found[name + "_first"], found[name + "_last"] = quarters(series(life, name))
    for name in ("store", "trail", "rest"):
        found[name + "_first"], found[name + "_last"] = quarters(series(samples[len(samples) // 8:], name))
    found["rest_mb_an_hour"] = slope(series(samples[len(samples) // 8:], "rest")) / MB
    found["log_largest_mb"] = max((y for _, y in series(samples, "log")), default=0) / MB
    found["queued_largest"] = max((y for _, y in series(samples, "queued")), default=0)
    return found


def round_above(value):
    """The next larger number that is easily read in quarters."""
    return next(s * 10**e for e in range(9) for s in (1, 2, 4, 8) if s * 10**e >= value)


PANELS = [("memory of the process, MB", [("rss", "#1f5fa8", "resident", MB)]),
          ("descriptors and threads", [("descriptors", "#1f5fa8", "descriptors", 1), ("threads", "#b3541e", "threads", 1)]),
          ("database, MB", [("store", "#1f5fa8", "whole file", MB), ("rest", "#2d7d46", "without the audit trail", MB),
                            ("trail", "#b3541e", "audit trail", MB)]),
          ("write-ahead log, MB", [("log", "#1f5fa8", "log", MB)]),
          ("webhooks and changes that wait", [("queued", "#1f5fa8", "waiting", 1)])]
LEFT, WIDTH, HEIGHT, GAP = 64, 840, 110, 44


def svg(run):
    samples, faults = run["samples"], run["faults"]
    whole = max(one["at"] for one in samples)
    bottom = len(PANELS) * (HEIGHT + GAP) + 30
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 20} {bottom}" font-family="sans-serif" font-size="11">',
           '<rect width="100%" height="100%" fill="white"/>']
    for number, (title, lines) in enumerate(PANELS):
        top = 30 + number * (HEIGHT + GAP)
        drawn = [(line, series(samples, line[0])) for line in lines]
        highest = round_above(max([y / line[3] for line, points in drawn for _, y in points] + [1]))

        def place(x, y):
            return f"{LEFT + x / whole * WIDTH:.1f},{top + HEIGHT - y / highest * HEIGHT:.1f}"

        out.append(f'<text x="{LEFT}" y="{top - 6}" font-weight="bold">{title}</text>')
        for at, kind, restart in faults:
            x = LEFT + at / whole * WIDTH
            out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{top + HEIGHT}" stroke="{"#e8a9a0" if restart else "#e4e4e4"}"/>')
        for part in range(5):
            y = top + HEIGHT * part / 4
            value = highest * (4 - part) / 4
            out.append(f'<text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{value:g}</text>')
        out.append(f'<path d="M{LEFT},{top} V{top + HEIGHT} H{LEFT + WIDTH}" fill="none" stroke="#555"/>')
        legend = LEFT + WIDTH
        for (name, colour, label, unit), points in reversed(drawn):
            # A gap where nothing could be asked; one line for each process that lived.
            path, before = [], None
            for one in samples:
                value = one.get(name)
                whose = one["pid"] if name in ("rss", "descriptors", "threads") else 1
                if value is not None:
                    path.append(("L" if before == whose else "M") + place(one["at"], value / unit))
                before = whose if value is not None else before
            out.append(f'<path d="{" ".join(path)}" fill="none" stroke="{colour}" stroke-width="1.3"/>')
            out.append(f'<text x="{legend}" y="{top - 6}" text-anchor="end" fill="{colour}">{label}</text>')
            legend -= 7 * len(label) + 14
        step = next(s for s in (1 / 6, 1, 5, 10, 20, 60) if whole / 60 / s <= 13)
        for tick in range(int(whole / 60 / step) + 1):
            out.append(f'<text x="{LEFT + tick * step * 60 / whole * WIDTH:.0f}" y="{top + HEIGHT + 14}" text-anchor="middle">{tick * step:.3g} min</text>')
    return "\n".join(out) + "\n</svg>\n"


def page(run):
    found, told = figures(run), run["told"]
    kinds = {}
    for _, kind, _ in run["faults"]:
        kinds[kind] = kinds.get(kind, 0) + 1
    rows = [("resident memory, MB", "rss", MB), ("descriptors", "descriptors", 1), ("threads", "threads", 1)]
    stores = [("database file, MB", "store", MB), ("its audit trail, MB", "trail", MB), ("the rest of it, MB", "rest", MB)]

    def table(rows):
        return "".join(f"| {title} | {found[name + '_first'] / unit:.1f} | {found[name + '_last'] / unit:.1f} |\n" for title, name, unit in rows)

    return f"""# The soak

`{run["command"]}` at version {run["version"]} ({run["binary"]}), on {run["date"]}: one gateway on {run["engine"]} for
{run["minutes"]:.0f} minutes, {run["rate"]} changes a second of {run["customers"]} customers (signed webhooks, and an ERP that is read
each minute), each carried to three destinations; a fault every {run["every"]:.0f} seconds, drawn from {len(kinds)} kinds. Faults that end
the process come in the first and the last sixth; between them one process lives through all others, so that its memory is
judged over one long life. The store is filled beforehand with what a gateway of this load has from long ago, so that as much
reaches the end of its time as comes in. This page and the plot were written by that run.

| injected | lost | duplicated | inversions | ghosts | changes | requests at destinations | kills | slowest start, s | seed |
|---|---|---|---|---|---|---|---|---|---|
| {told["injected"]} | {told["lost"]} | {told["duplicated"]} | {told["inversions"]} | {told["ghosts"]} | {told["changes"]} | {told["sent"]} | {told["kills"]} | {told["slowest_recovery_s"]} | {told["seed"]} |

The process that lived longest, without its first eighth ({found["life_min"]:.0f} minutes; medians of the first and the last quarter):

| | first | last |
|---|---|---|
{table(rows)}
Its memory: {found["rss_mb_an_hour"]:+.2f} MB an hour (median of the slopes of all pairs of samples), {found["rss_mb_an_hour_later"]:+.2f} in the second half;
the largest ever seen {found["rss_largest_mb"]:.0f} MB. The goal, less than 1 MB an hour over all of it, is {"met" if found["rss_mb_an_hour"] < 1 else "missed"}.

The store, over the whole run without its first eighth:

| | first | last |
|---|---|---|
{table(stores)}
Without the audit trail, which keeps every act for good, it changed by {found["rest_mb_an_hour"]:+.2f} MB an hour. The write-ahead log was never
larger than {found["log_largest_mb"]:.0f} MB, and no more than {found["queued_largest"]} changes waited at once.

![memory, descriptors, database, log and queue over the run](soak.svg)

Faults, as lines in the plot (red: the process ended): {", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in sorted(kinds.items()))}.
"""


def write(run):
    (DOCS / "soak.svg").write_text(svg(run))
    (DOCS / "soak.md").write_text(page(run))


if __name__ == "__main__":
    write(json.loads(pathlib.Path(sys.argv[1]).read_text()))
