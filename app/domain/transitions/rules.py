"""The rules of a transition, small and named; the lists at the end read as the specification.

A rule answers with reasons, it does not raise. GUARDS depend on the caller and the state alone: they guard the POST and light the
buttons of `actions[]`. NEEDS ask what the body has still to bring: they guard the POST only and never make a button dark.
"""

from collections.abc import Callable, Iterator
from unicodedata import category

from app.domain.instances import role_labels
from app.domain.marking import missing_marks
from app.domain.permissions import PERMISSIONS
from app.domain.procedures import Quorum, SlotUse, Step
from app.domain.refusals import Refusal
from app.domain.transitions.attempt import Action, Attempt, controllers, part_is_signed, signatures_needed

Rule = Callable[[Attempt], Iterator[Refusal]]


def blank(text: str | None) -> bool:
    """Nothing that a person could read: spaces and invisible characters (Unicode Cf) are no reason."""
    return text is None or all(character.isspace() or category(character) == "Cf" for character in text)


# ── guards: the caller ──────────────────────────────────────────────────────────────────────────────────────────────


def performs_the_step(attempt: Attempt) -> Iterator[Refusal]:
    """Judged for the step that the body names, active or not."""
    step = attempt.instance.procedure.numbered.get(attempt.request.step or 0)
    if step is None:
        return
    held = attempt.situation.parts_of(step)
    asked = attempt.request.as_role
    if not held or (asked is not None and asked not in held):
        yield Refusal("not_a_performer", {"step": step.number, "performers": role_labels(attempt.instance.procedure, step.performers)})


def controls_the_instance(attempt: Attempt) -> Iterator[Refusal]:
    roles = controllers(attempt.instance)
    if not any(attempt.situation.holds(role) for role in roles):
        yield Refusal("not_in_control", {"roles": role_labels(attempt.instance.procedure, roles)})


def performs_or_controls(attempt: Attempt) -> Iterator[Refusal]:
    """A claim is released by a performer of the step or by who controls the instance."""
    if not any(attempt.situation.holds(role) for role in controllers(attempt.instance)):
        yield from performs_the_step(attempt)


def forms_the_team(attempt: Attempt) -> Iterator[Refusal]:
    former = attempt.instance.procedure.team_step
    if former is not None and not attempt.situation.parts_of(former):
        yield Refusal("not_in_control", {"roles": role_labels(attempt.instance.procedure, former.performers)})


# ── guards: the state ───────────────────────────────────────────────────────────────────────────────────────────────


def is_not_closed(attempt: Attempt) -> Iterator[Refusal]:
    if not attempt.instance.is_open:
        yield Refusal("instance_closed")


def is_not_suspended(attempt: Attempt) -> Iterator[Refusal]:
    if attempt.instance.state == "suspended":
        yield Refusal("instance_suspended")


def is_suspended(attempt: Attempt) -> Iterator[Refusal]:
    if attempt.instance.state == "running":
        yield Refusal("not_suspended")


def step_is_active(attempt: Attempt) -> Iterator[Refusal]:
    active = attempt.situation.step
    asked = attempt.request.step or 0
    if active is not None and asked in attempt.instance.procedure.numbered and active.number != asked:
        yield Refusal("wrong_step", {"current": active.number, "step": asked})


def part_is_open(attempt: Attempt) -> Iterator[Refusal]:
    step, part = attempt.at_active_step, attempt.part()
    if step is not None and part is not None and part_is_signed(attempt.situation, step, part):
        yield Refusal("already_signed_off")


def part_is_not_claimed_by_another(attempt: Attempt) -> Iterator[Refusal]:
    part = attempt.part()
    claim = None if part is None else attempt.situation.claim_on(part)
    if claim is not None and claim.account_id != attempt.situation.actor.account_id:
        yield Refusal("claimed_by_another", {"name": claim.name})


