"""The one judge of a campaign: what the sources were promised, against what a destination was sent and applied.

Every change carries its customer's number and a sequence number of that customer:
  lost         customers whose newest acknowledged change is not the newest that the destination applied
  duplicated   a change applied under two keys, or one key that came with two bodies
  inversions   an older change applied after a newer one, or sent first after a newer one was applied
  ghosts       applied, but never sent
"""
COUNTS = ("lost", "duplicated", "inversions", "ghosts")


def judge(journal, newest):
    """Examples of each, from a destination's journal. `newest`: number -> the newest change that was acknowledged."""
    now, by_change, digests = {}, {}, {}
    found = {name: [] for name in COUNTS}
    for request in journal:
        record = request.record or {}
        number, change = record.get("number"), int(record.get("change") or 0)
        if not request.key or number not in newest or not 1 <= change <= newest[number]:
            found["ghosts"].append((number, change))
            continue
        first = request.key not in digests
        if digests.setdefault(request.key, request.digest) != request.digest:
            found["duplicated"].append((number, change, "one key, two bodies"))
        if change < now.get(number, 0) and (first or request.applied):
            found["inversions"].append((number, change, now[number], request.path, f"at {request.at:.1f}"))
        if request.applied:
            if by_change.setdefault((number, change), request.key) != request.key:
                found["duplicated"].append((number, change, "one change, two keys"))
            now[number] = max(change, now.get(number, 0))
    for number, change in newest.items():
        if now.get(number, 0) != change:
            found["lost"].append((number, change, now.get(number, 0)))
    return found


def counts(found):
    return {name: len(found[name]) for name in COUNTS}


def told(name, seed, **figures):
    """The line of figures that the suites show and that docs/fault-results.md is made of."""
    print(f"COUNTS {name} " + " ".join(f"{key}={value}" for key, value in figures.items()) + f" seed={seed}", flush=True)
