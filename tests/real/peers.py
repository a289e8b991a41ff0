"""What the real-input tests share: a gateway in a temporary folder, real systems on loopback, and verdict lines.

A test says what it saw through `verdicts`: PASS, FAIL or SKIP with a reason. A real system that already listens is used
and left running; one that is started here is stopped at the end. What a test writes into a system it removes again.
"""
import base64
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("TRIBUTARY_SHARED", ROOT.parent / "shared"))
sys.path.insert(0, str(ROOT / "tests/fakes"))
import gateway  # noqa: E402
from gateway import eventually  # noqa: E402


class Unavailable(Exception):
    """A real system or file that is not here: the tests that need it are skipped with this reason."""


class Verdicts:
    def __init__(self):
        self.failures = 0

    def case(self, name, check):
        """Runs one check. It passes unless it raises; True is returned for a pass."""
        try:
            check()
        except Unavailable as reason:
            print(f"SKIP {name}: {reason}", flush=True)
        except AssertionError as reason:
            self.failures += 1
            print(f"FAIL {name}: {reason}", flush=True)
        except Exception as error:  # the other cases still tell something
            self.failures += 1
            print(f"FAIL {name}: {type(error).__name__}: {error}", flush=True)
            print(traceback.format_exc(limit=-2), flush=True)
        else:
            print(f"PASS {name}", flush=True)
            return True
        return False

    def skip(self, name, reason):
        print(f"SKIP {name}: {reason}", flush=True)

    def exit(self):
        sys.exit(1 if self.failures else 0)


def equal(got, wanted, what):
    assert got == wanted, f"{what}: got {repr(got)[:300]}, want {repr(wanted)[:300]}"


def wait_until(condition, what, seconds=60):
    """Waits until the condition gives something true, which is returned."""
    result = eventually(condition, seconds)
    assert result, f"waited {seconds} s for {what}"
    return result


def shared_file(name):
    file = SHARED / name
    if not file.exists():
        raise Unavailable(f"there is no {name} in the shared folder (TRIBUTARY_SHARED)")
    return file


class Gateway(gateway.Gateway):
    """A gateway of these sections of gateway.yaml. Commands go through the program, as an operator types them."""

    def __init__(self, settings, secrets=(), mappings=()):
        if not pathlib.Path(gateway.BINARY).exists():
            raise Unavailable(f"{gateway.BINARY} is not built")
        super().__init__("real")
        for name, text in dict(mappings).items():
            self.write(f"mappings/{name}.yaml", text)
        # JSON is YAML.
        self.configure("".join(f"{section}: {json.dumps(body)}\n" for section, body in settings.items()))
        self.init([(*place, value) for place, value in dict(secrets).items()])
        self.ask("check")

    def ask(self, *arguments):
        return self.cli(*arguments, check=True, timeout=600).json

    def sync(self, connection, stream, *options):
        return self.ask("sync", "run", connection, stream, *options)

    def counts(self, destination):
        """What became of the items for a destination."""
        none = dict.fromkeys(("delivered", "queued", "retried", "superseded", "withheld", "dead"), 0)
        return self.destination(destination) or none

    def settled(self, destination, seconds=120):
        """Its counts when nothing waits for it any more."""
        eventually(lambda: self.process.poll() is not None or self.counts(destination)["queued"] == 0, seconds)
        assert self.process.poll() is None, f"the gateway ended with {self.process.returncode}: {self.last_words()}"
        counts = self.counts(destination)
        equal(counts["queued"], 0, f"items that wait for {destination} after {seconds} s")
        return counts

    def status_of(self, connection, body, headers):
        """The status of a webhook's answer."""
        return self.post(connection, body, headers)[0]

    def end(self):
        """It must end when it is told to, and well."""
        code, words = self.stop() if self.process.poll() is None else self.process.returncode, self.last_words()
        if os.environ.get("TRIBUTARY_KEEP"):
            print("kept", self.folder)
        else:
            self.close()
        equal(code, 0, f"exit code of the gateway, whose last words are {words}")


def answers(url):
    try:
        urllib.request.urlopen(url, timeout=5)
    except urllib.error.HTTPError:
        return True
    except (urllib.error.URLError, OSError):
        return False
    return True


