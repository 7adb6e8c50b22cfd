"""`actions[]` over HTTP: what is offered succeeds, what is not is refused for the reasons named, for everyone at every step."""

from typing import Any

import httpx
import pytest

from tests.support.buttons import judged
from tests.support.calendars import at
from tests.support.office import TEAM, Office, Run
from tests.support.replies import codes, made, refused
from tests.support.shared_office import fresh, nothing_saved

PEOPLE = ("camat", "sekretaris", "tim1", "tim2", "tim3", "staf", "admin", "auditor")


async def all_judged(run: Run) -> dict[str, set[str]]:
    """Per person the actions that are allowed; nothing was saved by asking."""
    for username in PEOPLE:
        await run.office.as_(username)
    async with nothing_saved(run.office):
        found = {username: await judged(run, username) for username in PEOPLE}
    return {username: {action for action, allowed in actions.items() if allowed} for username, actions in found.items()}


CONTROL = {"suspend", "cancel"}
FORMER = CONTROL | {"change_team"}
TURN = {"complete", "claim"}
BACK = TURN | {"return"}
ALLOWED: dict[int, dict[str, set[str]]] = {
    1: {"camat": CONTROL | TURN, "sekretaris": CONTROL},
    2: {"camat": CONTROL, "sekretaris": CONTROL | TURN},
    3: {"camat": CONTROL, "sekretaris": FORMER, "tim1": TURN, "tim2": TURN},
    4: {"camat": CONTROL, "sekretaris": FORMER | TURN, "tim1": TURN, "tim2": TURN},
    5: {"camat": CONTROL | BACK, "sekretaris": FORMER},
    6: {"camat": CONTROL, "sekretaris": FORMER | BACK, "tim1": BACK, "tim2": BACK},
    7: {"camat": CONTROL, "sekretaris": FORMER, "staf": BACK},
}


@pytest.mark.parametrize("step", ALLOWED)
async def test_at_each_step_everyones_buttons_tell_the_truth(office: Office, step: int) -> None:
    run = await fresh(office, at_step=step)
    gated = set() if step == 2 else {"complete"}  # nothing is filled yet
    wanted = {username: ALLOWED[step].get(username, set()) for username in PEOPLE}
    assert await all_judged(run) == {username: allowed - gated for username, allowed in wanted.items()}
    await run.fill(step)
    assert await all_judged(run) == wanted


async def test_after_one_of_two_has_signed(office: Office) -> None:
    run = await fresh(office, at_step=4)
    await run.fill(4)
    made(await run.act("tim1", "complete", step=4))
    found = await all_judged(run)
    assert (found["tim1"], found["tim2"], found["sekretaris"]) == (set(), set(), FORMER | TURN)


async def test_while_a_part_is_claimed(office: Office) -> None:
    run = await fresh(office, at_step=4)
    await run.fill(4)
    made(await run.act("tim1", "claim", step=4))
    found = await all_judged(run)
    assert (found["tim1"], found["tim2"]) == ({"complete", "release"}, set())
    assert found["camat"] == CONTROL | {"release"}


async def test_while_suspended_only_resume_and_cancel_are_left(office: Office) -> None:
    run = await fresh(office, at_step=6)
    made(await run.act("sekretaris", "suspend", reason="Banjir."))
    found = await all_judged(run)
    assert found == {name: {"resume", "cancel"} if name in {"camat", "sekretaris"} else set() for name in PEOPLE}


@pytest.mark.parametrize("step", [1, 2, 4, 5])
async def test_while_overdue(own_office: Office, step: int) -> None:
    run = await (await Run.start(own_office)).until(step)
    await run.fill(step)
    await own_office.at(at("2027-03-01 09:00"))
    wanted = {username: ALLOWED[step].get(username, set()) for username in PEOPLE}
    assert await all_judged(run) == wanted
    performer = next(name for name, allowed in wanted.items() if "complete" in allowed)
    offered = {action["action"]: action["needs"] for action in (await run.get(performer))["actions"]}
    assert "late_reason" in offered["complete"]
    assert "late_reason" not in [need for action, needs in offered.items() if action != "complete" for need in needs]