def part_is_not_claimed_by_me(attempt: Attempt) -> Iterator[Refusal]:
    part = attempt.part()
    claim = None if part is None else attempt.situation.claim_on(part)
    if claim is not None and claim.account_id == attempt.situation.actor.account_id:
        yield Refusal("already_claimed")


def part_is_for_one(attempt: Attempt) -> Iterator[Refusal]:
    step, part = attempt.at_active_step, attempt.part()
    if step is not None and part is not None and signatures_needed(step, part, team_role=attempt.instance.procedure.team_role) > 1:
        yield Refusal("part_is_shared")


def a_claim_is_released_by_its_holder(attempt: Attempt) -> Iterator[Refusal]:
    """Or by who controls the instance."""
    step = attempt.at_active_step
    if step is None:
        return
    asked = (attempt.request.as_role,) if attempt.request.as_role else step.performers
    claims = [claim for role in asked if (claim := attempt.situation.claim_on(role)) is not None]
    mine = any(claim.account_id == attempt.situation.actor.account_id for claim in claims)
    if not claims:
        yield Refusal("not_claimed")
    elif not mine and any(controls_the_instance(attempt)):
        yield Refusal("claimed_by_another", {"name": claims[0].name})


def inputs_are_there(attempt: Attempt) -> Iterator[Refusal]:
    for use in _uses(attempt.at_active_step, "inputs"):
        if not attempt.instance.fills_input(use):
            yield Refusal("input_missing", {"slot": use.slot, "label": use.label})


def outputs_are_there(attempt: Attempt) -> Iterator[Refusal]:
    """A team is brought by the body of the act itself and asked for among the needs."""
    for use in _uses(attempt.at_active_step, "outputs"):
        is_document = attempt.instance.procedure.slots[use.slot].kind == "document"
        if is_document and not attempt.instance.fills_output(use, attempt.situation.round):
            yield Refusal("output_missing", {"slot": use.slot, "label": use.label})


def marks_are_there(attempt: Attempt) -> Iterator[Refusal]:
    if attempt.at_active_step is None:
        return
    for use, mark, role in missing_marks(attempt.instance, attempt.at_active_step, attempt.situation.round):
        by = role_labels(attempt.instance.procedure, (role,))
        yield Refusal(f"{mark}_missing", {"slot": use.slot, "label": use.label, "role": by})


def a_way_back_is_declared(attempt: Attempt) -> Iterator[Refusal]:
    step = attempt.at_active_step
    if step is not None and not step.returns_to:
        yield Refusal("no_return_target")


def a_team_stands(attempt: Attempt) -> Iterator[Refusal]:
    if not attempt.instance.members:
        yield Refusal("team_not_formed")


# ── needs: what the body brings ─────────────────────────────────────────────────────────────────────────────────────


def the_step_exists(attempt: Attempt) -> Iterator[Refusal]:
    asked = attempt.request.step or 0
    if asked not in attempt.instance.procedure.numbered:
        yield Refusal("unknown_step", {"step": asked})


def a_decision_is_made(attempt: Attempt) -> Iterator[Refusal]:
    step = attempt.at_active_step
    if step is not None and step.decision is not None and attempt.request.decision is None:
        yield Refusal("decision_missing")


def the_decision_is_one(attempt: Attempt) -> Iterator[Refusal]:
    """Where several sign off a decision step, the first one's decision stands."""
    decided = None if attempt.at_active_step is None or attempt.situation.round is None else attempt.situation.round.decision
    if decided is not None and attempt.request.decision not in {None, decided}:
        yield Refusal("decision_differs", {"decision": decided})


def lateness_is_explained(attempt: Attempt) -> Iterator[Refusal]:
    if attempt.at_active_step is not None and attempt.situation.overdue() and blank(attempt.request.late_reason):
        yield Refusal("late_reason_missing")


def a_reason_is_given(attempt: Attempt) -> Iterator[Refusal]:
    if blank(attempt.request.reason):
        yield Refusal("reason_missing")


