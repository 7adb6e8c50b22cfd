"""Publishing procedures, looking them up, and what Alur ships of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.events import NewEvent
from app.domain.offices import ROOT
from app.domain.people import Actor
from app.domain.permissions import ADMIN
from app.domain.preconditions import ANY_VERSION, Expected
from app.domain.problems import NotVisible, Refused
from app.domain.procedure_checks import parse
from app.domain.procedures import Procedure
from app.domain.refusals import Refusal
from app.domain.retries import StoredAnswer
from app.store import procedures as store
from app.store.errors import Collision
from app.store.events import append_office_events
from app.store.procedures import PublishedProcedure
from app.usecases.acts import Act
from app.usecases.administering import once


@dataclass(frozen=True, slots=True)
class Published:
    """Where a text stands now; `created` is False when it stood there before."""

    key: str
    version: int
    created: bool


@dataclass(frozen=True, slots=True)
class ProcedureView:
    """A published version, and the keys of those of its related procedures that can be looked up."""

    published: PublishedProcedure
    linked: frozenset[str]


async def publish(
    connection: AsyncConnection, procedure: Procedure, now: datetime, *, expected: Expected = ANY_VERSION, actor: dict[str, Any] | None = None
) -> Published:
    """Publish a sound procedure as the next version of its key; the text of the latest version again adds nothing. Raises Stale, Collision.

    It is recorded in the national office's stream first of all: the stream's head is what two who publish at once meet on, and whoever
    comes second finds it moved and looks again. `actor` is who did it, as data; None at the command line and when Alur starts.
    """
    latest = await store.latest(connection, procedure.key)
    expected.check(0 if latest is None else latest.version)
    if latest is not None and latest.procedure.same_text(procedure):
        return Published(latest.key, latest.version, created=False)
    version = 1 if latest is None else latest.version + 1
    told = {"key": procedure.key, "version": version, "sha256": store.definition_hash(procedure)}
    await append_office_events(connection, ROOT, now, actor=actor, events=[NewEvent("procedure.published", told)])
    if not await store.add_version(connection, procedure, version=version, now=now):
        raise Collision("procedure")  # published between the two looks
    return Published(procedure.key, version, created=True)


def publishable(actor: Actor, draft: object) -> Procedure:
    """The procedure to publish. It will serve every office, so it takes `admin` of the office above all. Raises Refused, ProcedureRejected."""
    if not actor.permitted(ADMIN, ROOT):
        raise Refused([Refusal("permission_missing", {"permission": ADMIN, "office": ROOT})])
    return parse(draft)


async def publish_procedure(act: Act, procedure: Procedure, show: Callable[[ProcedureView, Published], StoredAnswer]) -> StoredAnswer:
    """Publish for a caller, once per Idempotency-Key. Raises KeyReused, AlreadyAnswered, Stale, Collision."""

    async def work() -> StoredAnswer:
        actor = act.actor.snapshot(ADMIN, ROOT, "Admin").as_data()
        published = await publish(act.connection, procedure, act.now, expected=act.expected, actor=actor)
        return show(await view_procedure(act.connection, published.key, published.version), published)

    return await once(act, work)


async def view_procedure(connection: AsyncConnection, key: str, version: int | None = None) -> ProcedureView:
    """That version, or the latest. Raises NotVisible."""
    found = await (store.latest(connection, key) if version is None else store.version(connection, key, version))
    if found is None:
        raise NotVisible
    related = frozenset(other.key for other in found.procedure.identity.related_procedures if other.key is not None)
    return ProcedureView(found, await store.known_keys(connection, related))


async def seed_catalog(connection: AsyncConnection, now: datetime) -> tuple[Published, ...]:
    """Publish what Alur ships, at each start: a text that was ever published is left alone, also when an office has published another since."""
    from app.outside import catalog  # noqa: PLC0415 - the reader of YAML is not for servers

    shipped = [parse(catalog.read(data).value) for data in catalog.shipped().values()]
    return tuple([await _seed(connection, procedure, now) for procedure in shipped])


async def _seed(connection: AsyncConnection, procedure: Procedure, now: datetime) -> Published:
    for known in await store.versions(connection, procedure.key):
        if known.procedure.same_text(procedure):
            return Published(known.key, known.version, created=False)
    return await publish(connection, procedure, now)
