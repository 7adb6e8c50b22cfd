"""What each transition does to an instance. Called only when `refusals()` is empty."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.domain.alarms import alarmed, retimed
from app.domain.calendars import Calendar
from app.domain.events import NewEvent, text_hash
from app.domain.instances import Claim, Instance, Member, SignOff, StepRound, Suspension
from app.domain.people import ActorSnapshot
from app.domain.transitions.attempt import Action, Attempt, controllers, is_met
from app.domain.transitions.course import Course, close_round, go_on, lead_back, measured, timed, told
from app.domain.transitions.telling import tell


@dataclass(frozen=True, slots=True)
class Taken:
    """A transition taken: the instance after it, who took it in which role, and what happened."""

    instance: Instance
    actor: ActorSnapshot
    events: tuple[NewEvent, ...]


def take(attempt: Attempt, calendar: Calendar) -> Taken:
    """The instance after the transition. What is due to be told by its time is told before it."""
    now = attempt.situation.act_time
    instance, events = tell(attempt.instance, attempt.situation.people, now)
    attempt = replace(attempt, situation=replace(attempt.situation, instance=instance))
    actor = attempt.situation.as_role(acting_role(attempt))
    course = EFFECTS[attempt.request.action](attempt, Course(instance, calendar, now, events), actor)
    return Taken(course.instance, actor, course.events)


def acting_role(attempt: Attempt) -> str:
    """The role in which the caller acts: the part signed, or the first role that gives control."""
    situation, request = attempt.situation, attempt.request
    former = attempt.instance.procedure.team_step
    candidates: tuple[str, ...] = controllers(attempt.instance)
    if request.action in {"complete", "claim"} and (part := attempt.part()) is not None:
        return part
    if request.action in {"return", "release"} and attempt.at_active_step is not None:
        candidates = (*attempt.at_active_step.performers, *candidates)
    if request.action == "change_team" and former is not None:
        candidates = former.performers
    return next(role for role in candidates if situation.holds(role))


def complete(attempt: Attempt, course: Course, actor: ActorSnapshot) -> Course:
    """Sign off one part; when the completion rule is met the step completes and the next one opens in the same act."""
    request, step, active = attempt.request, attempt.at_active_step, attempt.situation.round
    assert step is not None
    assert active is not None
    late_reason = request.late_reason if attempt.situation.overdue() else None
    taken = measured(course, active)
    signed = SignOff(
        step=step.number,
        round=active.round,
        role=actor.role,
        account_id=actor.account_id,
        number=1 + sum(1 for s in course.instance.sign_offs if (s.step, s.round, s.role) == (step.number, active.round, actor.role)),
        actor=actor.as_data(),
        at=course.now,
        late_reason=late_reason,
        used_minutes=taken.used_minutes,
        used_days=taken.used_days,
        late_minutes=taken.late_minutes,
        late_days=taken.late_days,
    )
    instance = replace(
        course.instance,
        sign_offs=(*course.instance.sign_offs, signed),
        claims=tuple(c for c in course.instance.claims if (c.step, c.role) != (step.number, actor.role)),
    )
    decision = request.decision if step.decision is not None else None
    instance = instance.with_round(replace(active, decision=active.decision or decision))
    data = {
        "step": step.number,
        "round": active.round,
        "role": actor.role,
        "late": attempt.situation.overdue(),
        "late_reason_sha256": text_hash(late_reason),
        "comment_sha256": text_hash(request.comment),
        "decision": decision,
    }
    course = course.then(instance, NewEvent("step.signed_off", data))
    if step == attempt.instance.procedure.team_step and request.team is not None:
        course = set_team(attempt, course, "team.formed")
    return _complete_step(course) if is_met(course.instance, step) else course


def _complete_step(course: Course) -> Course:
    active = course.instance.active
    assert active is not None
    step = course.instance.procedure.step(active.step)
    late = active.due_at is not None and course.now > active.due_at
    data = {"step": step.number, "round": active.round, "decision": active.decision, "late": late}
    closed = close_round(course, "completed").then_event(NewEvent("step.completed", data))
    successor = course.instance.procedure.successor(step, "no" if active.decision == "no" else "yes")
    return go_on(closed, successor, left=step.number)


def return_(attempt: Attempt, course: Course, _: ActorSnapshot) -> Course:
    """Close this round as returned and give the target a new one."""
    request, active = attempt.request, attempt.situation.round
    assert active is not None
    assert request.to_step is not None
    data = {
        "step": active.step,
        "round": active.round,
        "to_step": request.to_step,
        "late": attempt.situation.overdue(),
        "reason_sha256": text_hash(request.reason),
        "comment_sha256": text_hash(request.comment),
    }
    return lead_back(close_round(course, "returned").then_event(NewEvent("step.returned", data)), request.to_step)


def claim(attempt: Attempt, course: Course, actor: ActorSnapshot) -> Course:
    step = attempt.at_active_step
    assert step is not None
    taken = Claim(step=step.number, role=actor.role, account_id=actor.account_id, name=actor.name, at=course.now)
    others = tuple(c for c in course.instance.claims if (c.step, c.role) != (taken.step, taken.role))
    event = NewEvent("step.claimed", {"step": step.number, "role": actor.role, "comment_sha256": text_hash(attempt.request.comment)})
    return course.then(replace(course.instance, claims=(*others, taken)), event)


def release(attempt: Attempt, course: Course, actor: ActorSnapshot) -> Course:
    """Let go the caller's own claim; without one, who controls the instance frees the named part, or the first claimed one."""
    step = attempt.at_active_step
    assert step is not None
    asked = (attempt.request.as_role,) if attempt.request.as_role else step.performers
    living = [found for role in asked if (found := attempt.situation.claim_on(role)) is not None]
    freed = next((found for found in living if found.account_id == actor.account_id), living[0])
    data = {"step": step.number, "role": freed.role, "claimant": str(freed.account_id), "comment_sha256": text_hash(attempt.request.comment)}
    return course.then(replace(course.instance, claims=tuple(c for c in course.instance.claims if c != freed)), NewEvent("step.released", data))


