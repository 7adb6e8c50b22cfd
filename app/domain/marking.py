"""Which marks a procedure asks for on a document, in which order, by which hand; and what of that is there.

Where several steps use one slot, their demands may differ. A mark is judged by those of the step that needs it next: the active one,
else the first after it that names the role, else the last before it. One step that names a role twice on a slot is content with either.
"""

from collections.abc import Iterator

from app.domain.instances import DocumentVersion, Instance, Mark, MarkName, StepRound, role_labels
from app.domain.procedures import SignatureKind, SlotUse, Step
from app.domain.refusals import Refusal

Missing = tuple[SlotUse, MarkName, str]
"""The use that asks for it, which mark, whose."""

_BY_HAND: dict[SignatureKind, frozenset[str]] = {
    "wet": frozenset({"wet"}),
    "electronic": frozenset({"electronic"}),
    "either": frozenset({"wet", "electronic"}),
}


def roles_for(use: SlotUse, mark: MarkName) -> tuple[str, ...]:
    return use.initial_by if mark == "initial" else use.signature_by


def is_marked(instance: Instance, use: SlotUse, mark: MarkName, role: str) -> bool:
    """Whether the latest version carries that role's mark. A signature by the other hand than the use allows is none."""
    latest = instance.latest(use.slot)
    if latest is None:
        return False
    given = counting_marks(instance, use.slot, latest)
    return any(m.mark == mark and m.role == role and (mark == "initial" or m.kind in _BY_HAND[use.signature_kind]) for m in given)


def counting_marks(instance: Instance, slot: str, version: DocumentVersion) -> tuple[Mark, ...]:
    """Those on the version, and those on the versions of which it is the signed form."""
    return tuple(mark for found in same_content(instance, slot, version) for mark in instance.marks_on(found))


def same_content(instance: Instance, slot: str, version: DocumentVersion) -> Iterator[DocumentVersion]:
    """The version, and those of which it is the signed form: signing changes nothing that was initialed."""
    yield version
    sources = {v.version: v for v in instance.history(slot)}
    while version.signed_from is not None:
        version = sources[version.signed_from]
        yield version


def missing_marks(instance: Instance, step: Step, opened: StepRound | None) -> Iterator[Missing]:
    """What the step's gate still asks for. A mark on an output of an earlier round does not count: this round's version is still to come."""
    for use, is_output in _uses(step):
        yield from _missing_on(instance, use, counts=not is_output or instance.fills_output(use, opened))


def awaited_marks(instance: Instance, step: Step, opened: StepRound | None) -> Iterator[Missing]:
    """Those whose turn it is: of each use the first missing initial; a signature once all initials are there."""
    for use, is_output in _uses(step):
        missing = list(_missing_on(instance, use, counts=not is_output or instance.fills_output(use, opened)))
        yield from missing[:1] if missing and missing[0][1] == "initial" else missing


def _uses(step: Step) -> list[tuple[SlotUse, bool]]:
    return [(use, False) for use in step.inputs] + [(use, True) for use in step.outputs]


def _missing_on(instance: Instance, use: SlotUse, *, counts: bool) -> Iterator[Missing]:
    marks: tuple[MarkName, ...] = ("initial", "signature")
    for mark in marks:
        yield from ((use, mark, role) for role in roles_for(use, mark) if not counts or not is_marked(instance, use, mark, role))


# ── one mark that somebody wants to put ─────────────────────────────────────────────────────────────────────────────


def order_refusals(instance: Instance, slot: str, role: str, *, mark: MarkName, kind: str) -> Iterator[Refusal]:
    """Whether it is this role's turn, and this hand the right one. Coordination initials have no order."""
    uses = uses_at_hand(instance, slot, role, mark=mark)
    if not uses:
        return
    if mark == "initial" and kind == "hierarchical":
        yield from _out_of_order(instance, uses, role)
    if mark == "signature":
        yield from _initials_missing(instance, uses)
        yield from _wrong_hand(uses, kind)


def uses_at_hand(instance: Instance, slot: str, role: str, *, mark: MarkName) -> tuple[SlotUse, ...]:
    """The uses of the slot that ask for that role's mark, in the step that needs it next."""
    steps = [step for step in instance.procedure.steps if _naming(step, slot, role, mark)]
    now = instance.current_step or 0
    ahead = [step for step in steps if step.number >= now]
    nearest = next(iter(ahead), None) or next(reversed(steps), None)
    return () if nearest is None else _naming(nearest, slot, role, mark)


def _naming(step: Step, slot: str, role: str, mark: MarkName) -> tuple[SlotUse, ...]:
    return tuple(use for use, _ in _uses(step) if use.slot == slot and role in roles_for(use, mark))


def _out_of_order(instance: Instance, uses: tuple[SlotUse, ...], role: str) -> Iterator[Refusal]:
    before = [_without(instance, use, use.initial_by[: use.initial_by.index(role)]) for use in uses]
    if all(before):
        yield Refusal("initial_out_of_order", {"label": uses[0].label, "roles": role_labels(instance.procedure, before[0])})


def _initials_missing(instance: Instance, uses: tuple[SlotUse, ...]) -> Iterator[Refusal]:
    missing = [_without(instance, use, use.initial_by) for use in uses]
    if all(missing):
        for role in missing[0]:
            label = role_labels(instance.procedure, (role,))
            yield Refusal("initial_missing", {"slot": uses[0].slot, "label": uses[0].label, "role": label})


def _without(instance: Instance, use: SlotUse, roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(role for role in roles if not is_marked(instance, use, "initial", role))


def _wrong_hand(uses: tuple[SlotUse, ...], kind: str) -> Iterator[Refusal]:
    if not any(kind in _BY_HAND[use.signature_kind] for use in uses):
        yield Refusal("signature_kind_not_allowed", {"kind": kind, "label": uses[0].label, "allowed": uses[0].signature_kind})
