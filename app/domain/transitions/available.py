"""What this caller may do next: computed by the rules that guard the POST, so that a button never lies."""

from dataclasses import dataclass

from app.domain.instances import Instance
from app.domain.refusals import Refusal, in_order
from app.domain.transitions.attempt import Action, Attempt, Situation, TransitionRequest
from app.domain.transitions.rules import forms_a_team, guards

_BY_STATE: dict[str, tuple[Action, ...]] = {
    "running": ("complete", "return", "claim", "release", "suspend", "cancel", "change_team"),
    "suspended": ("resume", "cancel"),
}
_AT_A_STEP: frozenset[Action] = frozenset({"complete", "return", "claim", "release"})


@dataclass(frozen=True, slots=True)
class AvailableAction:
    """`needs` are what the body has still to bring; they never make `allowed` false."""

    action: Action
    step: int | None
    refusals: tuple[Refusal, ...]
    needs: tuple[str, ...]
    to_steps: tuple[int, ...]

    @property
    def allowed(self) -> bool:
        return not self.refusals


def available(situation: Situation) -> tuple[AvailableAction, ...]:
    """Every action of the instance's state; none once it is closed."""
    return tuple(_judge(situation, action) for action in actions_of(situation.instance))


def actions_of(instance: Instance) -> tuple[Action, ...]:
    listed = _BY_STATE.get(instance.state, ())
    return tuple(action for action in listed if action != "change_team" or instance.procedure.team_role is not None)


def _judge(situation: Situation, action: Action) -> AvailableAction:
    step = situation.step if action in _AT_A_STEP else None
    request = TransitionRequest(action=action, step=None if step is None else step.number)
    to_steps = tuple(target.step for target in step.returns_to) if step is not None and action == "return" else ()
    return AvailableAction(
        action=action,
        step=request.step,
        refusals=in_order(guards(Attempt(situation, request))),
        needs=_needs(situation, action),
        to_steps=to_steps,
    )


def _needs(situation: Situation, action: Action) -> tuple[str, ...]:
    """What the caller has to write into the body."""
    if action in {"return", "suspend", "cancel"}:
        return ("reason",)
    if action == "change_team":
        return ("team", "reason")
    step = situation.step
    if action != "complete" or step is None:
        return ()
    wanted = {
        "late_reason": situation.overdue(),
        "team": forms_a_team(situation.instance.procedure.team_step, step) and not situation.instance.members,
        "decision": step.decision is not None,
    }
    return tuple(name for name, is_wanted in wanted.items() if is_wanted)