class Peer:
    """A real system: one that already listens, or one that this starts from its recipe and stops at the end."""

    script, url, program = "", "", ""

    def __init__(self):
        self.home = pathlib.Path(os.environ.get("PEERS_HOME", "/var/tmp/tributary-peers"))
        self.started = False
        if not answers(self.url):
            self.run("install") if not shutil.which(self.program) else None
            self.run("start")
            self.started = True
            if not answers(self.url):
                self.close()
                raise Unavailable(f"{self.script} start did not bring it up")

    def run(self, *arguments, script="", seconds=900, **environment):
        script = script or self.script
        recipe = SHARED / "peers" / script
        if not recipe.exists():
            raise Unavailable(f"nothing listens at {self.url} and there is no peers/{script} in the shared folder")
        self.home.mkdir(parents=True, exist_ok=True)
        with open(self.home / f"{script}.log", "a") as log:
            done = subprocess.run([str(recipe), *arguments], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                  timeout=seconds, env=dict(os.environ, PEERS_HOME=str(self.home), **environment))
        if done.returncode != 0 and arguments[0] != "start":
            raise Unavailable(f"peers/{script} {arguments[0]} ended with {done.returncode}")

    def close(self):
        if self.started:
            self.run("stop")


class Tryton(Peer):
    """Tryton's JSON-RPC, as its own clients speak it."""

    script, url, program = "tryton.sh", "http://127.0.0.1:18000/", "trytond"
    password = "admin123"
    look_back, margin = 2 * 60, 10  # seconds; the first as the connector says
    connection = {"connector": "tryton", "settings": {"url": "http://127.0.0.1:18000", "database": "demo", "user": "admin"},
                  "credentials": {"password": "${secret:tryton#password}"},
                  "network": {"allow": ["127.0.0.0/8"], "ports": [18000]}}
    secrets = {("tryton", "password"): password}

    def __init__(self):
        super().__init__()
        try:
            try:
                self.log_in()
            except urllib.error.HTTPError as refused:
                # A first start that was cut off leaves a database without the administrator's password, and no later start
                # sets it: a database of our own making begins again.
                if not self.started or refused.code != 401:
                    raise
                self.run("stop")
                wait_until(lambda: not answers(self.url), "the end of Tryton", 30)
                shutil.rmtree(self.home / "tryton")
                self.run("start")
                self.log_in()
            if not self.call("company.company", "search_count", []):
                self.run("seed", "200")
            self.context = self.rpc("model.res.user.get_preferences", True, {})
        except BaseException:
            self.close()
            raise

    def log_in(self):
        self.session = ""
        user, token = self.rpc("common.db.login", "admin", {"password": self.password}, "en")[:2]
        self.session = "Session " + base64.b64encode(f"admin:{user}:{token}".encode()).decode()

    def rpc(self, method, *parameters):
        headers = {"Content-Type": "application/json"} | ({"Authorization": self.session} if getattr(self, "session", "") else {})
        body = json.dumps({"id": 1, "method": method, "params": list(parameters)}).encode()
        request = urllib.request.Request(self.url + "demo/", data=body, headers=headers)
        answer = json.load(urllib.request.urlopen(request, timeout=120))
        assert not answer.get("error"), f"{method}: {str(answer['error'])[:300]}"
        return answer["result"]

    def call(self, model, method, *parameters):
        return self.rpc(f"model.{model}.{method}", *parameters, getattr(self, "context", {}))

    def search_read(self, model, domain, fields):
        return self.call(model, "search_read", domain, 0, None, [["id", "ASC"]], fields)

    def parties_to_read_again(self, began):
        """How many parties changed, they or what hangs on them, in the look-back before a read that began then (UTC)."""
        at = began - datetime.timedelta(seconds=self.look_back + self.margin)
        moment = {"__class__": "datetime", "year": at.year, "month": at.month, "day": at.day, "hour": at.hour,
                  "minute": at.minute, "second": at.second, "microsecond": 0}
        changed = [[f"{row}{field}", ">=", moment] for row in ("", "contact_mechanisms.", "addresses.", "identifiers.")
                   for field in ("write_date", "create_date")]
        return self.rpc("model.party.party.search_count", ["OR", *changed], self.context | {"active_test": False})


