"""Rules about the order: numbers, returns, decisions, and that every way leads to the end."""

from collections.abc import Iterator

from app.domain.procedure_checks.way import END, Way, spread
from app.domain.procedure_checks.wordings import ProcedureProblem, at, problem
from app.domain.procedures import Procedure

Problems = Iterator[ProcedureProblem]


def the_first_step_is_number_one(procedure: Procedure) -> Problems:
    if procedure.steps[0].number != 1:
        yield problem(at("steps", 0, "number"), "first_step_not_one")


def steps_stand_in_order(procedure: Procedure) -> Problems:
    """Gaps are allowed, so that a published table keeps its numbers when a row is taken out."""
    highest, seen = 0, set[int]()
    for index, step in enumerate(procedure.steps):
        if step.number in seen:
            yield problem(at("steps", index, "number"), "duplicate_step", step=step.number)
        elif step.number < highest:
            yield problem(at("steps", index, "number"), "step_out_of_order", step=step.number)
        seen.add(step.number)
        highest = max(highest, step.number)


def returns_lead_back(procedure: Procedure) -> Problems:
    numbers = {step.number for step in procedure.steps}
    for index, step in enumerate(procedure.steps):
        named: set[int] = set()
        for position, target in enumerate(step.returns_to):
            code = "return_unknown_step" if target.step not in numbers else "return_not_back" if target.step >= step.number else None
            code = "duplicate_return" if target.step in named else code
            if code is not None:
                yield problem(at("steps", index, "returns_to", position, "step"), code, step=target.step)
            named.add(target.step)


def decisions_branch_and_nothing_else_does(procedure: Procedure) -> Problems:
    for index, step in enumerate(procedure.steps):
        if step.symbol == "decision" and step.decision is None:
            yield problem(at("steps", index, "decision"), "decision_missing")
        if step.symbol != "decision" and step.decision is not None:
            yield problem(at("steps", index, "decision"), "decision_unexpected")


def branches_lead_to_another_step(procedure: Procedure) -> Problems:
    numbers = {step.number for step in procedure.steps}
    for index, step in enumerate(procedure.steps):
        branches = {} if step.decision is None else {"yes": step.decision.yes, "no": step.decision.no}
        for name, target in branches.items():
            pointer = at("steps", index, "decision", name)
            if target == step.number:
                yield problem(pointer, "decision_to_itself")
            elif target is not None and target not in numbers:
                yield problem(pointer, "decision_unknown_step", step=target)


def following_yes_comes_to_an_end(procedure: Procedure) -> Problems:
    """The dated plan and the forecast follow `yes`; a circle of yeses would never be planned to its end."""
    way = Way(procedure)
    edges = {number: [way.yes_successor(number)] for number in way.steps}
    for index, step in enumerate(procedure.steps):
        decision = step.decision
        if decision is not None and decision.yes not in {None, step.number} and step.number in spread({way.yes_successor(step.number)}, edges):
            yield problem(at("steps", index, "decision", "yes"), "yes_never_ends")


def every_step_is_reached(procedure: Procedure) -> Problems:
    way = Way(procedure)
    for index, step in enumerate(procedure.steps):
        if step.number not in way.reached:
            yield problem(at("steps", index), "step_unreachable", step=step.number)


def every_step_leads_to_the_end(procedure: Procedure) -> Problems:
    """A circle that only a return leaves is a trap: going on must be able to finish."""
    way = Way(procedure)
    if not any(END in targets for targets in way.forward.values()):
        yield problem(at("steps"), "no_end")
        return
    for index, step in enumerate(procedure.steps):
        if step.number not in way.ending:
            yield problem(at("steps", index), "end_unreachable", step=step.number)
