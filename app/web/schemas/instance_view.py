"""From a decided instance to its answer, in the office's zone and the caller's language."""

from zoneinfo import ZoneInfo

from app.domain.deadlines import standing_of
from app.domain.instances import Instance, SignOff, StepRound
from app.domain.procedures import SlotUse, Step
from app.domain.records import CommentRecord, TransitionRecord
from app.domain.refusals import Language
from app.domain.transitions import Situation, available
from app.domain.transitions.attempt import signatures_needed
from app.domain.waiting import waiting_for
from app.usecases.acts import View
from app.usecases.views import forecast_of, is_recomputing, lkjip
from app.web.schemas.common import ActorShown, DurationShown, OfficeRef, PeriodShown, ProcedureRef, RefusalShown, local, local_or_none
from app.web.schemas.instances import (
    ActionShown,
    CommentShown,
    InstanceShown,
    InstrumentShown,
    MemberShown,
    PerformerShown,
    SignOffShown,
    SlotShown,
    StepShown,
    WaitingForShown,
)
from app.web.schemas.transitions import TransitionShown, TransitionTaken


def show_instance(view: View, language: Language) -> InstanceShown:
    instance, situation, zone = view.instance, view.situation, view.instance.office.zone
    instrument, foretold = instance.team_instrument, forecast_of(view)
    report = lkjip(view, foretold)
    return InstanceShown(
        id=instance.id,
        procedure=ProcedureRef(key=instance.procedure.key, version=instance.procedure_version, title=instance.procedure.title),
        office=OfficeRef(code=instance.office.code, name=instance.office.name),
        period=PeriodShown.of(instance.period),
        title=instance.title,
        state=instance.state,
        current_step=instance.current_step,
        version=instance.version,
        started_at=local(instance.started_at, zone),
        completed_at=local_or_none(instance.completed_at, zone),
        planned_end_at=local(instance.planned_end_at, zone),
        forecast_end_at=None if foretold is None else local(foretold.ends_at, zone),
        lkjip_due_on=None if report is None else report.due_on,
        lkjip_risk=None if report is None else report.risk,
        recomputing=is_recomputing(view),
        waiting_for=[
            WaitingForShown(kind=line.kind, role=line.role, people=list(line.people), since=local(line.since, zone))
            for line in waiting_for(instance, situation.people, situation.today)
        ],
        steps=[_step(situation, step, zone=zone) for step in instance.procedure.steps],
        team=[MemberShown(username=member.username, name=member.name) for member in instance.members],
        team_instrument=None if instrument is None else InstrumentShown(number=instrument["number"], date=instrument["date"]),
        actions=_actions(situation, language),
    )


def show_transition(record: TransitionRecord, zone: ZoneInfo) -> TransitionShown:
    return TransitionShown(
        id=record.id,
        action=record.action,
        step=record.step,
        to_step=record.to_step,
        decision=record.decision,
        actor=ActorShown.of(record.actor),
        at=local(record.at, zone),
        reason=record.reason,
        late_reason=record.late_reason,
        comment=record.comment,
    )


def show_taken(record: TransitionRecord, after: View, language: Language) -> TransitionTaken:
    return TransitionTaken(transition=show_transition(record, after.instance.office.zone), instance=show_instance(after, language))


def show_comment(record: CommentRecord, zone: ZoneInfo) -> CommentShown:
    return CommentShown(id=record.id, body=record.body, actor=ActorShown.of(record.actor), at=local(record.at, zone))


def _step(situation: Situation, step: Step, *, zone: ZoneInfo) -> StepShown:
    instance = situation.instance
    opened = instance.current_round(step.number)
    shown = opened or StepRound(step=step.number, round=instance.rounds_opened(step.number), state="pending")
    signed = () if opened is None else instance.signed(opened)
    standing = standing_of(shown, situation.now)
    return StepShown(
        number=step.number,
        activity=step.activity.label,
        symbol=step.symbol,
        performers=[_performer(situation, step, role, signed=signed) for role in step.performers],
        state=shown.state,
        round=shown.round,
        started_at=local_or_none(shown.started_at, zone),
        due_at=local_or_none(shown.due_at, zone),
        completed_at=local_or_none(shown.completed_at, zone),
        deadline_state=standing,
        late_reason="; ".join(s.late_reason for s in signed if s.late_reason) or None,
        decision=shown.decision,
        duration=DurationShown(value=step.duration.value, unit=step.duration.unit),
        inputs=[_slot(instance, use, filled=instance.fills_input(use)) for use in step.inputs],
        outputs=[_slot(instance, use, filled=opened is not None and instance.fills_output(use, opened)) for use in step.outputs],
    )


def _performer(situation: Situation, step: Step, role: str, *, signed: tuple[SignOff, ...]) -> PerformerShown:
    instance, zone = situation.instance, situation.instance.office.zone
    own = [s for s in signed if s.role == role]
    last = own[-1] if own else None
    is_active = instance.active is not None and instance.active.step == step.number
    claim = situation.claim_on(role) if is_active else None
    return PerformerShown(
        role=role,
        label=instance.procedure.roles[role].label,
        signed_off_by=None if last is None else last.actor["name"],
        signed_off_at=None if last is None else local(last.at, zone),
        required=signatures_needed(step, role, team_role=instance.procedure.team_role),
        sign_offs=[SignOffShown(name=s.actor["name"], label=s.actor["label"], at=local(s.at, zone), late_reason=s.late_reason) for s in own],
        claimed_by=None if claim is None else claim.name,
    )


def _slot(instance: Instance, use: SlotUse, *, filled: bool) -> SlotShown:
    document = instance.document(use.slot)
    return SlotShown(
        slot=use.slot,
        label=use.label,
        kind=instance.procedure.slots[use.slot].kind,
        filled=filled,
        document_id=None if document is None else document.id,
        initial_by=list(use.initial_by),
        signature_by=list(use.signature_by),
        signature_kind=use.signature_kind,
    )


def _actions(situation: Situation, language: Language) -> list[ActionShown]:
    return [
        ActionShown(
            action=found.action,
            step=found.step,
            allowed=found.allowed,
            refusals=[RefusalShown.of(refusal, language) for refusal in found.refusals],
            needs=list(found.needs),
            to_steps=list(found.to_steps),
        )
        for found in available(situation)
    ]