def suspend(attempt: Attempt, course: Course, _: ActorSnapshot) -> Course:
    """Stop the clock: the active round is paused from now on."""
    active = course.instance.active
    assert active is not None
    pause = Suspension(number=len(course.instance.suspensions) + 1, suspended_at=course.now)
    paused = course.instance.with_round(alarmed(replace(active, paused_at=course.now)))
    instance = replace(paused, state="suspended", suspensions=(*paused.suspensions, pause))
    return course.then(instance, NewEvent("instance.suspended", _words(attempt)))


def resume(attempt: Attempt, course: Course, _: ActorSnapshot) -> Course:
    """Let the clock run on: the due moment is computed anew from the facts."""
    ended = tuple(replace(s, resumed_at=course.now) if s.resumed_at is None else s for s in course.instance.suspensions)
    instance = replace(course.instance, state="running", suspensions=ended)
    active = instance.active
    assert active is not None
    running = replace(active, paused_at=None, calendar_version=course.calendar.version)
    if not was_overdue(active):
        running = timed(running, step=instance.procedure.step(active.step), course=replace(course, instance=instance))
    running, withdrawn = retimed(running, course.now)
    due = {"due_at": told(running.due_at, instance), "due_soon_at": told(running.due_soon_at, instance)}
    data = {"step": running.step, "withdrawn": list(withdrawn)} | due
    return course.then(instance.with_round(running), NewEvent("instance.resumed", _words(attempt) | data))


def was_overdue(paused: StepRound) -> bool:
    """What was overdue when the pause began stays overdue, whatever the calendar has become since.

    It was told by then, at the latest by the act that suspended: a due time that only a new calendar puts before the pause was not.
    """
    was_missed = paused.missed_told_at is not None
    return was_missed and paused.due_at is not None and paused.paused_at is not None and paused.due_at < paused.paused_at


def cancel(attempt: Attempt, course: Course, _: ActorSnapshot) -> Course:
    closed = close_round(course, "cancelled")
    ended = tuple(replace(s, resumed_at=course.now) if s.resumed_at is None else s for s in closed.instance.suspensions)
    instance = replace(closed.instance, state="cancelled", current_step=None, suspensions=ended)
    return closed.then(instance, NewEvent("instance.cancelled", _words(attempt)))


def change_team(attempt: Attempt, course: Course, _: ActorSnapshot) -> Course:
    """Sign-offs given stand; claims of who left end."""
    return set_team(attempt, course, "team.changed")


def set_team(attempt: Attempt, course: Course, event: str) -> Course:
    team = attempt.request.team
    assert team is not None
    by_username = {p.username: p for p in attempt.situation.people}
    before = {member.account_id: member for member in course.instance.members}
    people = [by_username[name] for name in dict.fromkeys(team.usernames)]
    members = tuple(before.get(p.account_id) or Member(p.account_id, p.username, p.name, course.now) for p in people)
    instrument = team.instrument if team.instrument is not None else course.instance.team_instrument
    data = _words(attempt) | {"members": [str(member.account_id) for member in members], "instrument": _recorded(instrument)}
    ids, role = {member.account_id for member in members}, course.instance.procedure.team_role
    claims = tuple(c for c in course.instance.claims if c.role != role or c.account_id in ids)
    return course.then(replace(course.instance, members=members, team_instrument=instrument, claims=claims), NewEvent(event, data))


def _recorded(instrument: dict[str, Any] | None) -> dict[str, Any] | None:
    """The decree's number is what somebody wrote, so only its hash is kept in the log."""
    return None if instrument is None else {"number_sha256": text_hash(instrument["number"]), "date": instrument["date"]}


def _words(attempt: Attempt) -> dict[str, Any]:
    return {"reason_sha256": text_hash(attempt.request.reason), "comment_sha256": text_hash(attempt.request.comment)}


EFFECTS: dict[Action, Callable[[Attempt, Course, ActorSnapshot], Course]] = {
    "complete": complete,
    "return": return_,
    "claim": claim,
    "release": release,
    "suspend": suspend,
    "resume": resume,
    "cancel": cancel,
    "change_team": change_team,
}
