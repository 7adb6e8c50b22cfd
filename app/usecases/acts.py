"""What every act shares: its surroundings, the load with its judgement of 404 / retry / If-Match, and the write."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import Calendar, CalendarHasNoWorkingTime
from app.domain.events import NewEvent
from app.domain.instances import Instance
from app.domain.people import Actor, ActorSnapshot
from app.domain.preconditions import ANY_VERSION, Expected
from app.domain.problems import NotVisible, Refused
from app.domain.refusals import Refusal
from app.domain.retries import Retry, StoredAnswer
from app.domain.transitions import Situation
from app.store import instances as store
from app.store.calendars import CalendarCache
from app.store.guarded import Change
from app.store.instances import Loaded, Unresolved
from app.store.procedures import ProcedureCache
from app.store.retries import key_change


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one process keeps between requests: published procedures, which never change, and calendars by their version."""

    procedures: ProcedureCache
    calendars: CalendarCache

    async def with_procedure(self, connection: AsyncConnection, found: Unresolved) -> Loaded:
        procedure = await self.procedures.get(connection, found.facts.procedure_key, found.facts.procedure_version)
        return found.with_procedure(procedure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act at the edge's hands: the transaction, the caller, the moment, and what the caller said about retries and versions."""

    connection: AsyncConnection
    shelf: Shelf
    actor: Actor
    now: datetime
    retry: Retry | None = None
    expected: Expected = ANY_VERSION


@dataclass(frozen=True, slots=True)
class View:
    """All that an answer about an instance is made of. `key_is_over`: what was kept under the act's Idempotency-Key has outlived its day.

    `stored`: the instance as it was loaded, where the situation is ahead of it by `caught_up`.
    """

    situation: Situation
    calendar: Calendar
    key_is_over: bool = False
    stored: Instance | None = None
    caught_up: tuple[NewEvent, ...] = ()

    @property
    def instance(self) -> Instance:
        return self.situation.instance


class AlreadyAnswered(Exception):
    """Not a failure: this act was done before under the same Idempotency-Key. Carries the answer given then."""

    def __init__(self, stored: StoredAnswer) -> None:
        self.stored = stored
        super().__init__("answered before")


async def loaded(act: Act, instance_id: UUID, *, usernames: Sequence[str] = ()) -> View:
    """The instance before this caller, in one statement. Raises NotVisible, KeyReused, AlreadyAnswered, Stale, in this order."""
    unresolved = await store.load(act.connection, instance_id, retry=act.retry, usernames=usernames)
    if unresolved is None or not act.actor.sees(unresolved.office.code):
        raise NotVisible
    if act.retry is not None and unresolved.retried is not None and not unresolved.retried.is_over(act.now):
        raise AlreadyAnswered(unresolved.retried.for_retry(act.retry))
    act.expected.check(unresolved.facts.version)
    calendar = await act.shelf.calendars.get(act.connection, unresolved.office.code, unresolved.office.calendar_version)
    found = await act.shelf.with_procedure(act.connection, unresolved)
    return View(Situation(found.instance, act.actor, found.people, act.now), calendar, key_is_over=unresolved.retried is not None)


def refuse(refusals: Iterable[Refusal]) -> None:
    """Raises Refused with all of them."""
    found = tuple(refusals)
    if found:
        raise Refused(found)


@contextmanager
def in_office_time() -> Iterator[None]:
    """An act that needs a deadline is refused where the office's calendar has none to give."""
    try:
        yield
    except CalendarHasNoWorkingTime as error:
        raise Refused([Refusal("no_office_time")]) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an act decided: the instance after it, what happened, and who did it in which role."""

    instance: Instance
    events: Sequence[NewEvent]
    actor: ActorSnapshot


async def finish(
    act: Act, before: View, done: Done, *, answer: Callable[[View], tuple[StoredAnswer, Sequence[Change]]], dry_run: bool = False
) -> StoredAnswer:
    """Number the act, make its answer, and write all of it in one guarded statement (nothing in a dry run). Raises Collision.

    `answer` is given the instance as it stands afterwards; beside the answer it gives the rows that keep what people wrote.
    """
    situation = before.situation
    told = (*before.caught_up, *done.events)
    after, events = store.advanced(situation.instance, done.instance, events=told, actor=done.actor.as_data(), now=act.now)
    stored, words = answer(View(replace(situation, instance=after), before.calendar))
    if not dry_run:
        beside = [*words, events, *key_change(act.retry, stored, act.now, instead=before.key_is_over)]
        await store.save(act.connection, before.stored or situation.instance, after, beside=beside)
    return stored
