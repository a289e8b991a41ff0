"""A PostgreSQL server of a test alone: in a folder of its own, on a socket there and no port. ./dev setup installs what it
needs; the machine's own server is never touched. What it keeps need not survive the machine, so it does not sync."""
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

NOBODY = 65534
PROGRAMS = next((path for path in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
                 if (path / "initdb").exists()), None)


def as_nobody():
    """The server refuses to run as root."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


class PostgresServer:
    """`settings`: of postgresql.conf. `rules`: lines of pg_hba.conf before those that trust whoever reaches the socket.
    `files`: copied into its folder, readable for the server alone."""

    def __init__(self, settings=None, rules="", files=()):
        assert PROGRAMS, "PostgreSQL's initdb is not there: ./dev setup installs it"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-pg-"))
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        self.process, self.databases = None, itertools.count(1)
        self.settings = {"listen_addresses": "", "port": 5432, "fsync": "off", "full_page_writes": "off", "max_connections": 90, **(settings or {})}
        for file in files:
            copy = pathlib.Path(shutil.copy(file, self.folder))
            copy.chmod(0o600)
            if os.geteuid() == 0:
                os.chown(copy, NOBODY, NOBODY)
        self.program("initdb", "-D", self.folder / "data", "-U", "tributary", "--encoding=UTF8", "--locale=C", "--auth=trust", "-N")
        access = self.folder / "data/pg_hba.conf"
        access.write_text(rules + access.read_text())
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def program(self, name, *arguments, timeout=60):
        done = subprocess.run([PROGRAMS / name, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                              cwd=self.folder, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, **as_nobody())
        assert done.returncode == 0, f"{name}: {done.stderr[-800:]}"
        return done.stdout

    def start(self):
        with open(self.folder / "log", "ab") as log:
            settings = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
            self.process = subprocess.Popen(
                [PROGRAMS / "postgres", "-D", self.folder / "data", "-k", self.folder, *settings], stdout=log, stderr=log,
                cwd=self.folder, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, **as_nobody())
        ends = time.monotonic() + 30
        while subprocess.run([PROGRAMS / "pg_isready", "-q", "-h", self.folder, "-p", str(self.settings["port"])], check=False).returncode:
            assert time.monotonic() < ends and self.process.poll() is None, (self.folder / "log").read_text()[-800:]
            time.sleep(0.05)

    def end(self, how):
        if self.process:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def crash(self):
        """Ends every session in the middle of what it does, as `pg_ctl restart -m immediate` does."""
        self.end(signal.SIGQUIT)
        self.start()

    def sql(self, text, database="postgres"):
        return self.program("psql", "-h", self.folder, "-p", self.settings["port"], "-U", "tributary", "-d", database, "-AtqX", "-v", "ON_ERROR_STOP=1", "-c", text)

    def database(self):
        """The name of a new one, and its connection string."""
        name = f"gateway{next(self.databases)}"
        self.sql(f"CREATE DATABASE {name}")
        return name, f"host={self.folder} user=tributary dbname={name}"
