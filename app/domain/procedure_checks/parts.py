"""What the rules share: every place of a draft that names a role or uses a slot, with its pointer."""

from collections.abc import Iterator
from typing import NamedTuple

from app.domain.procedure_checks.wordings import at
from app.domain.procedures import Procedure, SlotUse, Step


class Use(NamedTuple):
    """One slot as one step uses it. `side` is `inputs` or `outputs`; the pointer is that of the entry."""

    step: Step
    side: str
    use: SlotUse
    pointer: str


class Naming(NamedTuple):
    """One place where a role is named. `field` is what for: performers, reported_by, initial_by, signature_by, controls or superior."""

    field: str
    role: str
    pointer: str


def uses(procedure: Procedure) -> Iterator[Use]:
    for index, step in enumerate(procedure.steps):
        for side, listed in (("inputs", step.inputs), ("outputs", step.outputs)):
            for position, use in enumerate(listed):
                yield Use(step, side, use, at("steps", index, side, position))


def namings(procedure: Procedure) -> Iterator[Naming]:
    """Every place where the draft names a role."""
    for pointer, field, listed in role_lists(procedure):
        for position, role in enumerate(listed):
            yield Naming(field, role, pointer + at(position))
    for index, step in enumerate(procedure.steps):
        if step.reported_by is not None:
            yield Naming("reported_by", step.reported_by, at("steps", index, "reported_by"))
    for key, declared in procedure.roles.items():
        if declared.superior is not None:
            yield Naming("superior", declared.superior, at("roles", key, "superior"))


def role_lists(procedure: Procedure) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every list of roles: its pointer, its field, the roles."""
    yield at("controls"), "controls", procedure.controls
    for index, step in enumerate(procedure.steps):
        yield at("steps", index, "performers"), "performers", step.performers
    for used in uses(procedure):
        yield used.pointer + "/initial_by", "initial_by", used.use.initial_by
        yield used.pointer + "/signature_by", "signature_by", used.use.signature_by


def team_roles(procedure: Procedure) -> tuple[str, ...]:
    return tuple(key for key, role in procedure.roles.items() if role.team)


def is_team_slot(procedure: Procedure, slot: str) -> bool:
    """Safe for slots that are not declared, unlike `Procedure.team_step`."""
    return slot in procedure.slots and procedure.slots[slot].kind == "team"


def put_out_by(procedure: Procedure, slot: str) -> frozenset[int]:
    return frozenset(step.number for step in procedure.steps if any(use.slot == slot for use in step.outputs))


def forming_steps(procedure: Procedure) -> frozenset[int]:
    """The steps that put a team out. A sound procedure has at most one."""
    return frozenset(used.step.number for used in uses(procedure) if used.side == "outputs" and is_team_slot(procedure, used.use.slot))
