"""What people do with an instance: start it, take a transition, comment. Each is one transaction: one load, one guarded write."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from app.domain.events import NewEvent, text_hash
from app.domain.instances import Office, Period
from app.domain.people import EMPLOYEE, Actor, ActorSnapshot
from app.domain.permissions import PERMISSIONS
from app.domain.problems import FieldError, Invalid, NotVisible, Refused
from app.domain.records import CommentRecord, TransitionRecord
from app.domain.refusals import Refusal
from app.domain.retries import StoredAnswer
from app.domain.starting import StartRequest, start, start_refusals, starting_role
from app.domain.transitions import Attempt, Situation, TransitionRequest, refusals, take
from app.store import instances as store
from app.store.guarded import Change
from app.store.records import comment_change, transition_change
from app.store.retries import key_change
from app.store.starting import StartFacts, load_start
from app.usecases.acts import Act, AlreadyAnswered, Done, View, finish, in_office_time, loaded, refuse
from app.usecases.recomputing import on_its_calendar


@dataclass(frozen=True, slots=True)
class NewInstance:
    procedure: str
    office: str
    period: Period
    title: str | None


async def start_instance(act: Act, new: NewInstance, show: Callable[[View], StoredAnswer]) -> StoredAnswer:
    """Start a procedure at an office for a period. Raises NotVisible, Invalid, Refused, AlreadyAnswered, Collision."""
    facts = await load_start(act.connection, procedure=new.procedure, office=new.office, period=new.period.key, retry=act.retry)
    office, version = _known(act.actor, facts, new)
    if act.retry is not None and facts.retried is not None and not facts.retried.is_over(act.now):
        raise AlreadyAnswered(facts.retried.for_retry(act.retry))
    procedure = await act.shelf.procedures.get(act.connection, new.procedure, version)
    request = StartRequest(
        procedure=procedure,
        procedure_version=version,
        office=office,
        period=new.period,
        title=new.title or f"{procedure.title} {new.period.key}",
        already_open=facts.already_open,
    )
    refuse(start_refusals(request, act.actor))
    calendar = await act.shelf.calendars.get(act.connection, office.code, office.calendar_version)
    with in_office_time():
        course = start(request, act.actor, instance_id=uuid7(), calendar=calendar, now=act.now)
    situation = Situation(course.instance, act.actor, facts.people, act.now)
    actor = situation.as_role(starting_role(request, act.actor))
    after, events = store.advanced(None, course.instance, events=course.events, actor=actor.as_data(), now=act.now)
    answer = show(View(Situation(after, act.actor, facts.people, act.now), calendar))
    kept = key_change(act.retry, answer, act.now, instead=facts.retried is not None)
    await store.save(act.connection, None, after, beside=[events, *kept])
    return answer


def _known(actor: Actor, facts: StartFacts, new: NewInstance) -> tuple[Office, int]:
    """An office that the caller cannot see does not exist; an unknown procedure is a mistake in the body."""
    if facts.office is None or not actor.sees(facts.office.code):
        raise NotVisible
    if facts.version is None:
        raise Invalid(
            FieldError(
                "/procedure",
                "unknown_procedure",
                f"Prosedur {new.procedure} tidak ada; lihat GET /v1/procedures.",
                f"There is no procedure {new.procedure}; see GET /v1/procedures.",
            )
        )
    return facts.office, facts.version


async def take_transition(
    act: Act, instance_id: UUID, request: TransitionRequest, *, show: Callable[[TransitionRecord, View], StoredAnswer], dry_run: bool = False
) -> StoredAnswer:
    """Take one transition, or in a dry run only say what would happen. Raises NotVisible, Refused, AlreadyAnswered, Stale, Collision."""
    view = await on_its_calendar(act, await loaded(act, instance_id, usernames=() if request.team is None else request.team.usernames))
    attempt = Attempt(view.situation, request)
    refuse(refusals(attempt))
    with in_office_time():
        taken = take(attempt, view.calendar)

    def answer(after: View) -> tuple[StoredAnswer, list[Change]]:
        record = _record(attempt, taken.actor, after, transition_id=None if dry_run else uuid7())
        return show(record, after), [] if dry_run else [transition_change(instance_id, record)]

    return await finish(act, view, Done(instance=taken.instance, events=taken.events, actor=taken.actor), answer=answer, dry_run=dry_run)


def _record(attempt: Attempt, actor: ActorSnapshot, after: View, *, transition_id: UUID | None) -> TransitionRecord:
    """The words as written; those that the situation did not need are not kept."""
    request = attempt.request
    is_late = request.action == "complete" and attempt.situation.overdue()
    return TransitionRecord(
        id=transition_id,
        sequence=after.instance.version,
        action=request.action,
        step=request.step,
        to_step=request.to_step if request.action == "return" else None,
        decision=request.decision if attempt.at_active_step is not None and attempt.at_active_step.decision is not None else None,
        actor=actor.as_data(),
        at=attempt.situation.act_time,
        reason=request.reason if request.action in {"return", "suspend", "cancel", "change_team"} else None,
        late_reason=request.late_reason if is_late else None,
        comment=request.comment,
    )


async def add_comment(act: Act, instance_id: UUID, body: str, *, show: Callable[[CommentRecord, ZoneInfo], StoredAnswer]) -> StoredAnswer:
    """Who holds a position may comment in any state; auditors and machines read."""
    view = await loaded(act, instance_id)
    actor = _commentator(view.situation)
    record = CommentRecord(id=uuid7(), sequence=view.instance.version + 1, body=body, actor=actor.as_data(), at=view.situation.act_time)
    event = NewEvent("comment.added", {"comment_id": str(record.id), "body_sha256": text_hash(body)})

    def answer(_: View) -> tuple[StoredAnswer, list[Change]]:
        return show(record, view.instance.office.zone), [comment_change(instance_id, record)]

    return await finish(act, view, Done(instance=view.instance, events=(event,), actor=actor), answer=answer)


def _commentator(situation: Situation) -> ActorSnapshot:
    """The caller in the most telling position held here: one of the procedure's roles before any other."""
    actor, instance = situation.actor, situation.instance
    held = [h for h in actor.holdings if h.role not in PERMISSIONS and instance.office.code in h.covers]
    if actor.machine or not held:
        raise Refused([Refusal("may_not_comment")])
    role = next((role for role in instance.procedure.roles if situation.holds(role)), None)
    if role is not None:
        return situation.as_role(role)
    best = next((h for h in held if h.role != EMPLOYEE), held[0])
    return actor.snapshot(best.role, best.office, best.role, capacity=best.capacity)
