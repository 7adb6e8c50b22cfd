"""Rules about who: roles, the team, and who controls or marks."""

from collections.abc import Iterator

from app.domain.people import EMPLOYEE
from app.domain.permissions import PERMISSIONS
from app.domain.procedure_checks.parts import forming_steps, is_team_slot, namings, role_lists, team_roles, uses
from app.domain.procedure_checks.way import Way
from app.domain.procedure_checks.wordings import ProcedureProblem, at, problem
from app.domain.procedures import Procedure, Quorum

Problems = Iterator[ProcedureProblem]
RESERVED = PERMISSIONS | {EMPLOYEE}


def roles_are_declared(procedure: Procedure) -> Problems:
    for naming in namings(procedure):
        if naming.role not in procedure.roles:
            yield problem(naming.pointer, "unknown_role", role=naming.role)


def no_role_takes_a_reserved_name(procedure: Procedure) -> Problems:
    """A permission's name as a role would let an auditor perform a step."""
    for role in procedure.roles:
        if role in RESERVED:
            yield problem(at("roles", role), "role_reserved", role=role)


def no_list_names_a_role_twice(procedure: Procedure) -> Problems:
    for pointer, _, listed in role_lists(procedure):
        for position, role in enumerate(listed):
            if role in listed[:position]:
                yield problem(pointer + at(position), "duplicate_role", role=role)


def at_most_one_role_is_a_team(procedure: Procedure) -> Problems:
    for role in team_roles(procedure)[1:]:
        yield problem(at("roles", role), "second_team_role", role=role)


def the_team_neither_controls_nor_marks_nor_leads(procedure: Procedure) -> Problems:
    """Its members change with the instance; a mark is put on, and a missed deadline heard of, by the holder of a position."""
    marks = {"initial_by": "mark_by_team", "signature_by": "mark_by_team"}
    codes = {"controls": "control_by_team", "superior": "superior_is_team", **marks}
    teams = team_roles(procedure)
    for naming in namings(procedure):
        if naming.role in teams and naming.field in codes:
            yield problem(naming.pointer, codes[naming.field], role=naming.role)


def superiors_form_no_circle(procedure: Procedure) -> Problems:
    """Reported where the circle runs, not at the roles that only lead into it."""
    for role in procedure.roles:
        if role in _superiors(procedure, role):
            yield problem(at("roles", role, "superior"), "superior_circle", role=role)


def _superiors(procedure: Procedure, role: str) -> set[str]:
    """The one above, the one above that, and so on; itself among them when that comes round."""
    found = set[str]()
    above = procedure.roles[role].superior
    while above is not None and above not in found:
        found.add(above)
        above = procedure.roles[above].superior if above in procedure.roles else None
    return found


def the_team_does_not_start(procedure: Procedure) -> Problems:
    for position, role in enumerate(procedure.steps[0].performers):
        if role in team_roles(procedure):
            yield problem(at("steps", 0, "performers", position), "first_step_by_team")


def the_team_is_formed(procedure: Procedure) -> Problems:
    if forming_steps(procedure):
        return
    for role in team_roles(procedure)[:1]:
        yield problem(at("roles", role), "team_never_formed", role=role)


def the_team_is_formed_once(procedure: Procedure) -> Problems:
    """Whoever wants other members later changes the team; a second forming step would leave open which team performs."""
    first: int | None = None
    for used in uses(procedure):
        if used.side == "outputs" and is_team_slot(procedure, used.use.slot):
            if first is not None:
                yield problem(used.pointer + "/slot", "team_formed_twice", step=first)
            first = used.step.number if first is None else first


def the_team_is_formed_before_it_performs(procedure: Procedure) -> Problems:
    """On every way through the steps, branches and returns included: a step of a team that nobody formed waits for nobody."""
    forming, teams, way = forming_steps(procedure), team_roles(procedure), Way(procedure)
    for index, step in enumerate(procedure.steps[1:], start=1):
        for position, role in enumerate(step.performers):
            if forming and role in teams and way.reached_without(step.number, forming):
                yield problem(at("steps", index, "performers", position), "team_formed_too_late", step=step.number)


def a_quorum_counts_the_team(procedure: Procedure) -> Problems:
    teams = team_roles(procedure)
    for index, step in enumerate(procedure.steps):
        if isinstance(step.completion, Quorum) and not set(step.performers) & set(teams):
            yield problem(at("steps", index, "completion"), "quorum_without_team")
