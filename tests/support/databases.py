"""Databases for tests, freshly migrated or seeded as the demo is: each template is made once a run, each test gets a copy."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from app.store import migrations
from app.store.database import Database
from tests.support.postgres import Server, execute, in_a_loop, only_one, run_directory

DIRECTORY_VARIABLE = "ALUR_TEST_DIRECTORY"
"""How the workers of pytest-xdist find the run's directory: they inherit the environment of the process that controls the run."""

QUICKLY = "STRATEGY FILE_COPY"
"""Without fsync 8 times faster than WAL_LOG."""


class Databases:
    """What one process of a test run knows of the run's databases."""

    def __init__(self, directory: Path, *, controls: bool) -> None:
        self.directory = directory
        self.controls = controls
        self.override = os.environ.get("ALUR_TEST_POSTGRES_URL")
        self.server = Server(directory)
        self._numbers = itertools.count(1)
        self._prefix = directory.name.replace("-", "_").lower()

    @classmethod
    def of_this_run(cls, *, is_worker: bool) -> "Databases":
        if is_worker:
            return cls(Path(os.environ[DIRECTORY_VARIABLE]), controls=False)
        os.environ[DIRECTORY_VARIABLE] = str(run_directory())
        return cls(Path(os.environ[DIRECTORY_VARIABLE]), controls=True)

    def launch(self) -> None:
        """Starts the server without waiting for it; only the process that controls the run may, because the server dies with its parent."""
        if self.controls and not self.override:
            self.server.launch()

    def close(self) -> None:
        if not self.controls:
            return
        for kind in ("migrated", "seeded") if self.override else ():
            if self._made(f"postgres.{kind}").exists():
                execute(self._admin, f"ALTER DATABASE {self._template(kind)} IS_TEMPLATE false")
                execute(self._admin, f"DROP DATABASE {self._template(kind)} WITH (FORCE)")
        self.server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @contextmanager
    def postgres(self, worker: str, *, seeded: bool = False) -> Iterator[str]:
        """The URL of a clone, dropped at the end of the block; with what the demo holds if `seeded`."""
        template = self._seeded_postgres() if seeded else self._migrated_postgres()
        with self._created(worker, f"TEMPLATE {template} {QUICKLY}") as url:
            yield url

    @contextmanager
    def empty_postgres(self, worker: str) -> Iterator[str]:
        """The URL of a database in which nothing was migrated yet."""
        self.launch()
        self._wait()
        with self._created(worker, "") as url:
            yield url

    def sqlite(self, directory: Path, *, seeded: bool = False) -> str:
        """The URL of a copy in `directory`; with what the demo holds if `seeded`."""
        template = self._seeded_sqlite() if seeded else self._migrated_sqlite()
        file = directory / "alur.db"
        shutil.copyfile(template, file)
        return f"sqlite:///{file}"

    @contextmanager
    def _created(self, worker: str, options: str) -> Iterator[str]:
        name = f"{self._prefix}_{worker}_{next(self._numbers)}"
        execute(self._admin, f"CREATE DATABASE {name} {options}")
        try:
            yield self._named(name)
        finally:
            execute(self._admin, f"DROP DATABASE {name} WITH (FORCE)")

    @property
    def _admin(self) -> URL:
        return make_url(self.override) if self.override else self.server.url

    def _made(self, kind: str) -> Path:
        return self.directory / f"{kind}.made"

    def _once(self, kind: str, make: Callable[[], None]) -> None:
        made = self._made(kind)
        if made.exists():
            return
        with only_one(self.directory / f"{kind}.lock"):
            if not made.exists():
                make()
                made.touch()

    def _template(self, kind: str) -> str:
        return f"{self._prefix}_{kind}"

    def _migrated_postgres(self) -> str:
        def make() -> None:
            self.launch()
            self._wait()
            execute(self._admin, f"CREATE DATABASE {name}")
            migrations.upgrade(self._named(name))
            self._keep(name)

        name = self._template("migrated")
        self._once("postgres.migrated", make)
        return name

    def _seeded_postgres(self) -> str:
        def make() -> None:
            execute(self._admin, f"CREATE DATABASE {name} TEMPLATE {migrated} {QUICKLY}")
            in_a_loop(_seed(self._named(name)))
            self._keep(name)

        name, migrated = self._template("seeded"), self._migrated_postgres()
        self._once("postgres.seeded", make)
        return name

    def _keep(self, template: str) -> None:
        execute(self._admin, f"ALTER DATABASE {template} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true")

    def _migrated_sqlite(self) -> Path:
        file = self.directory / "migrated.db"
        self._once("sqlite.migrated", lambda: migrations.upgrade(f"sqlite:///{file}"))
        return file

    def _seeded_sqlite(self) -> Path:
        def make() -> None:
            shutil.copyfile(migrated, file)
            in_a_loop(_seed(f"sqlite:///{file}"))

        file, migrated = self.directory / "seeded.db", self._migrated_sqlite()
        self._once("sqlite.seeded", make)
        return file

    def _named(self, name: str) -> str:
        return _text(self._admin.set(database=name))

    def _wait(self) -> None:
        if not self.override:
            self.server.wait()


async def _seed(url: str) -> None:
    from tests.support.office import seed_office  # noqa: PLC0415 - imports the whole application, which few tests need

    database = Database(url)
    try:
        await seed_office(database)
    finally:
        await database.close()


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
