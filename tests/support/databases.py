"""Freshly migrated databases for tests: each template is migrated once a run, each test gets a copy."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from app.store import migrations
from tests.support.postgres import Server, execute, only_one, run_directory

DIRECTORY_VARIABLE = "ALUR_TEST_DIRECTORY"
"""How the workers of pytest-xdist find the run's directory: they inherit the environment of the process that controls the run."""


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
        if self.override and self._made("postgres").exists():
            execute(self._admin, f"ALTER DATABASE {self._template} IS_TEMPLATE false")
            execute(self._admin, f"DROP DATABASE {self._template} WITH (FORCE)")
        self.server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @contextmanager
    def postgres(self, worker: str) -> Iterator[str]:
        """The URL of a clone, dropped at the end of the block."""
        self._once("postgres", self._make_postgres_template)
        with self._created(worker, f"TEMPLATE {self._template} STRATEGY FILE_COPY") as url:  # without fsync 8 times faster than WAL_LOG
            yield url

    @contextmanager
    def empty_postgres(self, worker: str) -> Iterator[str]:
        """The URL of a database in which nothing was migrated yet."""
        self.launch()
        self._wait()
        with self._created(worker, "") as url:
            yield url

    def sqlite(self, directory: Path) -> str:
        """The URL of a copy in `directory`."""
        self._once("sqlite", self._make_sqlite_template)
        file = directory / "alur.db"
        shutil.copyfile(self.directory / "template.db", file)
        return f"sqlite:///{file}"

    @contextmanager
    def _created(self, worker: str, options: str) -> Iterator[str]:
        name = f"{self._prefix}_{worker}_{next(self._numbers)}"
        execute(self._admin, f"CREATE DATABASE {name} {options}")
        try:
            yield _text(self._admin.set(database=name))
        finally:
            execute(self._admin, f"DROP DATABASE {name} WITH (FORCE)")

    @property
    def _admin(self) -> URL:
        return make_url(self.override) if self.override else self.server.url

    @property
    def _template(self) -> str:
        return f"{self._prefix}_template"

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

    def _make_postgres_template(self) -> None:
        self.launch()
        self._wait()
        execute(self._admin, f"CREATE DATABASE {self._template}")
        migrations.upgrade(_text(self._admin.set(database=self._template)))
        execute(self._admin, f"ALTER DATABASE {self._template} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true")

    def _make_sqlite_template(self) -> None:
        migrations.upgrade(f"sqlite:///{self.directory / 'template.db'}")

    def _wait(self) -> None:
        if not self.override:
            self.server.wait()


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
