"""What a verification reads: whole streams, the owners that say where these end, and the rows that they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import TextClause, Uuid, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.instances import DocumentVersion, Mark, Member, SignOff
from app.domain.records import CommentRecord, TransitionRecord
from app.domain.witness import Kept
from app.store.events import EVENT, OFFICE, Row, as_shown, instance_stream, office_stream
from app.store.feed import SHOWN
from app.store.rows import columns, decode_all, json_rows, nested
from app.store.tables import InstanceRow, table

INSTANCE = table(InstanceRow)
BATCH = 200


@dataclass(frozen=True, slots=True)
class Owner:
    """Where its owner says that a stream ends (a chain alone cannot see that its tail was cut), and what the tables keep beside it.

    Both as of one moment. `kept` is None for an office.
    """

    office: str
    sequence: int
    hash: str
    kept: Kept | None


async def owned_streams(connection: AsyncConnection, offices: Sequence[str] | None) -> list[str]:
    """Every stream that an instance or office of those has (None: of all)."""
    instances, own = select(INSTANCE.c.id).order_by(INSTANCE.c.id), select(OFFICE.c.code).order_by(OFFICE.c.code)
    if offices is not None:
        instances, own = instances.where(INSTANCE.c.office_code.in_(offices)), own.where(OFFICE.c.code.in_(offices))
    of_instances = [instance_stream(found) for found in (await connection.execute(instances)).scalars()]
    return of_instances + [office_stream(code) for code in (await connection.execute(own)).scalars()]


async def streams(connection: AsyncConnection, offices: Sequence[str] | None, *, after: str) -> list[tuple[str, int]]:
    """The next batch of streams in the log with events at those offices, whoever owns them, each with the first sequence there."""
    statement = select(EVENT.c.stream, func.min(EVENT.c.sequence)).where(EVENT.c.stream > after)
    if offices is not None:
        statement = statement.where(EVENT.c.office_code.in_(offices))
    found = await connection.execute(statement.group_by(EVENT.c.stream).order_by(EVENT.c.stream).limit(BATCH))
    return [(row[0], row[1]) for row in found]


async def next_events(connection: AsyncConnection, stream: str, *, after: int | None) -> list[Row]:
    """The next batch of a stream, in order; after None, from whatever stands first in it."""
    later = [] if after is None else [EVENT.c.sequence > after]
    statement = select(*SHOWN).where(EVENT.c.stream == stream, *later).order_by(EVENT.c.sequence).limit(BATCH)
    return [as_shown(dict(row)) for row in (await connection.execute(statement)).mappings()]


async def owner_of(connection: AsyncConnection, stream: str) -> Owner | None:
    kind, _, name = stream.partition(":")
    if kind == "office":
        head = select(OFFICE.c.code, OFFICE.c.event_sequence, OFFICE.c.event_hash).where(OFFICE.c.code == name)
        office = (await connection.execute(head)).one_or_none()
        return None if office is None else Owner(office[0], office[1], office[2], None)
    instance_id = _instance_of(stream, name)
    if instance_id is None:
        return None
    found = (await connection.execute(_owner_statement(connection.dialect.name == "postgresql"), {"id": instance_id})).one_or_none()
    return (
        None if found is None else Owner(found[0], found[1], found[2], Kept(found[3], nested(found[4]), *map(decode_all, _KEPT.values(), found[5:])))
    )


def _instance_of(stream: str, name: str) -> UUID | None:
    """Only the one spelling that we write."""
    try:
        found = UUID(name)
    except ValueError:
        return None
    return found if instance_stream(found) == stream else None


_KEPT: dict[str, type] = {
    "team_member": Member,
    "transition": TransitionRecord,
    "comment": CommentRecord,
    "sign_off": SignOff,
    "document_version": DocumentVersion,
    "mark": Mark,
}
"""By table, in the order of the last fields of `Kept`."""


@lru_cache(maxsize=2)
def _owner_statement(is_postgres: bool) -> TextClause:
    """One statement, so that the head and the rows are of one moment."""
    rows = [
        json_rows(f"{name} c WHERE c.instance_id = i.id", [f"c.{column}" for column in columns(kind)], is_postgres=is_postgres)
        for name, kind in _KEPT.items()
    ]
    own = "i.office_code, i.event_sequence, i.event_hash, i.title, i.team_instrument"
    return text(f"SELECT {', '.join([own, *rows])} FROM instance i WHERE i.id = :id").bindparams(bindparam("id", type_=Uuid()))  # noqa: S608
