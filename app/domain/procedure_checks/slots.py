"""Rules about what: the slots that steps need and yield."""

from collections.abc import Iterator

from app.domain.procedure_checks.parts import Use, is_team_slot, put_out_by, team_roles, uses
from app.domain.procedure_checks.way import Way
from app.domain.procedure_checks.wordings import ProcedureProblem, at, problem
from app.domain.procedures import Procedure

Problems = Iterator[ProcedureProblem]


def slots_are_declared(procedure: Procedure) -> Problems:
    for used in uses(procedure):
        if used.use.slot not in procedure.slots:
            yield problem(used.pointer + "/slot", "unknown_slot", slot=used.use.slot)


def every_slot_is_used(procedure: Procedure) -> Problems:
    named = {used.use.slot for used in uses(procedure)}
    for slot in procedure.slots:
        if slot not in named:
            yield problem(at("slots", slot), "slot_unused", slot=slot)


def no_step_names_a_slot_twice(procedure: Procedure) -> Problems:
    """Twice on one side: a slot may be both input and output of a step that revises its document."""
    seen: set[tuple[int, str, str]] = set()
    for used in uses(procedure):
        name = (id(used.step), used.side, used.use.slot)
        if name in seen:
            yield problem(used.pointer + "/slot", "duplicate_slot", slot=used.use.slot)
        seen.add(name)


def a_team_slot_has_its_role(procedure: Procedure) -> Problems:
    for slot in procedure.slots:
        if is_team_slot(procedure, slot) and not team_roles(procedure):
            yield problem(at("slots", slot), "team_slot_without_role", slot=slot)


def only_documents_are_files(procedure: Procedure) -> Problems:
    for key, slot in procedure.slots.items():
        for field in ("accepts", "max_bytes"):
            if getattr(slot, field) and is_team_slot(procedure, key):
                yield problem(at("slots", key, field), "file_of_team_slot", slot=key)


def only_documents_are_marked(procedure: Procedure) -> Problems:
    for used in uses(procedure):
        for field in ("initial_by", "signature_by"):
            if getattr(used.use, field) and is_team_slot(procedure, used.use.slot):
                yield problem(used.pointer + at(field), "mark_on_team_slot", slot=used.use.slot)


def a_kind_of_signature_is_asked_of_somebody(procedure: Procedure) -> Problems:
    for used in uses(procedure):
        if used.use.signature_kind != "either" and not used.use.signature_by:
            yield problem(used.pointer + at("signature_kind"), "signature_kind_without_signature", slot=used.use.slot)


def inputs_can_be_there(procedure: Procedure) -> Problems:
    """An input that a step puts out is that step's work and closed to uploads elsewhere: it must be there whichever way was taken.

    A document that no step puts out is uploaded by a performer; a team that no step puts out comes from nowhere.
    """
    way = Way(procedure)
    for used in uses(procedure):
        if used.side == "inputs" and used.use.slot in procedure.slots:
            yield from _one_input(procedure, way, used)


def _one_input(procedure: Procedure, way: Way, used: Use) -> Problems:
    slot, number, pointer = used.use.slot, used.step.number, used.pointer + "/slot"
    makers = put_out_by(procedure, slot)
    needs_maker = bool(makers) or is_team_slot(procedure, slot)
    if not needs_maker or not way.reached_without(number, makers):
        return
    earlier = [maker for maker in makers if maker < number]
    if earlier:
        yield problem(pointer, "input_may_be_skipped", slot=slot, step=max(earlier))
    elif is_team_slot(procedure, slot):
        yield problem(pointer, "input_not_put_out", slot=slot)
    else:
        yield problem(pointer, "input_put_out_later", slot=slot, step=min(makers))
