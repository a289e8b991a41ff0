#!/usr/bin/env python3
"""Mail behind OAuth 2: Dovecot and Postfix take no password but tokens of a real OpenID provider, which they ask about
each one (introspection). A person logs in once for reading and once for sending; tokens that end are renewed, once each."""
import contextlib
import pathlib
import shutil
import subprocess
import tempfile
import time

import mail_test
import oidc_test
import peers
from peers import Unavailable, equal, wait_until

USER = oidc_test.USER
SUBJECT = f"oauth-news-{mail_test.STAMP}"


class Doors:
    """Dovecot's own configuration beside the recipe's, for as long as this lasts."""

    def __init__(self, mail, provider):
        self.mail = mail
        self.passdb, self.client = mail.folder / "dovecot-oauth2.conf", mail.folder / "oauth2.conf.ext"
        self.passdb.write_text("auth_mechanisms = $auth_mechanisms xoauth2 oauthbearer\n"
                               f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {self.client}\n}}\n")
        self.client.write_text("introspection_mode = post\n"
                               f"introspection_url = http://crm-gateway:gateway-secret@127.0.0.1:{provider.port}/token/introspection\n"
                               "username_attribute = sub\nactive_attribute = active\nactive_value = true\n")
        self.reload()

    def reload(self):
        subprocess.run(["doveadm", "-c", str(self.mail.folder / "dovecot.conf"), "reload"], check=True, capture_output=True)
        wait_until(self.mail.listens, "Dovecot after a reload", 20)

    def close(self):
        self.passdb.unlink()
        self.client.unlink()
        self.reload()


class Desk:
    def __init__(self, mail, provider):
        self.mail, self.provider = mail, provider
        mail.empty("alice")
        mail.empty("u4")
        self.people = pathlib.Path(tempfile.mkdtemp(prefix="tributary-mail-")) / "people.csv"
        self.people.write_text("email,name,agreed_at\nu4@example.test,Zoe," + time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600)) + "\n")
        oauth = {"login": "oauth", "token_url": provider.url + "/token", "authorize_url": provider.url + "/auth",
                 "device_url": provider.url + "/device/auth", "scope": "openid email offline_access"}
        network = {"allow": ["127.0.0.0/8"], "ports": [provider.port]}
        server = {"host": "localhost", "ca_file": str(mail.ca)}
        self.gateway = peers.Gateway({"connections": {
            "inbox": {"connector": "imap", "network": network, "credentials": "${secret:inbox}",
                      "settings": server | oauth | {"port": 11993, "streams": {"inbox": {"folder": "INBOX"}}},
                      "streams": {"inbox": {"mapping": "imap/message"}}},
            "mailer": {"connector": "smtp", "network": network, "credentials": "${secret:mailer}",
                       "settings": server | oauth | {"port": 11587, "from": f"Acme <{USER}>",
                                                     "actions": {"news": {"subject": SUBJECT, "text": "Hello {name}"}}}},
            "people": {"connector": "file", "settings": {"streams": {"people": {"path": str(self.people), "format": "csv", "key": "email"}}},
                       "trusted_contact_points": True, "streams": {"people": {"mapping": "test/person"}}}},
            "deliveries": [{"name": "news", "to": "mailer", "entity": "contact", "action": "news", "mapping": "test/news.out",
                            "purpose": "marketing.email", "channel": "email"}]},
            secrets={(name, field): value for name in ("inbox", "mailer")
                     for field, value in (("username", USER), ("client_id", "crm-gateway"), ("client_secret", "gateway-secret"))},
            mappings={"test/person": mail_test.PERSON, "test/news.out": mail_test.NEWS_OUT})

    def refreshes(self):
        return self.provider.counts("refresh_token")

    def nobody_yet(self):
        for name in ("inbox", "mailer"):
            answer = self.gateway.cli("connector", "test", name)
            assert answer.code != 0 and f"tributary connection login {name}" in answer.err, (name, answer)

    def log_in(self):
        """By device code: both connections share the one client, and no port of this machine has to be registered."""
        for name in ("inbox", "mailer"):
            command = oidc_test.LoginCommand(self.gateway, name, "--device")
            try:
                whole = command.url("or just ").removeprefix("or just ")
                page = oidc_test.Person(self.provider).visit(whole)
                assert "success" in page.lower(), page[:400]
                code, answer, said = command.end()
                equal(code, 0, f"exit code of the login for {name}, having said {said}")
                assert answer["renewable"], answer
            finally:
                if command.process.poll() is None:
                    command.process.kill()
                    command.process.wait()
        for name in ("inbox", "mailer"):
            equal(self.gateway.cli("connector", "test", name).code, 0, f"exit code of the check of {name}")

    def read(self, number):
        subject = f"oauth-{number}-{mail_test.STAMP}"
        self.mail.deliver(USER, subject)
        wait_until(lambda: subject in self.mail.subjects("alice"), "the mail in the mailbox", 20)
        result = self.gateway.sync("inbox", "inbox")
        equal((result["records"], result["quarantined"]), (1, 0), "records and quarantined")

    def reads(self):
        self.read(0)

    def renews(self):
        """What ended over there is found out by a refused login, and costs one renewal."""
        before = self.refreshes()
        for number in range(1, 6):
            self.provider.expire()
            self.read(number)
            equal(self.refreshes() - before, number, "renewals")
        self.read(6)
        equal(self.refreshes() - before, 5, "renewals when nothing ended")
        equal(self.provider.counts("revoked"), 0, "logins that the provider revoked")
        print(f"COUNTS mail with OAuth: 7 mails read, 5 tokens ended, {self.refreshes() - before} renewals, 0 revoked", flush=True)

    def sends(self):
        """The token that the login gave has ended: Postfix refuses it, and the mail goes out with the next one."""
        equal(self.gateway.cli("connector", "test", "mailer").code, 0, "exit code")
        before = self.refreshes()
        self.provider.expire()
        self.gateway.start()
        self.gateway.sync("people", "people")
        counts = self.gateway.settled("mailer")
        equal((counts["delivered"], counts["dead"]), (1, 0), "delivered and dead")
        equal(self.refreshes() - before, 1, "renewals")
        equal(wait_until(lambda: self.mail.subjects("u4"), "the mail in u4's mailbox", 20), [SUBJECT], "what arrived")
        equal(self.gateway.stop(), 0, "exit code of the gateway")

    def close(self):
        self.gateway.close()
        shutil.rmtree(self.people.parent)


def main():
    verdicts = peers.Verdicts()
    with contextlib.ExitStack() as ends:
        try:
            mail = mail_test.Mail()
            ends.callback(mail.close)
            provider = oidc_test.Provider()
            ends.callback(provider.close)
        except Unavailable as reason:
            verdicts.skip("mail behind OAuth 2", reason)
            return verdicts
        ends.callback(Doors(mail, provider).close)
        desk = Desk(mail, provider)
        ends.callback(desk.close)
        verdicts.case("before a login every call says what to do", desk.nobody_yet)
        if verdicts.case("a person logs in for reading and for sending", desk.log_in):
            verdicts.case("a mailbox is read with a token", desk.reads)
            verdicts.case("a token that ended is renewed once", desk.renews)
            verdicts.case("so it is for sending", desk.sends)
    return verdicts


if __name__ == "__main__":
    main().exit()
