"""Where the schema stands. Only Alembic creates tables: `create_all` at start-up races between workers.

Alembic is imported only where it works: a server that merely asks whether it may start does without its memory.
"""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

ROOT = Path(__file__).resolve().parents[2]
"""The checkout, or its copy in the image: `alembic.ini` and `migrations/` lie beside `app/`."""

_REVISION = re.compile(r'^(revision|down_revision)(?:: .*)? = ["\'](\w+)["\']', re.MULTILINE)


class MigrationsMissing(Exception):
    """`alembic.ini` and `migrations/` are not beside `app/`: install Alur from its checkout with `pip install -e .`, or copy both along."""


def upgrade(url: str, revision: str = "head") -> None:
    """Brings the database at `url` to `revision`. Blocking, with a loop of its own: run it in a child process or at a command line."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    _files()
    config = Config(ROOT / "alembic.ini", attributes={"url": url})
    command.upgrade(config, revision)


@cache
def head() -> str:
    """The newest revision in `migrations/versions`: the one that no other one follows."""
    revisions: set[str] = set()
    followed: set[str] = set()
    for file in _files():
        found = dict(_REVISION.findall(file.read_text(encoding="utf-8")))
        revisions.add(found["revision"])
        followed.add(found.get("down_revision", ""))
    (newest,) = revisions - followed
    return newest


async def current_is_head(connection: AsyncConnection) -> bool:
    """Whether this code may work on that database."""
    if not await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version")):
        return False
    found = await connection.execute(text("SELECT version_num FROM alembic_version"))
    return list(found.scalars()) == [head()]


def _files() -> list[Path]:
    files = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    if not files or not (ROOT / "alembic.ini").is_file():
        raise MigrationsMissing(MigrationsMissing.__doc__)
    return files