class Redmine(Peer):
    """Redmine's REST API with the administrator's key."""

    script, url, program = "redmine.sh", "http://127.0.0.1:13002/", "rackup"

    def __init__(self):
        super().__init__()
        try:
            key = self.home / "redmine" / "key"
            if not key.exists():
                raise Unavailable("Redmine runs, but its API key is not in PEERS_HOME/redmine/key")
            self.key = key.read_text().strip()
            if not [p for p in self.get("projects.json")["projects"] if p["identifier"] == "support"]:
                self.run("seed", "30")
        except BaseException:
            self.close()
            raise

    def request(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data=data, method=method,
                                         headers={"X-Redmine-API-Key": self.key, "Content-Type": "application/json"})
        text = urllib.request.urlopen(request, timeout=60).read()
        return json.loads(text) if text.strip() else None

    def get(self, path):
        return self.request("GET", path)


class Cap(Peer):
    """An SAP CAP service: business partners and sales orders by OData v4 and v2. Reads and writes by v4 itself."""

    script, root = "cap.sh", "http://127.0.0.1:14004"
    url = root + "/odata/v4/API_BUSINESS_PARTNER/"
    user, password = "crm", "secret"

    def __init__(self):
        home = pathlib.Path(os.environ.get("PEERS_HOME", "/var/tmp/tributary-peers"))
        self.program = str(home / "cap/node_modules/.bin/cds-serve")
        super().__init__()
        if not self.count("A_BusinessPartner"):
            self.run("seed", "250")

    def run(self, *arguments, script=""):
        if arguments == ("install",):
            super().run("install", script="node.sh")
        super().run(*arguments, script=script)

    def request(self, method, path, body=None, **headers):
        """The answer's JSON, with the status of an error as {"status": ...}."""
        basic = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + urllib.parse.quote(path, safe="/?$&=,'()%"), method=method,
                                         data=json.dumps(body).encode() if body is not None else None,
                                         headers={"Authorization": "Basic " + basic, "Content-Type": "application/json"} | headers)
        try:
            text = urllib.request.urlopen(request, timeout=60).read()
        except urllib.error.HTTPError as error:
            return {"status": error.code}
        return json.loads(text) if text.strip() else None

    def count(self, entities, where=""):
        return self.request("GET", f"{entities}?$top=0&$count=true" + (f"&$filter={where}" if where else ""))["@odata.count"]

    def all(self, entities, where=""):
        """All of them, by $top and $skip: another way than the one under test."""
        found, page = [], True
        while page:
            page = self.request("GET", f"{entities}?$top=90&$skip={len(found)}" + (f"&$filter={where}" if where else ""))["value"]
            found += page
        return found


