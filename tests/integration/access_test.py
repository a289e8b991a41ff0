#!/usr/bin/env python3
"""Access from outside: roles against every route, sessions, second factors, API tokens, lists, repeated writes, and what a thief
of the database gets."""
import base64
import concurrent.futures
import http.client
import json
import pathlib
import re
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from answers import unlike_schema  # noqa: E402
from gateway import ROOT, Gateway, Refused, Verdicts  # noqa: E402
from one_time import totp  # noqa: E402

# No connectors and mappings: reading them is most of a start.
CONFIG = f"""
paths:
  connectors: [none]
  mappings: [none]
  canonical: {ROOT}/mappings/canonical
  purposes: {ROOT}/config/purposes.yaml
connections: {{}}
access: {{ metrics: permission }}
"""
ROLES = json.loads((ROOT / "tests/cases/access/roles.json").read_text())
USERS = {"boss": "admin", "otto": "operator", "ana": "analyst", "rita": "auditor", "petra": "privacy_officer"}
PASSWORD = "river pebble moss lantern"
# They would end the session that asks, or begin another.
ENDING = {("post", "/v1/logout"), ("post", "/v1/login")}


class House:
    def __init__(self, gateway):
        self.gateway = gateway
        self.secrets, self.codes, self.sessions, self.seen = {}, {}, {}, []

    def ask(self, method, path, body=None, token=None, **headers):
        """(status, headers, JSON or text)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.admin_port, timeout=60)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            headers["Authorization"] = "Bearer " + token
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        try:
            return answer.status, answer.headers, json.loads(text)
        except ValueError:
            return answer.status, answer.headers, text

    def must(self, *arguments, **headers):
        status, _, answer = self.ask(*arguments, **headers)
        if status not in (200, 202):
            raise Refused(f"{arguments}: {status} {answer}")
        return answer

    def add(self, name, role, password=PASSWORD):
        self.gateway.operate("user.add", name=name, roles=[role], password=password)

    def factor(self, name):
        self.secrets[name] = self.gateway.operate("user.totp", name=name)["secret"]
        self.codes[name] = self.gateway.operate("user.totp", name=name, code=totp(self.secrets[name]))["recovery_codes"]

    def login(self, name, code=None, password=PASSWORD):
        body = {"name": name, "password": password}
        if code:
            body["code"] = code
        status, _, answer = self.ask("POST", "/v1/login", body)
        if status == 200:
            self.seen.append(answer["token"])
        return status, answer


def prepared(house):
    gateway = house.gateway
    added = gateway.cli("user", "add", "boss", "--role", "admin", stdin=PASSWORD)
    if added.code != 0:
        return f"the command line: {added}"
    short = gateway.cli("user", "add", "ana", "--role", "analyst", stdin="river pebble")
    if short.code != 1 or "15 characters" not in short.err or "river pebble" in short.err:
        return f"a short password: {short}"
    gateway.start()
    for name, role in USERS.items():
        if name != "boss":
            house.add(name, role)
        house.factor(name)
        status, answer = house.login(name, totp(house.secrets[name], 1))
        if status != 200 or not answer["second_factor"]:
            return f"{name}: {status} {answer}"
        house.sessions[name] = answer["token"]
    status, _, _ = house.ask("GET", "/v1/openapi.json")
    return None if status == 401 else f"OpenAPI without a token: {status}"


def matrix(house):
    """Every role against every route, and nobody against every route."""
    paths = house.must("GET", "/v1/openapi.json", None, house.sessions["ana"])["paths"]
    routes = [(method, path, about) for path, methods in paths.items() for method, about in methods.items()]
    jobs = [(name, *route) for name in [*USERS, None] for route in routes if route[:2] not in ENDING and "{operation}" not in route[1]]

    def judge(job):
        name, method, path, about = job
        wanted = about.get("x-permission")
        body = {} if method in ("post", "put") else None
        status, headers, answer = house.ask(method.upper(), re.sub(r"\{[^}]*\}", "0", path), body, house.sessions.get(name))
        if "X-Request-Id" not in headers:
            return f"{method} {path}: no request id"
        if status in (200, 202) and (why := unlike_schema(about, status, answer)):
            return f"{method} {path}: the answer is not as OpenAPI says: {why}"
        if not wanted:
            return None if status == 200 else f"{method} {path} is open: {status}"
        if name is None:
            return None if status == 401 else f"nobody {method} {path}: {status} {answer}"
        may = wanted in ROLES["everybody"] + ROLES[USERS[name]]
        if may == (status not in (401, 403)):
            return None
        return f"{USERS[name]} {method} {path} ({wanted}): {status} {answer}"

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        wrong = [why for why in pool.map(judge, jobs) if why]
    print(f"matrix: {len(jobs)} requests of {len(USERS)} roles and of nobody to {len(routes)} routes, {len(wrong)} wrong")
    return f"{len(wrong)}: {wrong[:5]}" if wrong or len(jobs) < 250 else None


def replayed(house):
    code = totp(house.secrets["boss"], 1)
    first, second = house.login("boss", code)[0], house.login("boss", code)[0]
    older = house.login("boss", totp(house.secrets["boss"]))[0]
    bare = house.login("boss")[0]
    recovery = [house.login("boss", house.codes["boss"][0])[0] for _ in range(2)]
    # The code of the login before is used already, unless a new step has begun.
    return None if second == 401 and older == 401 and bare == 401 and recovery == [200, 401] and first in (200, 401) \
        else f"{first} {second} {older} {bare} {recovery}"


def brute_force(house):
    house.add("victim", "analyst")
    statuses = [house.login("victim", password=f"wrong {n} wrong wrong")[0] for n in range(5)]
    right, unknown = house.login("victim"), house.login("nobody.here")
    listed = {user["name"]: user["locked"] for user in house.gateway.operate("user.list")["users"]}
    if statuses + [right[0], unknown[0]] != [401] * 7 or not listed["victim"] or listed["boss"]:
        return f"{statuses} {right} {unknown} {listed}"
    same = [{key: answer[key] for key in ("title", "status", "detail", "where")} for answer in (right[1], unknown[1])]
    return None if same[0] == same[1] else f"told apart: {same}"


def at_once(house):
    """A change of rights holds from the next request on."""
    otto = house.sessions["otto"]
    token = house.must("POST", "/v1/tokens", {"label": "pause", "permissions": ["queue.read", "queue.change"], "days": 1},
                       house.sessions["boss"])["token"]
    house.seen.append(token)
    before = house.ask("GET", "/v1/dead-letters", None, otto)[0], house.ask("POST", "/v1/destinations/x/pause", {}, token)[0]
    house.must("PUT", "/v1/users/otto/roles", {"roles": ["analyst"]}, house.sessions["boss"])
    house.gateway.operate("user.role", name="boss", roles=["auditor"])
    after = house.ask("GET", "/v1/dead-letters", None, otto)[0], house.ask("POST", "/v1/destinations/x/pause", {}, token)[0]
    gone = house.ask("GET", "/v1/users", None, house.sessions["boss"])[0]
    house.gateway.operate("user.role", name="boss", roles=["admin"])
    house.must("POST", "/v1/destinations/x/resume", {}, token)
    status, answer = house.login("boss", house.codes["boss"][1])
    house.sessions["boss"] = answer.get("token")
    own = house.ask("PUT", "/v1/users/boss/roles", {"roles": ["admin", "privacy_officer"]}, house.sessions["boss"])[0]
    logged_out = house.must("POST", "/v1/logout", {}, house.sessions["rita"]), house.ask("GET", "/v1/account", None, house.sessions["rita"])[0]
    good = before == (200, 200) and after == (401, 403) and gone == 401 and status == 200 and own == 403 and logged_out[1] == 401
    return None if good else f"{before} {after} {gone} {status} own roles {own} {logged_out}"


def scoped(house):
    boss = house.sessions["boss"]
    made = house.must("POST", "/v1/tokens", {"label": "report", "permissions": ["status.read", "metrics.read"], "days": 1}, boss)
    house.seen.append(made["token"])
    statuses = {path: house.ask("GET", path, None, made["token"])[0]
                for path in ("/v1/status", "/metrics", "/v1/users", "/v1/customers", "/v1/account")}
    if statuses != {"/v1/status": 200, "/metrics": 200, "/v1/users": 403, "/v1/customers": 403, "/v1/account": 403}:
        return f"{statuses}"
    admin_plane = house.ask("POST", "/v1/tokens", {"label": "x", "permissions": ["user.manage"]}, boss)
    more = house.ask("POST", "/v1/tokens", {"label": "x", "permissions": ["personal.read"]}, boss)
    elsewhere = house.must("POST", "/v1/tokens", {"label": "x", "permissions": ["status.read"], "addresses": ["10.0.0.0/8"]}, boss)
    house.seen.append(elsewhere["token"])
    far = house.ask("GET", "/v1/status", None, elsewhere["token"])[0]
    house.must("DELETE", f"/v1/tokens/{made['id']}", None, boss)
    revoked = house.ask("GET", "/v1/status", None, made["token"])[0]
    good = (admin_plane[0], more[0], far, revoked, house.ask("GET", "/metrics")[0]) == (400, 403, 401, 401, 401)
    return None if good else f"{admin_plane} {more} {far} {revoked}"


def factor_needed(house):
    """The admin plane takes a session with a second factor."""
    house.add("bare", "admin")
    token = house.login("bare")[1]["token"]
    statuses = [house.ask("GET", "/v1/secrets", None, token)[0],
                house.ask("PUT", "/v1/secrets/x", {"field": "f", "value": "v"}, token)[0],
                house.ask("POST", "/v1/users", {"name": "eve", "roles": ["admin"], "password": PASSWORD}, token)[0]]
    begun = house.must("POST", "/v1/account/totp", {"password": PASSWORD}, token)
    house.must("PUT", "/v1/account/totp", {"code": totp(begun["secret"])}, token)
    ended = house.ask("GET", "/v1/account", None, token)[0]
    house.secrets["bare"] = begun["secret"]
    status, answer = house.login("bare", totp(begun["secret"], 1))
    set_now = house.ask("PUT", "/v1/secrets/x", {"field": "f", "value": "v"}, answer.get("token"))[0]
    good = statuses == [200, 403, 403] and ended == 401 and status == 200 and set_now == 200
    return None if good else f"{statuses} {ended} {status} {set_now}"


def two_persons(house):
    """Destroying keys and changing where a secret may go wait for a second user, on the command line too."""
    gateway = house.gateway
    key = lambda: [row["key"] for row in gateway.operate("vault.status")["keys"] if row["use"] == "subject" and row["state"] == "primary"]
    gateway.operate("secret.set", name="bound", field="token", value="v", hosts=["api.example.com"])
    before = key()
    asked = gateway.cli("vault", "rotate", "--use", "subject", "--destroy", check=True).json
    if set(asked) != {"approval", "state", "expires_at"} or key() != before:
        return f"destroyed by one: {asked}"
    moved = gateway.cli("secret", "set", "bound", "token", "--host", "attacker.example", stdin="v")
    if moved.code != 1 or "secret bind" not in moved.err:
        return f"the hosts changed with the value: {moved}"
    if gateway.cli("secret", "set", "bound", "token", "--host", "api.example.com", stdin="w", check=True).json["version"] != 2:
        return "the same hosts are no change"
    bind = gateway.cli("secret", "bind", "bound", "--host", "eu.example.com", check=True).json
    hosts = lambda: next(row["hosts"] for row in gateway.operate("secret.list")["secrets"] if row["name"] == "bound")
    if "approval" not in bind or hosts() != "api.example.com":
        return f"the hosts changed by one: {bind}, {hosts()}"
    house.must("POST", f"/v1/approvals/{bind['approval']}/confirm", {}, house.sessions["boss"])
    if hosts() != "eu.example.com":
        return f"confirmed, and the hosts are {hosts()}"
    gateway.operate("vault.rotate", use="subject")  # without destroying anything one person is enough
    return None if key() != before else "nothing was rotated"


def repeated(house):
    boss = house.sessions["boss"]
    body = {"label": "once", "permissions": ["status.read"]}
    first = house.ask("POST", "/v1/tokens", body, boss, Idempotency_Key="k-1")
    again = house.ask("POST", "/v1/tokens", body, boss, Idempotency_Key="k-1")
    other = house.ask("POST", "/v1/tokens", dict(body, label="twice"), boss, Idempotency_Key="k-1")
    house.seen.append(first[2]["token"])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        at_once_ = list(pool.map(lambda _: house.ask("POST", "/v1/tokens", dict(body, label="race"), boss, Idempotency_Key="k-2"), range(8)))
    house.seen += [answer["token"] for status, _, answer in at_once_ if status == 200]
    labels = [token["label"] for token in house.must("GET", "/v1/tokens?limit=500", None, boss)["tokens"]]
    counts = labels.count("once"), labels.count("twice"), labels.count("race")
    print(f"repeated writes: 3 with one key made {counts[0]} token, 8 at once made {counts[2]}")
    good = first[0] == again[0] == 200 and first[2] == again[2] and again[1].get("Idempotency-Replayed") == "true" \
        and other[0] == 422 and counts == (1, 0, 1) and {status for status, _, _ in at_once_} <= {200, 409}
    return None if good else f"{first} {again} {other} {counts} {[status for status, _, _ in at_once_]}"


def paged(house):
    boss = house.sessions["boss"]
    whole = [token["id"] for token in house.must("GET", "/v1/tokens?limit=500", None, boss)["tokens"]]
    walked, cursor, pages = [], "", 0
    while cursor is not None:
        page = house.must("GET", "/v1/tokens?limit=2" + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""), None, boss)
        walked += [token["id"] for token in page["tokens"]]
        cursor = page.get("next", None)
        pages += 1
        if pages > 50:
            return "it does not end"
    next_ = house.must("GET", "/v1/tokens?limit=2", None, boss)["next"]
    foreign = house.ask("GET", f"/v1/users?cursor={next_}", None, boss)[0]
    wrong = [house.ask("GET", f"/v1/users?{query}", None, boss)[0] for query in ("limit=501", "limit=0", "after=boss", "cursor=x", "lmit=2")]
    good = walked == whole and pages >= 3 and foreign == 400 and wrong == [400] * 5
    return None if good else f"{walked} of {whole}, {pages} pages, {foreign} {wrong}"


def clean(house):
    boss = house.sessions["boss"]
    cases = [("GET", "/v1/nothing", None, boss, 404), ("PUT", "/v1/users", None, boss, 405), ("GET", "/v1/users", None, None, 401),
             ("GET", "/v1/users", None, "tris_" + "0" * 16 + "_" + "A" * 43, 401), ("GET", "/v1/customers/0", None, boss, 400),
             ("POST", "/v1/users", b"{", boss, 400), ("POST", "/v1/users", {"nme": "x"}, boss, 400), ("GET", "/v1/dead-letters/7", None, boss, 404),
             ("POST", "/v1/users", b"[" * 100 + b"]" * 100, boss, 400), ("POST", "/v1/users", {"name": "'; DROP", "roles": ["admin"], "password": PASSWORD}, boss, 400),
             ("POST", "/v1/operations/nothing", {}, boss, 404), ("POST", "/v1/connections/x/login", {}, boss, 404)]
    dirty = re.compile(r"sqlite|SQL|\.cpp|gateway\.yaml|tributary|/tmp|" + re.escape(str(house.gateway.folder)) + "|" + re.escape(PASSWORD), re.I)
    for method, path, body, token, wanted in cases:
        status, headers, answer = house.ask(method, path, body, token)
        if status != wanted or headers["Content-Type"] != "application/problem+json" or headers["X-Request-Id"] != answer["request_id"]:
            return f"{method} {path}: {status} {answer}"
        if set(answer) != {"title", "status", "detail", "where", "request_id"} or dirty.search(json.dumps(answer)):
            return f"{method} {path} tells: {answer}"
        if headers["X-Request-Id"] not in house.gateway.log_text():
            return f"{method} {path}: its request id is not in the log"
    large = house.ask("POST", "/v1/users", b"x" * (1 << 20 | 1), boss)[0]
    return None if large == 413 else f"a body above 1 MiB: {large}"


def stolen(house):
    """Whoever has the files of the store has no password, key, code or secret of a second factor."""
    if house.gateway.stop() != 0:
        return house.gateway.last_words()
    dump = b"".join(file.read_bytes() for file in (house.gateway.folder / "data").iterdir())
    wanted = [PASSWORD, *house.seen, *house.secrets.values(), *sum(house.codes.values(), [])]
    raw = [word.encode() for word in wanted] + [base64.b32decode(secret + "=" * (-len(secret) % 8)) for secret in house.secrets.values()]
    raw += [code.replace("-", "").encode() for code in sum(house.codes.values(), [])]
    found = [word for word in raw if word in dump]
    log = house.gateway.log_text().encode()
    told = [word for word in raw if word in log]
    print(f"stolen: {len(raw)} passwords, tokens, codes and secrets looked for in {len(dump)} bytes, {len(found)} found")
    return None if not found and not told and b"$scrypt$ln=17,r=8,p=1$" in dump and len(raw) > 80 else f"{found} {told}"


def audited(house):
    actions = [json.loads(json.loads(line)["entry"]) for line in house.gateway.cli("audit", "export", check=True).out.splitlines()]
    by = {(entry["action"], entry["actor"]["id"]) for entry in actions}
    wanted = {("user.add", "local operator"), ("session.open", "boss"), ("session.refuse", "victim"), ("session.refuse", "nobody"),
              ("user.role", "boss"), ("token.add", "boss"), ("token.revoke", "boss"), ("user.totp.confirm", "bare"),
              ("session.close", "rita"), ("access.deny", "ana"), ("user.totp.begin", "local operator")}
    if wanted - by:
        return f"not there: {wanted - by}"
    return None if all(PASSWORD not in json.dumps(entry) for entry in actions) else "a password"


def main():
    verdicts = Verdicts()
    with Gateway("access") as gateway:
        (gateway.folder / "none").mkdir()
        gateway.configure(CONFIG, paths=False)
        gateway.init()
        house = House(gateway)
        if verdicts.run("users, second factors and sessions are made", lambda: prepared(house)):
            verdicts.run("req 1, req 3: each role reaches what its permissions name, of every route, and answers are as OpenAPI says", lambda: matrix(house))
            verdicts.run("req 5: a code opens one session, a recovery code too", lambda: replayed(house))
            verdicts.run("req 5, req 6: five wrong tries lock, and nobody learns which names there are", lambda: brute_force(house))
            verdicts.run("req 4: a change of roles holds at once, for sessions and tokens", lambda: at_once(house))
            verdicts.run("req 7: a token does what it is for, from where it may, and never manages users", lambda: scoped(house))
            verdicts.run("req 5: the admin plane takes a second factor", lambda: factor_needed(house))
            verdicts.run("req 28: two persons for destroying keys and for the hosts of a secret", lambda: two_persons(house))
            verdicts.run("req 27: a write with a key is done once", lambda: repeated(house))
            verdicts.run("req 13: a list is walked page by page", lambda: paged(house))
            verdicts.run("req 26: errors are clean and have a request id", lambda: clean(house))
            verdicts.run("req 7: a stolen database opens nothing", lambda: stolen(house))
            verdicts.run("the trail names who did it", lambda: audited(house))
    return verdicts.exit_code()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, Refused) as error:
        print(f"FAIL the gateway starts: {error}".replace("\n", " | "))
        sys.exit(1)
