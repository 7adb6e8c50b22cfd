"""One instance's deadlines and dated plans as answers: in the office's zone, reasons in the caller's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.calendars import Explanation
from app.domain.deadlines import standing_of
from app.domain.instances import StepRound
from app.domain.lateness import Late, late_against, lateness
from app.domain.refusals import Language
from app.store.deadline_history import Recomputation
from app.usecases.acts import View
from app.usecases.deadlines import Planned, explanation_of
from app.usecases.views import forecast_of, is_recomputing
from app.web.schemas.common import DurationShown, OfficeRef, ProcedureRef, local, local_or_none
from app.web.schemas.worklists import (
    ExplanationShown,
    ForecastStep,
    InstanceDeadlines,
    LatenessShown,
    OfficeTime,
    Plan,
    PlannedStepShown,
    Recomputed,
    RoleLateness,
    SkippedDay,
    StepDeadline,
    StepLateness,
    UsedInterval,
)


@dataclass(frozen=True, slots=True)
class Explaining:
    """That due times shall be explained: in which language, and how they were moved."""

    language: Language
    history: Sequence[Recomputation]


def show_explanation(found: Explanation, language: Language) -> ExplanationShown:
    return ExplanationShown(
        used=[UsedInterval(from_=since, to=until) for since, until in found.used],
        skipped=[SkippedDay(date=s.day.isoformat(), code=s.code, reason=s.english if language == "en" else s.reason) for s in found.skipped],
        warnings=list(found.warnings),
    )


def show_plan(found: Planned, language: Language, *, explain: bool) -> Plan:
    zone = found.office.zone
    steps = [
        PlannedStepShown(
            number=step.number,
            activity=found.procedure.step(step.number).activity.label,
            starts_at=local(step.starts_at, zone),
            due_at=local(step.due_at, zone),
            warnings=list(explanation.warnings),
            explanation=show_explanation(explanation, language) if explain else None,
        )
        for step, explanation in found.steps
    ]
    return Plan(
        procedure=ProcedureRef(key=found.procedure.key, version=found.version, title=found.procedure.title),
        office=OfficeRef(code=found.office.code, name=found.office.name),
        starts_at=steps[0].starts_at,
        steps=steps,
        ends_at=steps[-1].due_at,
    )


def show_instance_deadlines(view: View, explaining: Explaining | None = None) -> InstanceDeadlines:
    """Every round there has been, in the order of the steps; explained if that was asked for."""
    instance, zone = view.instance, view.instance.office.zone
    foretold = forecast_of(view)
    return InstanceDeadlines(
        instance_id=instance.id,
        planned_end_at=local(instance.planned_end_at, zone),
        forecast_end_at=None if foretold is None else local(foretold.ends_at, zone),
        recomputing=is_recomputing(view),
        forecast=[
            ForecastStep(
                step=step.number,
                activity=instance.procedure.step(step.number).activity.label,
                starts_at=local(step.starts_at, zone),
                due_at=local(step.due_at, zone),
            )
            for step in (() if foretold is None else foretold.steps)
        ],
        lateness=_lateness(view, None if foretold is None else late_against(view.calendar, instance.planned_end_at, foretold.ends_at)),
        items=[_round(view, found, explaining) for found in sorted(instance.rounds, key=lambda r: (r.step, r.round))],
    )


def _lateness(view: View, against_plan: Late | None) -> LatenessShown:
    procedure, found = view.instance.procedure, lateness(view.instance, view.calendar, view.situation.now)
    return LatenessShown(
        total=_office_time(found.total),
        by_step=[
            StepLateness(
                step=number, activity=procedure.step(number).activity.label, office_minutes=late.office_minutes, working_days=late.working_days
            )
            for number, late in found.by_step.items()
        ],
        by_role=[
            RoleLateness(role=role, label=procedure.roles[role].label, office_minutes=late.office_minutes, working_days=late.working_days)
            for role, late in found.by_role.items()
        ],
        against_plan=None if against_plan is None else _office_time(against_plan),
    )


def _round(view: View, found: StepRound, explaining: Explaining | None) -> StepDeadline:
    instance, zone = view.instance, view.instance.office.zone
    step = instance.procedure.step(found.step)
    explanation = None if explaining is None else explanation_of(view, found)
    standing = standing_of(found, view.situation.now)
    return StepDeadline(
        step=found.step,
        round=found.round,
        activity=step.activity.label,
        state=found.state,
        duration=DurationShown(value=step.duration.value, unit=step.duration.unit),
        started_at=local_or_none(found.started_at, zone),
        due_soon_at=local_or_none(found.due_soon_at, zone),
        due_at=local_or_none(found.due_at, zone),
        completed_at=local_or_none(found.completed_at, zone),
        deadline_state=standing,
        late_reasons=[s.late_reason for s in instance.sign_offs if (s.step, s.round) == (found.step, found.round) and s.late_reason],
        used=_kept(found.used_minutes, found.used_days),
        late=_kept(found.late_minutes, found.late_days),
        explanation=None if explanation is None or explaining is None else show_explanation(explanation, explaining.language),
        explanation_missing="calendar_changed" if explaining is not None and explanation is None and found.due_at is not None else None,
        history=None if explaining is None else _history(view, found, explaining),
    )


def _history(view: View, found: StepRound, explaining: Explaining) -> list[Recomputed]:
    zone = view.instance.office.zone
    return [
        Recomputed(at=local(moved.at, zone), from_=local(moved.before, zone), to=local(moved.after, zone), reason=moved.reason, change=moved.change)
        for moved in explaining.history
        if (moved.step, moved.round) == (found.step, found.round)
    ]


def _kept(minutes: int | None, days: int | None) -> OfficeTime | None:
    return None if minutes is None or days is None else OfficeTime(office_minutes=minutes, working_days=days)


def _office_time(late: Late) -> OfficeTime:
    return OfficeTime(office_minutes=late.office_minutes, working_days=late.working_days)