class Vendure(Peer):
    """A Vendure of the test's own: fresh data, a free port. Its plug-in posts events to `webhook_url` once start() said so."""

    script, user, password = "vendure.sh", "superadmin", "superadmin"

    def __init__(self):
        self.home = pathlib.Path(os.environ.get("PEERS_HOME", "/var/tmp/tributary-peers"))
        self.port = gateway.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token, self.folder = "", pathlib.Path(tempfile.mkdtemp(prefix="tributary-vendure-"))
        self.started = False
        if not (self.home / "vendure/node_modules/better-sqlite3/build/Release/better_sqlite3.node").exists():
            Peer.run(self, "install", script="node.sh")
            Peer.run(self, "install")
        (self.folder / "node_modules").symlink_to(self.home / "vendure/node_modules")
        self.connection = {"connector": "vendure", "settings": {"url": self.url, "user": self.user},
                           "credentials": "${secret:vendure}", "network": {"allow": ["127.0.0.0/8"], "ports": [self.port]}}

    def run(self, *arguments, **environment):
        super().run(*arguments, PEER_DIR=str(self.folder), PORT=str(self.port), **environment)

    def start(self, webhook_url=""):
        self.run("start", WEBHOOK_URL=webhook_url)
        self.started = True
        if not gateway.eventually(lambda: answers(self.url + "/admin-api"), 30):
            raise Unavailable(f"{self.script} start did not bring it up")
        self.token = self.ask("mutation($u: String!, $p: String!) { login(username: $u, password: $p) { __typename } }",
                              u=self.user, p=self.password)[1]

    def restart(self):
        """The same shop without its plug-in, which ends it when a customer is made through the Admin API."""
        self.run("stop")
        assert gateway.eventually(lambda: not answers(self.url), 30), "Vendure does not stop"
        self.start()

    def seed(self, orders):
        self.run("seed", str(orders))

    def ask(self, query, path="admin-api", token=None, **variables):
        """The data of a GraphQL answer, and the session's token when it gives one."""
        token = self.token if token is None else token
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(f"{self.url}/{path}", headers=headers,
                                         data=json.dumps({"query": query, "variables": variables}).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            body = json.load(answer)
            assert not body.get("errors"), f"Vendure answered {str(body['errors'])[:300]}"
            return body["data"], answer.headers.get("vendure-auth-token")

    def order(self, email, given, family):
        """A customer of the shop's face buys something; the order's id and code."""
        variant = self.ask("{ products { items { variants { id } } } }", "shop-api", "")[0]["products"]["items"][0]["variants"][0]["id"]
        _, token = self.ask("mutation($v: ID!) { addItemToOrder(productVariantId: $v, quantity: 2) { __typename } }", "shop-api", "", v=variant)
        shop = lambda query, **variables: self.ask(query, "shop-api", token, **variables)[0]  # noqa: E731
        shop("mutation($i: CreateCustomerInput!) { setCustomerForOrder(input: $i) { __typename } }",
             i={"firstName": given, "lastName": family, "emailAddress": email, "phoneNumber": "+493012345678"})
        shop("mutation($a: CreateAddressInput!) { setOrderShippingAddress(input: $a) { __typename } }",
             a={"fullName": f"{given} {family}", "streetLine1": "Straße 1", "city": "Köln", "postalCode": "50667", "countryCode": "DE"})
        method = shop("{ eligibleShippingMethods { id } }")["eligibleShippingMethods"][0]["id"]
        shop("mutation($m: [ID!]!) { setOrderShippingMethod(shippingMethodId: $m) { __typename } }", m=[method])
        shop('mutation { transitionOrderToState(state: "ArrangingPayment") { __typename } }')
        paid = shop('mutation { addPaymentToOrder(input: { method: "standard-payment", metadata: {} }) { ... on Order { id code } } }')
        return paid["addPaymentToOrder"]["id"], paid["addPaymentToOrder"]["code"]

    def close(self):
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Bluesky(Peer):
    """A PDS with a directory of its own (no app view), as people and the brand use it."""

    script, url, program, port = "atproto.sh", "http://127.0.0.1:12583", "", 12583
    jwt_secret = b"jwt-secret"  # of @atproto/dev-env

    def __init__(self):
        home = pathlib.Path(os.environ.get("PEERS_HOME", "/var/tmp/tributary-peers"))
        built = home / "atproto/node_modules/better-sqlite3/build/Release/better_sqlite3.node"
        self.program = sys.executable if built.exists() else "tributary-has-no-such-program"
        super().__init__()
        self.accounts = {name: self.account(name) for name in ("brand", "zoe")}

    def run(self, *arguments, **environment):
        if arguments == ("install",):
            super().run("install", script="node.sh")
        super().run(*arguments, **environment)

    def call(self, method, nsid, body=None, token=None, **query):
        url = f"{self.url}/xrpc/{nsid}" + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return json.loads(error.read() or b"{}") | {"status": error.code}

    def account(self, name):
        made = self.call("POST", "com.atproto.server.createAccount",
                         {"handle": f"{name}.test", "email": f"{name}@example.test", "password": f"pw-{name}"})
        if "accessJwt" not in made:
            made = self.call("POST", "com.atproto.server.createSession", {"identifier": f"{name}.test", "password": f"pw-{name}"})
        assert "accessJwt" in made, f"no account {name}: {made}"
        return made

    def post(self, name, text, reply=None):
        """A post of one of the accounts; {uri, cid}."""
        account = self.accounts[name]
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": now} | ({"reply": reply} if reply else {})
        return self.call("POST", "com.atproto.repo.createRecord",
                         {"repo": account["did"], "collection": "app.bsky.feed.post", "record": record}, account["accessJwt"])

    def posts(self, name):
        """All of them, newest first, read another way than the connector does: the repository's cursor in small steps."""
        found, cursor = [], ""
        while True:
            page = self.call("GET", "com.atproto.repo.listRecords", repo=self.accounts[name]["did"],
                             collection="app.bsky.feed.post", limit=37, **({"cursor": cursor} if cursor else {}))
            found += page["records"]
            cursor = page.get("cursor")
            if not page["records"] or not cursor:
                return found
