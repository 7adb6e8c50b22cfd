"""Publishing procedures, and what Alur ships of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.procedure_checks import parse
from app.domain.procedures import Procedure
from app.outside import catalog
from app.store import procedures as store
from app.store.errors import Collision

TRIES = 5


@dataclass(frozen=True, slots=True)
class Published:
    """Where a text stands now; `created` is False when it stood there before."""

    key: str
    version: int
    created: bool


async def publish(connection: AsyncConnection, procedure: Procedure, now: datetime) -> Published:
    """Publish a sound procedure as the next version of its key; the text of the latest version again adds nothing. Raises Collision.

    Two who publish at once: whoever comes second waits for the first, finds the number taken and looks again.
    """
    for _ in range(TRIES):
        latest = await store.latest(connection, procedure.key)
        if latest is not None and latest.procedure == procedure:
            return Published(latest.key, latest.version, created=False)
        version = 1 if latest is None else latest.version + 1
        if await store.add_version(connection, procedure, version=version, now=now):
            return Published(procedure.key, version, created=True)
    raise Collision("procedure")


async def seed_catalog(connection: AsyncConnection, now: datetime) -> tuple[Published, ...]:
    """Publish what Alur ships, at each start: a text that was ever published is left alone, also when an office has published another since."""
    shipped = [parse(catalog.read(data).value) for data in catalog.shipped().values()]
    return tuple([await _seed(connection, procedure, now) for procedure in shipped])


async def _seed(connection: AsyncConnection, procedure: Procedure, now: datetime) -> Published:
    for known in await store.versions(connection, procedure.key):
        if known.procedure == procedure:
            return Published(known.key, known.version, created=False)
    return await publish(connection, procedure, now)