@pytest.mark.parametrize("ending", ["cancelled", "completed"])
async def test_once_it_is_closed_nothing_is_offered_and_nothing_is_taken(office: Office, ending: str) -> None:
    run = await fresh(office, at_step=8 if ending == "completed" else 2)
    if ending == "cancelled":
        made(await run.act("camat", "cancel", reason="Salah periode."))
    assert {username: (await run.get(username))["actions"] for username in PEOPLE} == {username: [] for username in PEOPLE}
    assert refused(await run.act("sekretaris", "complete", step=2, team=TEAM)) == (409, ["instance_closed"])
    assert refused(await run.act("tim3", "complete", step=2, team=TEAM)) == (403, ["not_a_performer", "instance_closed"])
    for action in ("suspend", "resume", "cancel"):
        assert refused(await run.act("camat", action, **({} if action == "resume" else {"reason": "Perlu."}))) == (409, ["instance_closed"])
    assert refused(await run.upload("camat", "draf_tim")) == (409, ["instance_closed"])


# ── the dry run ─────────────────────────────────────────────────────────────────────────────────────────────────────


def without_moments(taken: dict[str, Any]) -> dict[str, Any]:
    return taken | {"transition": taken["transition"] | {"id": None}}


async def test_a_dry_run_says_what_will_happen_and_saves_nothing(office: Office) -> None:
    run = await fresh(office, at_step=2)
    await office.as_("sekretaris")
    before = await run.get()
    async with nothing_saved(office):
        dry = made(await run.act("sekretaris", "complete", step=2, team=TEAM, comment="Coba.", dry_run=True), 200)
    assert await run.get() == before
    real = made(await run.act("sekretaris", "complete", step=2, team=TEAM, comment="Coba."))
    assert real["transition"]["id"] is not None
    assert without_moments(real) == without_moments(dry)


@pytest.mark.parametrize(
    ("username", "body", "found"),
    [
        ("sekretaris", {"action": "complete", "step": 2}, (422, ["team_missing"])),
        ("camat", {"action": "complete", "step": 2}, (403, ["not_a_performer", "team_missing"])),
        ("sekretaris", {"action": "complete", "step": 3}, (403, ["not_a_performer", "wrong_step"])),
        ("sekretaris", {"action": "complete", "step": 99}, (422, ["unknown_step"])),
        ("camat", {"action": "suspend"}, (422, ["reason_missing"])),
        ("camat", {"action": "complete"}, (422, ["invalid_request"])),
        ("camat", {"action": "complete", "step": 2, "extra": 1}, (422, ["invalid_request"])),
    ],
)
async def test_a_dry_run_is_refused_exactly_as_the_real_call(
    office: Office, username: str, body: dict[str, Any], found: tuple[int, list[str]]
) -> None:
    run = await fresh(office, at_step=2)
    client = await office.as_(username)
    answers: list[httpx.Response] = [
        await client.post(f"/v1/instances/{run.id}/transitions", json=body, params=params) for params in ({}, {"dry_run": "true"})
    ]
    assert [refused(answer) for answer in answers] == [found, found]
    shown = [answer.json() | {"request_id": None} for answer in answers]
    assert shown[0] == shown[1]


async def test_a_dry_run_neither_keeps_nor_uses_an_idempotency_key(office: Office) -> None:
    run = await fresh(office, at_step=2)
    headers = {"Idempotency-Key": "kunci-1"}
    made(await run.act("sekretaris", "complete", step=2, team=TEAM, dry_run=True, headers=headers), 200)
    made(await run.act("sekretaris", "complete", step=2, team=TEAM, headers=headers))
    assert codes(await run.act("sekretaris", "complete", step=2, team=TEAM, dry_run=True, headers=headers)) == ["wrong_step"]


async def test_refusals_are_told_in_the_callers_language(office: Office) -> None:
    run = await fresh(office)
    client = await office.as_("staf")
    messages = []
    for language in ("id", "en"):
        shown = (await client.get(f"/v1/instances/{run.id}", headers={"Accept-Language": language})).json()
        messages.append(shown["actions"][0]["refusals"][0]["message"])
    assert messages == ["Langkah 1 dikerjakan oleh Camat.", "Step 1 is performed by Camat."]
