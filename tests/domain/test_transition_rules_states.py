"""What each state of an instance and each gate of a step lets through, and that no button ever lies."""

from typing import Any

import pytest

from app.domain.refusals import WORDINGS
from app.domain.transitions import Action
from app.domain.transitions.rules import GUARDS, NEEDS
from tests.support.situations import STAFF, TEAM, Case

RUNNING = ["complete", "return", "claim", "release", "suspend", "cancel", "change_team"]
WHO: dict[Action, str] = {
    "complete": "camat",
    "return": "camat",
    "claim": "camat",
    "release": "camat",
    "suspend": "camat",
    "resume": "camat",
    "cancel": "camat",
    "change_team": "sekretaris",
}
BODY: dict[str, dict[str, Any]] = {"return": {"to_step": 4}, "change_team": {"team": TEAM, "reason": "Mutasi."}}


def in_state(state: str) -> Case:
    """Step 5, where the Camat may do everything but change the team; or what became of it."""
    case = Case().until(5).fill()
    if state == "suspended":
        case.take("camat", "suspend")
    if state == "cancelled":
        case.take("camat", "cancel")
    if state == "completed":
        case.until(99)
    assert case.instance.state == state
    return case


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        ("running", {"resume": ["not_suspended"], "release": ["not_claimed"]}),
        (
            "suspended",
            {action: ["instance_suspended"] for action in RUNNING if action != "cancel"} | {"release": ["instance_suspended", "not_claimed"]},
        ),
        ("completed", {action: ["instance_closed"] for action in WHO}),
        ("cancelled", {action: ["instance_closed"] for action in WHO}),
    ],
)
def test_each_state_lets_its_own_actions_through(state: str, refused: dict[str, list[str]]) -> None:
    case = in_state(state)
    found = {action: case.codes(username, action, step=5, **BODY.get(action, {})) for action, username in WHO.items()}
    assert found == {action: refused.get(action, []) for action in WHO}


@pytest.mark.parametrize(("state", "actions"), [("running", RUNNING), ("suspended", ["resume", "cancel"]), ("completed", []), ("cancelled", [])])
def test_every_action_of_its_state_is_offered_to_everyone(state: str, actions: list[str]) -> None:
    case = in_state(state)
    for username in STAFF:
        assert list(case.offered(username)) == actions


def test_a_procedure_without_a_team_offers_no_change_of_it() -> None:
    one_step = {
        "/steps": [
            {
                "number": 1,
                "activity": {"text": "Mencatat", "label": "Mencatat"},
                "performers": ["camat"],
                "duration": {"value": 1, "unit": "hour"},
                "duration_text": "1 jam",
                "outputs": [{"slot": "draf_tim", "text": "Draf", "label": "Draf"}],
            }
        ],
        "/roles": {"camat": {"label": "Camat"}},
        "/controls": ["camat"],
        "/slots": {"draf_tim": {"label": "Draf"}},
    }
    case = Case(one_step)
    assert list(case.offered("camat")) == [action for action in RUNNING if action != "change_team"]
    assert case.codes("camat", "change_team", team=TEAM, reason="Mutasi.") == ["team_not_formed"]


# ── the gates ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("step", "username", "missing"),
    [
        (1, "camat", ["input_missing", "output_missing"]),
        (2, "sekretaris", []),
        (3, "tim1", ["output_missing"]),
        (4, "sekretaris", ["input_missing", "output_missing"]),
        (5, "camat", ["output_missing"]),
        (6, "tim2", ["output_missing"]),
        (7, "staf", ["output_missing", "initial_missing", "signature_missing"]),
    ],
)
def test_a_step_is_not_signed_off_before_its_inputs_and_outputs_are_there(step: int, username: str, missing: list[str]) -> None:
    case = Case().until(step)
    assert case.codes(username, "complete", team=TEAM) == missing
    assert case.offered(username)["complete"].allowed is (not missing)
    case.fill()
    assert case.codes(username, "complete", team=TEAM) == []


