#!/usr/bin/env python3
"""The house keeps its order: a folder of gateway/ includes only what stands before it, and third parties stay
behind their walls. Prints each breach as file:line and exits 1."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ["mapping", "consent", "identity", "service", "watch"]  # side by side: they do not know each other
ORDER = ["base", "value", "spec", "crypto", "run", "net", "record", MODEL, "vault", "audit", "access", "store", "backup", "connector", "flow", "api", "app"]

# third party -> folders that may include it
WALLS = {
    r"boost/beast": ["net"],
    r"curl/": ["net", "connectors/email"],
    r"gmime/": ["connectors/email"],
    r"yaml-cpp": ["spec"],
    r"openssl/": ["crypto", "net"],
    r"sqlite3\.h": ["store", "connectors/data"],
    r"libpq": ["store", "connectors/data"],
    r"mysql": ["connectors/data"],
    r"sql(ext)?\.h": ["connectors/data"],
    r"libssh2": ["net"],
    r"zlib\.h": ["connectors/data"],
    r"spdlog/": ["base"],
    r"simdjson": ["value"],
    r"nlohmann/": ["value"],
    r"pugixml": ["value"],
    r"(lua\.h|lua\.hpp|lauxlib)": ["mapping"],
    r"re2/": ["record", "mapping", "service", "connector"],
    r"date/tz": ["run", "record"],
    r"unicode/": ["record", "identity", "service"],
    r"phonenumbers/": ["record"],
    r"CLI/": ["app"],
    r"prometheus/": ["api"],
}
# Never in a header that another folder includes.
PRIVATE = ["boost/beast", "curl/", "gmime/", "yaml-cpp", "openssl/", "sqlite3.h", "libpq", "mysql", "sql.h", "sqlext.h", "libssh2", "zlib.h", "spdlog/", "simdjson", "nlohmann/", "pugixml",
           "lua", "re2/", "unicode/", "phonenumbers/", "CLI/", "prometheus/"]
CEILING = 400


def rank(folder):
    for i, level in enumerate(ORDER):
        if folder == level or (isinstance(level, list) and folder in level):
            return i
    return None


def breaches():
    for path in sorted([*ROOT.glob("gateway/**/*.?pp"), *ROOT.glob("connectors/**/*.?pp")]):
        relative = path.relative_to(ROOT)
        parts = relative.parts
        room = parts[1] if parts[0] == "gateway" else "/".join(parts[:2])
        lines = path.read_text().splitlines()
        if len(lines) > CEILING:
            yield f"{relative}:{len(lines)}: over {CEILING} lines: more than one concept?"
        for number, line in enumerate(lines, 1):
            match = re.match(r'\s*#include\s+[<"]([^>"]+)[>"]', line)
            if not match:
                continue
            include = match.group(1)
            if include.startswith("gateway/"):
                target = include.split("/")[1]
                if rank(target) is None:
                    yield f"{relative}:{number}: gateway/{target} is not a layer"
                elif parts[0] == "gateway" and target != room and rank(target) >= rank(room):
                    yield f"{relative}:{number}: {room} may not include {target}"
                elif parts[0] == "connectors" and rank(target) > rank("connector"):
                    yield f"{relative}:{number}: a connector may not include {target}"
            for wall, rooms in WALLS.items():
                if re.match(wall, include) and not any(room == r or room.startswith(r + "/") for r in rooms):
                    yield f"{relative}:{number}: {include} belongs to {', '.join(rooms)} alone"


def includes_of(path):
    return re.findall(r'^\s*#include\s+[<"]([^>"]+)[>"]', path.read_text(), re.M)


def leaks():
    """Third-party headers that reach a file of another folder through our own headers."""
    files = {str(p.relative_to(ROOT)): includes_of(p) for p in [*ROOT.glob("gateway/**/*.?pp"), *ROOT.glob("connectors/**/*.?pp")]}
    room = lambda name: "/".join(name.split("/")[:2])
    tainted = {}  # header -> the third party it brings along
    for name, included in files.items():
        for include in included:
            if name.endswith(".hpp") and any(include.startswith(p) for p in PRIVATE):
                tainted[name] = include
    changed = True
    while changed:
        changed = False
        for name, included in files.items():
            for include in included:
                if include in tainted and name not in tainted and name.endswith(".hpp"):
                    tainted[name], changed = tainted[include], True
    for name, included in files.items():
        for include in included:
            if include in tainted and room(include) != room(name):
                yield f"{name}: {include} brings {tainted[include]} along: hide it behind its .cpp"


found = [*breaches(), *leaks()]
for line in found:
    print(line)
print(f"layers: {len(found)} breaches")
sys.exit(1 if found else 0)
