"""What is wrong with a draft of a procedure: every problem at once, each with its place.

`form` asks whether the draft is a procedure at all; when it is, the rules below judge what it means. A rule is a small function over the
whole draft that yields problems and raises nothing, also when other rules have found other mistakes.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from app.domain.problems import Invalid
from app.domain.procedure_checks import flow, roles, slots, times
from app.domain.procedure_checks.form import MAX_LISTED, formed
from app.domain.procedure_checks.wordings import SENTENCES, ProcedureProblem, at, problem
from app.domain.procedures import Procedure

__all__ = ["CODES", "ProcedureProblem", "ProcedureRejected", "at", "check", "parse", "problem"]

CODES = frozenset(SENTENCES)

RULES: tuple[Callable[[Procedure], Iterator[ProcedureProblem]], ...] = (
    roles.no_role_takes_a_reserved_name,
    roles.at_most_one_role_is_a_team,
    roles.roles_are_declared,
    roles.no_list_names_a_role_twice,
    roles.the_team_neither_controls_nor_marks_nor_leads,
    roles.superiors_form_no_circle,
    roles.the_team_does_not_start,
    roles.the_team_is_formed,
    roles.the_team_is_formed_once,
    roles.the_team_is_formed_before_it_performs,
    roles.a_quorum_counts_the_team,
    slots.slots_are_declared,
    slots.every_slot_is_used,
    slots.no_step_names_a_slot_twice,
    slots.a_team_slot_has_its_role,
    slots.only_documents_are_files,
    slots.only_documents_are_marked,
    slots.a_kind_of_signature_is_asked_of_somebody,
    slots.inputs_can_be_there,
    flow.the_first_step_is_number_one,
    flow.steps_stand_in_order,
    flow.returns_lead_back,
    flow.decisions_branch_and_nothing_else_does,
    flow.branches_lead_to_another_step,
    flow.following_yes_comes_to_an_end,
    flow.every_step_is_reached,
    flow.every_step_leads_to_the_end,
    times.a_steps_own_lead_is_shorter_than_the_step,
)


class ProcedureRejected(Invalid):
    """A draft that is not a sound procedure; carries every problem."""

    code = "procedure_rejected"

    def __init__(self, problems: tuple[ProcedureProblem, ...]) -> None:
        super().__init__(*problems)

    @property
    def problems(self) -> tuple[ProcedureProblem, ...]:
        return self.errors


def check(draft: object) -> tuple[ProcedureProblem, ...]:
    """Everything that is wrong with the draft (the raw parsed mapping); empty when it can be published."""
    outcome = formed(draft)
    return judged(outcome) if isinstance(outcome, Procedure) else outcome


def parse(draft: object) -> Procedure:
    """The procedure that the draft says. Raises ProcedureRejected with every problem."""
    outcome = formed(draft)
    problems = judged(outcome) if isinstance(outcome, Procedure) else outcome
    if problems or not isinstance(outcome, Procedure):
        raise ProcedureRejected(problems)
    return outcome


def judged(procedure: Procedure) -> tuple[ProcedureProblem, ...]:
    """What the rules say of a draft whose form is sound."""
    return tuple(islice((found for rule in RULES for found in rule(procedure)), MAX_LISTED))
