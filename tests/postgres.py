"""A real PostgreSQL for the tests, and ledgers and identity stores on both databases."""

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

SYSTEM_USER = "postgres"


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _as_server(*command: str) -> list[str]:
    """A command as the user PostgreSQL runs as; it refuses to run as root."""
    if os.geteuid() != 0:
        return list(command)
    return ["runuser", "-u", SYSTEM_USER, "--", *command]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A PostgreSQL of its own on loopback; it can be stopped in the middle of a test."""

    def __init__(self, programs: Path, home: Path) -> None:
        self._programs = programs
        self._home = home
        self._port = _free_port()
        self._run(
            "initdb", "-D", str(home / "data"), "-U", "tester", "--auth=trust", "-E", "UTF8",
            "--locale=C", "--no-sync",
        )  # fmt: skip

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -p {self._port} -k {self._home}"
        log = str(self._home / "log")
        self._run("pg_ctl", "-D", str(self._home / "data"), "-o", options, "-l", log, "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._home / "data"), "-m", "immediate", "-w", "stop")

    def url(self, database: str = "postgres", user: str = "tester") -> str:
        return f"postgresql+psycopg://{user}@127.0.0.1:{self._port}/{database}"

    def new_database(self) -> str:
        """URL of a new and empty database."""
        name = f"t{uuid.uuid4().hex}"
        self.query(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def query(self, statement: str, url: str | None = None) -> list[tuple[object, ...]]:
        """What a statement gives, outside of the program under test."""
        import psycopg

        address = (url or self.url()).replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []

    def _run(self, program: str, *arguments: str) -> None:
        command = _as_server(str(self._programs / program), *arguments)
        log = self._home / "control"
        with log.open("ab") as stream:
            # Without a pipe: a server that was started would hold it open for ever.
            done = subprocess.run(
                command, cwd=self._home, stdout=stream, stderr=stream, check=False
            )
        assert done.returncode == 0, log.read_text(encoding="utf-8", errors="replace")


def _made_server() -> Iterator[Server]:
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        pytest.skip("PostgreSQL refuses to run as root and there is no runuser")
    home = Path(tempfile.mkdtemp(prefix="praktijktest-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, SYSTEM_USER)
        server = Server(programs, home)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One PostgreSQL for all tests."""
    yield from _made_server()


@pytest.fixture
def mortal_postgres() -> Iterator[Server]:
    """A PostgreSQL that a test may stop."""
    yield from _made_server()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str | None:
    """Where a ledger is kept: None for round.db in the folder, or the URL of a new database."""
    if request.param == "sqlite":
        return None
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()
