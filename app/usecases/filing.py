"""Records keeping: say how a document is filed, how long an office keeps what, and see what is due for disposal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.administration import office_refusals
from app.domain.events import NewEvent
from app.domain.filing import (
    DocumentRecord,
    Due,
    DueQuestion,
    Filing,
    FinalAction,
    RetentionRule,
    Schedule,
    SecurityClass,
    describe_refusals,
    described,
    due_for_disposal,
    held_role,
    lies_under,
    reach,
    retention_told,
)
from app.domain.instances import Instance
from app.domain.people import Actor
from app.domain.problems import NotVisible
from app.domain.retries import StoredAnswer
from app.store import filed_documents
from app.store import filing as store
from app.store.documents import instance_of
from app.store.errors import Collision
from app.store.events import append_office_events
from app.store.filed_documents import Asked, FiledLine, Reach, Wanted
from app.store.filing import OfficeSchedule, Whose
from app.store.guarded import Change
from app.usecases.acts import Act, Done, View, finish, loaded, refuse
from app.usecases.administering import as_admin
from app.usecases.views import visible_offices


@dataclass(frozen=True, slots=True)
class FiledDocument:
    """A document's record, its instance, and the schedule in force at its office."""

    document_id: UUID
    instance: Instance
    record: DocumentRecord
    held: OfficeSchedule


ShowRecord = Callable[[FiledDocument], StoredAnswer]


async def filed(connection: AsyncConnection, document_id: UUID, instance: Instance, *, now: datetime) -> FiledDocument:
    record = await store.record_of(connection, document_id)
    return FiledDocument(document_id, instance, record, await store.schedule_at(connection, instance.office.code, now))


async def describe(act: Act, document_id: UUID, new: Filing, *, show: ShowRecord) -> StoredAnswer:
    """Replace what is said of a document, in whatever state its instance is. The same again changes nothing.

    Raises NotVisible, PreconditionRequired, Stale, Refused, Collision.
    """
    instance_id = await instance_of(act.connection, document_id)
    if instance_id is None:
        raise NotVisible
    view = await loaded(act, instance_id)
    known = await filed(act.connection, document_id, view.instance, now=act.now)
    refuse(describe_refusals(view.situation, new, known.held.rules, number_taken=await _is_taken(act, view.instance, document_id, new)))
    if known.record.described_at is not None and known.record.filing == new:
        return show(known)
    return await _describe(act, view, known, new, show=show)


async def _is_taken(act: Act, instance: Instance, document_id: UUID, new: Filing) -> bool:
    if new.number is None or new.numbered_by is not None:
        return False
    return await store.number_is_taken(act.connection, instance.office.code, document_id, new.number)


async def _describe(act: Act, view: View, known: FiledDocument, new: Filing, *, show: ShowRecord) -> StoredAnswer:
    situation, instance = view.situation, view.instance
    role = held_role(situation)
    assert role is not None
    actor = situation.as_role(role)
    record = DocumentRecord(new, actor.as_data(), situation.act_time)
    change = store.record_change(Whose(known.document_id, instance.id, instance.office.code), record, is_new=known.record.described_at is None)
    slot = next(document.slot for document in instance.documents if document.id == known.document_id)

    def answer(after: View) -> tuple[StoredAnswer, list[Change]]:
        return show(FiledDocument(known.document_id, after.instance, record, known.held)), [change]

    done = Done(instance=instance, events=(described(known.document_id, slot, new),), actor=actor)
    return await finish(act, view, done, answer=answer)


async def put_schedule(act: Act, new: Schedule, *, show: Callable[[OfficeSchedule], StoredAnswer]) -> StoredAnswer:
    """Replace what an office says. The same again changes nothing. Raises NotVisible, PreconditionRequired, Stale, Refused, Collision."""
    if not act.actor.sees(new.office):
        raise NotVisible
    known = await store.schedule_at(act.connection, new.office, act.now)
    act.expected.check(known.version)
    refuse(office_refusals(act.actor, new.office))
    own = known.schedule if known.schedule is not None and known.schedule.office == new.office else None
    if own != (new if new.rules else None):
        event = NewEvent("office.retention_changed", retention_told(new))
        await append_office_events(act.connection, new.office, act.now, actor=as_admin(act.actor, new.office), events=[event])
        if not await store.put_schedule(act.connection, new, known.version + 1):
            raise Collision(new.office)
    return show(await store.schedule_at(act.connection, new.office, act.now))


# ── finding documents again ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """None leaves out. `filed`: whether a rule in force reaches the document."""

    office: str | None
    number: str | None
    classification: str | None
    security_class: SecurityClass | None
    period: str | None
    closed: bool | None
    filed: bool | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of documents, and the rules in force by office."""

    lines: list[FiledLine]
    rules: dict[str, tuple[RetentionRule, ...]]


async def search(connection: AsyncConnection, actor: Actor, asked: Search, *, now: datetime, after: tuple[UUID, UUID] | None, limit: int) -> Found:
    """Raises NotVisible. At most four statements, however many documents there are."""
    offices, narrowed = visible_offices(actor, asked.office), asked.classification
    rules = await store.rules_by_office(connection, now)
    codes = [] if narrowed is None and asked.filed is None else await store.codes_in_use(connection)
    wanted = Wanted(
        offices=offices,
        number=asked.number,
        codes=None if narrowed is None else [code for code in codes if lies_under(code, narrowed)],
        security_class=asked.security_class,
        period=asked.period,
        closed=asked.closed,
        filed=asked.filed,
        reach=_reach({code: rules[code] for code in offices if code in rules}, codes, None),
    )
    return Found(await filed_documents.documents(connection, wanted, after=after, limit=limit), rules)


async def due(connection: AsyncConnection, actor: Actor, office: str | None, *, question: DueQuestion, limit: int) -> list[Due]:
    """A page of what is due at that office, or at all that the caller sees. Raises NotVisible. Five statements, however many documents there are.

    The database cuts the page, and `due_for_disposal` judges what stands on it: a rule is never told in two ways.
    """
    offices = visible_offices(actor, office)
    rules = await store.rules_by_office(connection, question.now)
    covered = {code: rules[code] for code in offices if code in rules}
    if not covered:
        return []
    reached = _reach(covered, await store.codes_in_use(connection), question.action)
    closing = _closing_years(await filed_documents.first_ends(connection, list(covered)), question.now)
    if not closing:
        return []
    until = {zone: question.today(ZoneInfo(zone)).year for zone in closing}
    after = None if question.after is None else (question.after[0].year, question.after[1])
    asked = Asked(reached, closing, until, after)
    return due_for_disposal(await filed_documents.over(connection, asked, limit=limit), rules, question)


def _closing_years(first: dict[str, datetime], now: datetime) -> dict[str, range]:
    zones = {zone: ZoneInfo(zone) for zone in first}
    return {zone: range(moment.astimezone(zones[zone]).year, now.astimezone(zones[zone]).year + 1) for zone, moment in first.items()}


def _reach(rules: dict[str, tuple[RetentionRule, ...]], codes: list[str], action: FinalAction | None) -> Reach:
    by_schedule = {
        schedule: {says: rule for says, rule in reach(schedule, codes).items() if action in (None, rule.final_action)}
        for schedule in dict.fromkeys(rules.values())
    }
    return Reach({office: by_schedule[schedule] for office, schedule in rules.items()})
