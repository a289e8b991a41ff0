#!/usr/bin/env python3
"""How gateways reach PostgreSQL: over TCP with TLS that checks the server, by SCRAM, as a role that owns its database and no
more; and through a pooler in transaction mode that gives each transaction another session, with two gateways of which one is
killed. The counts are those of tests/fault/oracle.py.

  --seed N
"""
import argparse
import pathlib
import random
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from certificates import authority, certificate  # noqa: E402
from gateway import Gateway, Verdicts, eventually, free_port  # noqa: E402
from nodes import RESUMED_WITHIN, Senders, behind, halt, make, settle  # noqa: E402
from pg_bouncer import PgBouncer  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from receiver import Receiver  # noqa: E402

USER, PASSWORD = "gateway", "correct-horse-battery"
RULES = f"hostssl all {USER} 127.0.0.1/32 scram-sha-256\nhost all all all reject\n"


class SecureServer(PostgresServer):
    """With a certificate for localhost, and a role without any rights but those on databases that it owns."""

    def __init__(self, certificates):
        self.port = free_port()
        super().__init__({"listen_addresses": "127.0.0.1", "port": self.port, "ssl": "on", "ssl_cert_file": "../server.pem",
                          "ssl_key_file": "../server.key", "password_encryption": "scram-sha-256"},
                         RULES, [certificates / "server.pem", certificates / "server.key"])
        self.sql(f"CREATE ROLE {USER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '{PASSWORD}'")
        self.sql("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")

    def database(self):
        name, _ = super().database()
        self.sql(f"ALTER DATABASE {name} OWNER TO {USER}")
        self.sql(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        return name, f"host=localhost hostaddr=127.0.0.1 port={self.port} user={USER} dbname={name}"


def passfile(folder, password):
    file = folder / f"pass-{len(list(folder.iterdir()))}"
    file.write_text(f"*:*:*:{USER}:{password}\n")
    file.chmod(0o600)
    return file


def direct(server, certificates, verdicts, seed):
    """One gateway, straight to the server, which it checks and which checks it."""
    name, dsn = server.database()
    checked = f"{dsn} sslmode=verify-full sslrootcert={certificates}/servers.pem"
    right = f"{checked} passfile={passfile(certificates, PASSWORD)}"
    with Receiver(0.1, seed) as receiver, make("pg-tls", right, receiver.port) as gateway:
        gateway.start()
        senders = Senders([gateway], 20, seed)
        verdicts.check("a webhook becomes a delivery", eventually(lambda: len(receiver.effects) > 20, 60), gateway.last_words())
        sessions = server.sql("SELECT count(*), count(*) FILTER (WHERE ssl), min(version) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) "
                              f"WHERE usename = '{USER}'").strip().split("|")
        verdicts.check("every session is encrypted", int(sessions[0]) >= 2 and sessions[0] == sessions[1] and sessions[2] >= "TLSv1.2", str(sessions))
        rights = server.sql("SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls OR EXISTS (SELECT FROM pg_auth_members m "
                            f"WHERE m.member = r.oid) FROM pg_roles r WHERE rolname = '{USER}'").strip()
        verdicts.check("the role has no rights but those of an owner", rights == "f", rights)
        settle(verdicts, "TLS, SCRAM, no superuser", receiver, senders, gateway, seed)
        halt(verdicts, "TLS, SCRAM, no superuser", gateway)
        wrong = {
            "a server of another authority": (dsn + f" sslmode=verify-full sslrootcert={certificates}/others.pem passfile={passfile(certificates, PASSWORD)}",
                                              3, "certificate verify failed"),
            "a server of another name": (right.replace("host=localhost", "host=db.internal"), 3, "does not match host name"),
            "a wrong password": (f"{checked} passfile={passfile(certificates, 'guess-of-a-password')}", 1, "authentication failed"),
            "no password": (f"{checked} passfile=/dev/null", 1, "no password supplied"),
            "a session in clear": (right.replace("verify-full", "disable"), 1, "pg_hba.conf"),
        }
        for what, (bad, code, says) in wrong.items():
            with make("pg-refused", dsn, receiver.port, gateway.folder / "keys") as refused:
                text = refused.config.read_text().replace(f'dsn: "{dsn}"', f'dsn: "{bad}"')
                refused.config.write_text(text)
                answer = refused.cli("run", timeout=60)
                told = answer.out + answer.err
                verdicts.check(f"{what} is refused, and the message says so", answer.code == code and says in told, str(answer))
                verdicts.check(f"{what}: no password is told", PASSWORD not in told and "guess-of" not in told, str(answer))


def pooled(server, certificates, verdicts, seed):
    """Two gateways through a pooler with few sessions; one of them is killed."""
    name, _ = server.database()
    where = f"host=localhost port={server.port} dbname={name}"
    with PgBouncer(name, where, certificates / "servers.pem", USER, PASSWORD) as pooler, Receiver(0.1, seed) as receiver:
        dsn = f"host=127.0.0.1 port={pooler.port} user={USER} dbname={name} passfile={passfile(certificates, PASSWORD)}"
        with make("pg-pool-a", dsn, receiver.port) as first, make("pg-pool-b", dsn, receiver.port, first.folder / "keys") as second:
            first.start()
            second.start()
            senders = Senders([first, second], 60, seed)
            time.sleep(3)
            clients = sum(row.startswith("C|") and f"|{name}|" in row for row in pooler.ask("SHOW CLIENTS").splitlines())
            sessions = int(server.sql(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"))
            verdicts.check("sessions are shared", sessions < clients, f"{clients} clients, {sessions} sessions")
            verdicts.check("each gateway took webhooks", all(senders.taken.values()), str(list(senders.taken.values())))
            wanted, began = dict(senders.newest), time.monotonic()
            receiver.failure_rate = 0.0  # what is measured is the taking over, not how long retries wait
            second.kill()
            eventually(lambda: not behind(receiver, wanted), 90)
            resumed = time.monotonic() - began
            second.start()
            time.sleep(2)
            settle(verdicts, "two gateways through a pooler", receiver, senders, first, seed, gateways=2, clients=clients,
                   sessions=sessions, kills=1, slowest_recovery_s=f"{resumed:.1f}")
            verdicts.check(f"the work of the dead goes on within {RESUMED_WITHIN} s", resumed < RESUMED_WITHIN, f"{resumed:.1f} s")
            halt(verdicts, "two gateways through a pooler", first, second)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    verdicts = Verdicts()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        certificates = pathlib.Path(folder)
        for signer in ("servers", "others"):
            authority(certificates, signer)
        certificate(certificates, "server", "servers")
        with SecureServer(certificates) as server:
            direct(server, certificates, verdicts, options.seed)
            pooled(server, certificates, verdicts, options.seed)
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
