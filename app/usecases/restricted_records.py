"""Restricted records: added sealed, and never read without the office's log knowing first.

Each act of a person takes the tree, so that nobody reads by a permission above the office while the office is being moved from under it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain import restricted_records as domain
from app.domain.events import NewEvent
from app.domain.people import Actor
from app.domain.problems import NotVisible, Unavailable
from app.domain.procedures import Procedure
from app.domain.restricted_records import Part, RecordWords, RestrictedRecord
from app.domain.retries import StoredAnswer
from app.outside.envelopes import Envelope, new_data_key
from app.outside.restricted_keys import DoesNotOpen, RestrictedKeys, Wrapped
from app.store import restricted_records as store
from app.store.errors import Collision
from app.store.events import append_office_events
from app.store.instances import office_of_instance
from app.store.offices import take_tree
from app.usecases.acts import Act, loaded, refuse
from app.usecases.administering import once


class RecordDamaged(Unavailable):
    """It does not open though its key is here: what is kept is not what was sealed. Somebody has to bring it back."""

    code = "content_damaged"
    retry_after = 60

    def __init__(self, record_id: UUID, part: Part) -> None:
        self.part: Part = part
        super().__init__(str(record_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record on its way in. The data key lives here until it is wrapped, and nowhere else."""

    id: UUID
    instance_id: UUID
    office: str
    time_zone: str
    procedure: Procedure
    data_key: bytes = field(repr=False)

    @property
    def about(self) -> str:
        return domain.about(self.id, instance_id=self.instance_id, office=self.office)

    def envelope(self) -> Envelope:
        return Envelope(self.data_key, self.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """What lies in storage: its key, size and SHA-256 (hex), all of the sealed bytes; and what it turned out to be."""

    storage_key: str
    size: int
    sha256: str
    filename: str
    media_type: str


# ── adding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def begin(act: Act, instance_id: UUID, *, has_key: bool) -> Draft:
    """The look before the first byte. Raises NotVisible, Refused."""
    instance = (await loaded(act, instance_id)).instance
    refuse(domain.adding_refusals(act.actor, instance.office.code, has_key=has_key))
    office = instance.office
    return Draft(
        id=uuid7(), instance_id=instance.id, office=office.code, time_zone=office.time_zone, procedure=instance.procedure, data_key=new_data_key()
    )


def judge(actor: Actor, draft: Draft, record: str, *, has_key: bool) -> None:
    """Once it has come: the caller as they are now, and the kind of record that it is said to be. Raises Refused."""
    refuse((*domain.adding_refusals(actor, draft.office, has_key=has_key), *domain.kind_refusals(draft.procedure, record)))


async def add(
    act: Act, draft: Draft, words: RecordWords, *, file: SealedFile, keys: RestrictedKeys, show: Callable[[RestrictedRecord], StoredAnswer]
) -> StoredAnswer:
    """Its bytes are durable already. Raises NotVisible, Refused, KeyReused, AlreadyAnswered, Collision."""
    if await office_of_instance(act.connection, draft.instance_id) is None or not act.actor.sees(draft.office):
        raise NotVisible
    await take_tree(act.connection)

    async def work() -> StoredAnswer:
        refuse(domain.adding_refusals(act.actor, draft.office, has_key=keys.current is not None))
        record = _sealed(act, draft, words, file=file, keys=keys)
        await _tell(act, draft.office, [domain.added(record)])
        await store.add_record(act.connection, record)
        return show(record)

    return await once(act, work)


def _sealed(act: Act, draft: Draft, words: RecordWords, *, file: SealedFile, keys: RestrictedKeys) -> RestrictedRecord:
    wrapped = keys.wrap(draft.data_key, about=draft.about)
    return RestrictedRecord(
        id=draft.id,
        instance_id=draft.instance_id,
        office_code=draft.office,
        storage_key=file.storage_key,
        size=file.size,
        sha256=file.sha256,
        key_id=wrapped.key_id,
        wrapped_key=wrapped.text,
        sealed=draft.envelope().seal_words(json.dumps(asdict(words)).encode()),
        added_by=act.actor.account_id,
        added_at=act.now,
        time_zone=draft.time_zone,
    )


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def read_records(act: Act, instance_id: UUID, *, after: UUID | None, limit: int) -> list[RestrictedRecord]:
    """One more than `limit` where there are more; those within it are noted as read. Raises NotVisible, Refused, Collision."""
    office = await office_of_instance(act.connection, instance_id)
    if office is None or not act.actor.sees(office):
        raise NotVisible
    refuse(domain.reader_refusals(act.actor, office))
    await take_tree(act.connection)
    found = await store.records_of(act.connection, instance_id, after=after, limit=limit + 1)
    await _tell(act, office, [domain.read(record, "metadata") for record in found[:limit]])
    return found


async def read_record(act: Act, record_id: UUID, part: Part) -> RestrictedRecord:
    """Noted as read, whether or not it opens. Raises NotVisible, Collision."""
    record = await store.record_of(act.connection, record_id)
    if record is None or not domain.may_read(act.actor, record.office_code):
        raise NotVisible
    await take_tree(act.connection)
    await _tell(act, record.office_code, [domain.read(record, part)])
    return record


async def _tell(act: Act, office: str, events: Sequence[NewEvent]) -> None:
    if events:
        actor = domain.as_keeper(act.actor, office).as_data()
        await append_office_events(act.connection, office, act.now, actor=actor, events=events)


def opened(record: RestrictedRecord, keys: RestrictedKeys) -> tuple[Envelope, RecordWords]:
    """Only for what is noted as read. Raises RestrictedKeyMissing, RecordDamaged."""
    try:
        data_key = keys.unwrap(Wrapped(record.key_id, record.wrapped_key), about=record.about)
        envelope = Envelope(data_key, record.about)
        return envelope, RecordWords(**json.loads(envelope.open_words(record.sealed)))
    except DoesNotOpen as error:
        raise RecordDamaged(record.id, "metadata") from error


# ── damage ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def note_damage(connection: AsyncConnection, now: datetime, record_id: UUID, part: Part) -> bool:
    """Whoever reads did not do it. False where it is noted already. Raises Collision."""
    record = await store.record_of(connection, record_id)
    if record is None or record.damaged_at is not None:
        return False
    await append_office_events(connection, record.office_code, now, actor=None, events=[domain.damaged(record, part)])
    return _alone(await store.mark_damaged(connection, record_id, now))


async def note_restored(connection: AsyncConnection, now: datetime, record_id: UUID) -> bool:
    """False where no damage was noted. Raises Collision."""
    record = await store.record_of(connection, record_id)
    if record is None or record.damaged_at is None:
        return False
    await append_office_events(connection, record.office_code, now, actor=None, events=[domain.restored(record)])
    return _alone(await store.unmark_damaged(connection, record_id))


def _alone(written: bool) -> bool:
    if not written:
        raise Collision
    return True


# ── a new key ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many data keys one batch wrapped anew, whose nothing here opens, and where the next batch begins; None after the last."""

    done: int
    damaged: tuple[UUID, ...]
    after: UUID | None


async def rewrap_batch(connection: AsyncConnection, keys: RestrictedKeys, *, after: UUID | None) -> Rewrapped:
    """The next records under older keys get their data key wrapped with the current one; their bytes stay as they are."""
    assert keys.current is not None
    older = await store.wrapped_before(connection, keys.current.id, after=after, among=[key.id for key in keys.previous])
    damaged, done = [], 0
    for record in older:
        try:
            data_key = keys.unwrap(Wrapped(record.key_id, record.wrapped_key), about=record.about)
        except DoesNotOpen:
            damaged.append(record.id)
            continue
        anew = keys.wrap(data_key, about=record.about)
        done += await store.rewrap(connection, record, key_id=anew.key_id, wrapped_key=anew.text)
    return Rewrapped(done, tuple(damaged), older[-1].id if len(older) == store.REWRAP_BATCH else None)
