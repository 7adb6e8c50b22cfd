"""Whatever a draft holds, it is a sound procedure or it is told why not; and a sound one can be walked to its end."""

from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.procedure_checks import ProcedureRejected, check, parse
from app.domain.procedures import Procedure
from tests.support.drafts import DROP, OTHER, SHIPPED, changed

SCALARS = st.none() | st.booleans() | st.integers(-2, 9) | st.integers() | st.floats() | st.text(max_size=5) | st.text(st.characters(), max_size=3)
NAMES = st.sampled_from(sorted({*SHIPPED["roles"], *OTHER["roles"], *SHIPPED["slots"], *OTHER["slots"], "admin", "decision", "any", "hour"}))
VALUES = st.recursive(SCALARS | NAMES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=3))


def pointers(value: Any, here: str = "") -> list[str]:
    """Every place in the draft below its root, those of list ends included."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [pointer for name, child in items for pointer in (f"{here}/{name}", *pointers(child, f"{here}/{name}"))]
    return [*below, f"{here}/-"] if isinstance(value, list) else below


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A sound draft after a few changes; half of them put a value of the draft where another one stood, so that many stay sound in form."""
    draft = draw(st.sampled_from([SHIPPED, OTHER]))
    for _ in range(draw(st.integers(1, 4))):
        places = pointers(draft)
        if not places:
            break
        place, other = draw(st.sampled_from(places)), draw(st.sampled_from(places))
        value = draw(st.one_of(st.just(DROP), VALUES, NAMES, st.integers(1, 9), st.just(at(draft, other))))
        if value is not DROP or not place.endswith("/-"):
            draft = changed(draft, {place: value})
    return draft


def at(draft: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        if part == "-":
            return None
        draft = draft[int(part)] if isinstance(draft, list) else draft[part]
    return draft


@st.composite
def drawn(draw: st.DrawFn) -> Any:
    """A draft of sound form whose branches, returns, slots and team are thrown together: one in six or so means something."""
    count = draw(st.integers(2, 6))
    steps = [drawn_step(draw, number, count) for number in range(1, count + 1)]
    used = {use["slot"] for step in steps for use in (*step["inputs"], *step["outputs"])}
    slots = {slot: {"label": slot, "kind": "team" if slot == "regu" else "document"} for slot in sorted(used)}
    roles = {"kasi": {"label": "Kasi"}} | ({"tim": {"label": "Tim", "team": True}} if "regu" in used else {})
    return OTHER | {"roles": roles, "slots": slots, "steps": steps, "controls": []}


def drawn_step(draw: st.DrawFn, number: int, count: int) -> dict[str, Any]:
    earlier = draw(st.integers(1, number - 1 if number > 1 and draw(st.integers(0, 7)) else count))
    inputs = {name for name in ("formulir", "regu", f"surat_{earlier}") if draw(st.integers(0, 2 if name[0] != "r" else 9)) == 0}
    outputs = {f"surat_{number}"} | ({"regu"} if draw(st.integers(1, 4)) == number else set())
    is_decision = draw(st.booleans())
    others = [n for n in [*range(1, count + 1), None] if n != number]
    likely = [n for n in others if n is None or n > number or draw(st.integers(0, 5)) == 0]
    return {
        "number": number,
        "activity": {"text": "Memeriksa", "label": "Memeriksa"},
        "symbol": "decision" if is_decision else "process",
        "performers": ["tim" if number > 1 and draw(st.integers(0, 4)) == 0 else "kasi"],
        "duration": {"value": 1, "unit": "hour"},
        "duration_text": "1 jam",
        "inputs": [{"slot": slot, "text": slot, "label": slot} for slot in sorted(inputs)],
        "outputs": [{"slot": slot, "text": slot, "label": slot} for slot in sorted(outputs)],
        "returns_to": [{"step": draw(st.integers(1, number - 1))}] if number > 1 and draw(st.booleans()) else [],
        "decision": {"yes": draw(st.sampled_from(likely)), "no": draw(st.sampled_from(others))} if is_decision else None,
    }


def judged(draft: object) -> Procedure | None:
    """Fails for any exception but ProcedureRejected, and when `check` and `parse` disagree."""
    problems = check(draft)
    for problem in problems:
        assert problem.pointer == "" or problem.pointer.startswith("/")
        assert problem.id
        assert problem.en
        problem.pointer.encode()
    if not problems:
        return parse(draft)
    with pytest.raises(ProcedureRejected) as rejected:
        parse(draft)
    assert rejected.value.problems == problems
    return None


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated() | drawn(), st.data())
def test_a_mutated_draft_is_rejected_or_can_be_walked_to_its_end(draft: Any, data: st.DataObject) -> None:
    procedure = judged(draft)
    if procedure is not None:
        assert parse(procedure.model_dump(mode="json")) == procedure
        rfc8785.dumps(procedure.model_dump(mode="json"))
        assert_yes_ends(procedure)
        walk(procedure, data)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_no_value_at_all_makes_the_checks_fail(draft: object) -> None:
    judged(draft)


def assert_yes_ends(procedure: Procedure) -> None:
    for start in procedure.steps:
        step, taken = start, 0
        while (following := procedure.successor(step, "yes")) is not None:
            step, taken = procedure.step(following), taken + 1
            assert taken <= len(procedure.steps)


def walk(procedure: Procedure, data: st.DataObject) -> None:
    """Takes steps, branches and returns at random: at each step what it needs is there or may be uploaded, and its team exists."""
    step, filled = procedure.steps[0], set[str]()
    for _ in range(12):
        for use in step.inputs:
            closed = procedure.put_out_before(use.slot, step.number) or procedure.slots[use.slot].kind == "team"
            assert use.slot in filled or not closed
            filled.add(use.slot)
        team = procedure.team_role
        assert team not in step.performers or any(procedure.slots[slot].kind == "team" for slot in filled)
        if step.returns_to and data.draw(st.booleans()):
            step = procedure.step(data.draw(st.sampled_from(step.returns_to)).step)
            continue
        filled |= {use.slot for use in step.outputs}
        following = procedure.successor(step, data.draw(st.sampled_from(["yes", "no"])) if step.decision else None)
        if following is None:
            return
        step = procedure.step(following)
