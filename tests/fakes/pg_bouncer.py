"""A PgBouncer of a test alone in front of a PostgreSQL server: transaction pooling, on a free port of loopback."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from gateway import free_port
from postgres_server import NOBODY, as_nobody

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")


class PgBouncer:
    """`server`: how it reaches the database `name`, as a connection string without user and password. It speaks TLS to the
    server, which must have a certificate of `authority`. Gateways come with `user` and `password`, by SCRAM."""

    def __init__(self, name, server, authority, user, password, pool=4):
        assert PROGRAM, "pgbouncer is not there: ./dev setup installs it"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-bouncer-"))
        self.port, self.name, self.user, self.password = free_port(), name, user, password
        shutil.copy(authority, self.folder / "authority.pem")
        (self.folder / "users").write_text(f'"{user}" "{password}"\n')
        (self.folder / "pgbouncer.ini").write_text(f"""[databases]
{name} = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {self.folder}/users
admin_users = {user}
pool_mode = transaction
default_pool_size = {pool}
server_round_robin = 1
server_tls_sslmode = verify-full
server_tls_ca_file = {self.folder}/authority.pem
ignore_startup_parameters = extra_float_digits
logfile = {self.folder}/log
pidfile =
""")
        for path in (self.folder, *self.folder.iterdir()):
            path.chmod(0o700 if path.is_dir() else 0o600)
            if os.geteuid() == 0:
                os.chown(path, NOBODY, NOBODY)
        self.process = subprocess.Popen([PROGRAM, "-q", self.folder / "pgbouncer.ini"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        cwd=self.folder, **as_nobody())
        ends = time.monotonic() + 20
        while True:
            try:
                self.ask("SHOW VERSION")
                return
            except AssertionError:
                assert time.monotonic() < ends and self.process.poll() is None, self.log()
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        file = self.folder / "log"
        return file.read_text(errors="replace")[-800:] if file.exists() else "no log"

    def ask(self, command):
        """Of its own console."""
        done = subprocess.run(["psql", "-AtqX", "-h", "127.0.0.1", "-p", str(self.port), "-U", self.user, "-d", "pgbouncer", "-c", command],
                              capture_output=True, text=True, timeout=20, env={"PATH": "/usr/bin:/bin", "PGPASSWORD": self.password})
        assert done.returncode == 0, done.stderr
        return done.stdout