def the_way_back_is_one_declared(attempt: Attempt) -> Iterator[Refusal]:
    step = attempt.at_active_step
    if step is None or not step.returns_to:
        return
    targets = [target.step for target in step.returns_to]
    if attempt.request.to_step not in targets:
        yield Refusal("return_target_not_allowed", {"targets": ", ".join(map(str, targets))})


def the_team_is_named_where_it_is_formed(attempt: Attempt) -> Iterator[Refusal]:
    if forms_a_team(attempt.instance.procedure.team_step, attempt.at_active_step):
        if attempt.request.team is not None:
            yield from the_team_is_sound(attempt)
        elif not attempt.instance.members:
            yield Refusal("team_missing")


def the_team_is_sound(attempt: Attempt) -> Iterator[Refusal]:
    """Members come from the office's people; an unknown name, one from elsewhere and one with permissions alone get the same answer."""
    team = attempt.request.team
    if team is None or not team.usernames:
        yield Refusal("team_missing")
        return
    known = {p.username for p in attempt.situation.people if p.role not in PERMISSIONS and p.holds_on(attempt.situation.today)}
    yield from (Refusal("unknown_member", {"username": name}) for name in team.usernames if name not in known)
    quorum = largest_quorum(attempt.instance.procedure.steps)
    if len(set(team.usernames)) < quorum:
        yield Refusal("team_too_small", {"quorum": quorum})


def forms_a_team(team_step: Step | None, step: Step | None) -> bool:
    return team_step is not None and step is not None and team_step.number == step.number


def largest_quorum(steps: tuple[Step, ...]) -> int:
    return max((step.completion.quorum for step in steps if isinstance(step.completion, Quorum)), default=1)


def _uses(step: Step | None, side: str) -> tuple[SlotUse, ...]:
    return () if step is None else step.inputs if side == "inputs" else step.outputs


# ── the specification ───────────────────────────────────────────────────────────────────────────────────────────────

_OPEN: tuple[Rule, ...] = (is_not_closed, is_not_suspended)

GUARDS: dict[Action, tuple[Rule, ...]] = {
    "complete": (
        performs_the_step,
        *_OPEN,
        step_is_active,
        part_is_open,
        part_is_not_claimed_by_another,
        inputs_are_there,
        outputs_are_there,
        marks_are_there,
    ),
    "return": (performs_the_step, *_OPEN, step_is_active, a_way_back_is_declared),
    "claim": (
        performs_the_step,
        *_OPEN,
        step_is_active,
        part_is_open,
        part_is_for_one,
        part_is_not_claimed_by_another,
        part_is_not_claimed_by_me,
    ),
    "release": (performs_or_controls, *_OPEN, step_is_active, a_claim_is_released_by_its_holder),
    "suspend": (controls_the_instance, *_OPEN),
    "resume": (controls_the_instance, is_not_closed, is_suspended),
    "cancel": (controls_the_instance, is_not_closed),
    "change_team": (forms_the_team, *_OPEN, a_team_stands),
}

NEEDS: dict[Action, tuple[Rule, ...]] = {
    "complete": (the_step_exists, a_decision_is_made, the_decision_is_one, lateness_is_explained, the_team_is_named_where_it_is_formed),
    "return": (the_step_exists, the_way_back_is_one_declared, a_reason_is_given),
    "claim": (the_step_exists,),
    "release": (the_step_exists,),
    "suspend": (a_reason_is_given,),
    "resume": (),
    "cancel": (a_reason_is_given,),
    "change_team": (the_team_is_sound, a_reason_is_given),
}


def guards(attempt: Attempt) -> tuple[Refusal, ...]:
    """Every reason why this caller may not do this now, whatever the body brings."""
    return tuple(refusal for rule in GUARDS[attempt.request.action] for refusal in rule(attempt))


def refusals(attempt: Attempt) -> tuple[Refusal, ...]:
    """Every reason against this transition as asked for; none means: take it."""
    return (*guards(attempt), *(refusal for rule in NEEDS[attempt.request.action] for refusal in rule(attempt)))
