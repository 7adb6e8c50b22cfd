"""Rules about time."""

from collections.abc import Iterator

from app.domain.durations import Duration
from app.domain.procedure_checks.wordings import ProcedureProblem, at, problem
from app.domain.procedures import Procedure

Problems = Iterator[ProcedureProblem]


def a_steps_own_lead_is_shorter_than_the_step(procedure: Procedure) -> Problems:
    """A lead that the whole procedure declares is there for all steps and may be longer than some of them: those are due soon at once."""
    for index, step in enumerate(procedure.steps):
        lead = None if step.due_soon is None else step.due_soon.lead
        if lead is not None and _reaches(lead, step.duration):
            yield problem(at("steps", index, "due_soon", "lead"), "lead_too_long", step=step.number)


def _reaches(lead: Duration, allowance: Duration) -> bool:
    """Whether the lead takes the whole allowance. Office time and days, or days of two kinds, cannot be compared."""
    if lead.office_minutes is not None and allowance.office_minutes is not None:
        return lead.office_minutes >= allowance.office_minutes
    return lead.unit == allowance.unit and lead.value >= allowance.value