def test_a_slot_filled_in_one_step_is_filled_for_the_later_ones() -> None:
    case = Case().until(6)
    assert case.codes("sekretaris", "complete") == ["output_missing"]  # data_kinerja is there since step 4


def test_staff_completes_when_the_report_is_initialed_and_signed() -> None:
    case = Case().until(7).fill(marks=False)
    assert case.codes("staf", "complete") == ["initial_missing", "signature_missing"]
    case.mark("camat", "laporan_ditandatangani", "signature")
    assert case.codes("staf", "complete") == ["initial_missing"]
    case.mark("sekretaris", "laporan_final", "initial")
    case.sign("staf")
    assert (case.instance.state, case.instance.current_step, case.instance.completed_at) == ("completed", None, case.now)


# ── needs and buttons ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("step", "username", "action", "needs"),
    [
        (1, "camat", "complete", ()),
        (2, "sekretaris", "complete", ("team",)),
        (5, "camat", "return", ("reason",)),
        (5, "camat", "suspend", ("reason",)),
        (5, "camat", "cancel", ("reason",)),
        (5, "camat", "claim", ()),
        (5, "camat", "release", ()),
        (5, "sekretaris", "change_team", ("team", "reason")),
    ],
)
def test_what_the_body_brings_stands_in_needs_and_darkens_no_button(step: int, username: str, action: str, needs: tuple[str, ...]) -> None:
    case = Case().until(step).fill()
    offered = case.offered(username)[action]
    assert offered.needs == needs
    assert offered.allowed is (action != "release")


def test_lateness_is_a_need_only_once_it_is_there() -> None:
    case = Case().fill().at("2027-01-04 08:00")
    assert case.offered("camat")["complete"].needs == ()
    case.at("2027-01-04 08:01")
    assert case.offered("camat")["complete"].needs == ("late_reason",)
    assert case.offered("camat")["complete"].allowed


def test_where_a_return_may_lead_is_told() -> None:
    case = Case({"/steps/5/returns_to": [{"step": 4}, {"step": 3}]}).until(6)
    assert case.offered("tim1")["return"].to_steps == (4, 3)
    assert case.offered("tim1")["complete"].to_steps == ()
    assert case.codes("tim1", "return") == ["return_target_not_allowed"]
    for target, found in ((4, []), (3, []), (5, ["return_target_not_allowed"]), (6, ["return_target_not_allowed"])):
        assert case.codes("tim1", "return", to_step=target) == found


@pytest.mark.parametrize("step", range(1, 8))
@pytest.mark.parametrize("state", ["running", "overdue", "suspended", "filled"])
def test_a_button_is_lit_exactly_when_the_same_request_passes(step: int, state: str) -> None:
    """With the needs filled in, what is offered is taken; what is not is refused for the very reasons that were named."""
    case = Case().until(step)
    if state == "filled":
        case.fill()
    if state == "suspended":
        case.take("camat", "suspend")
    if state == "overdue":
        case.at("2028-06-01 09:00")
    for username in STAFF:
        for action, offered in case.offered(username).items():
            brought = {"reason": "Perlu.", "late_reason": "Banjir.", "team": TEAM, "decision": "yes"}
            body: dict[str, Any] = {name: brought[name] for name in offered.needs}
            body |= {"to_step": offered.to_steps[0]} if offered.to_steps else {}
            body |= {"reason": None} if "reason" not in offered.needs else {}
            found = case.codes(username, action, step=offered.step, **body)
            assert found == [refusal.code for refusal in offered.refusals], (username, action)


def test_guards_name_the_caller_and_the_state_and_needs_the_body() -> None:
    """A need among the guards would darken a button; a guard among the needs would light one that lies."""
    assert GUARDS.keys() == NEEDS.keys() == WHO.keys()
    cases = [Case(), in_state("running"), in_state("suspended"), in_state("completed"), Case().until(7), Case().at("2028-06-01 09:00")]
    for case in cases:
        for username in STAFF:
            for offered in case.offered(username).values():
                assert {WORDINGS[refusal.code].concern for refusal in offered.refusals} <= {"caller", "state"}
