"""Eight sign-offs at the same moment: the step completes exactly once, and nobody is told anything but the truth."""

from collections import Counter

import httpx

from tests.support.evidence import faults, replay
from tests.support.office import Office, Run
from tests.support.prepared import prepared
from tests.support.together import all_equal, outcomes, replays, together

INSTANCES = 60
CLEAN = {"already_signed_off", "wrong_step", "concurrent_change"}


async def complete(run: Run, username: str, step: int, key: str | None = None) -> httpx.Response:
    return await run.act(username, "complete", headers=None if key is None else {"Idempotency-Key": key}, step=step)


async def completions(office: Office, runs: list[Run], step: int) -> list[int]:
    """Per instance, how often its log completed that step."""
    told = await replay(office.database, runs)
    return [sum(number == step for number, _ in told[run.id].completed) for run in runs]


async def test_of_eight_who_complete_one_step_exactly_one_does(office: Office) -> None:
    runs = await prepared(office, INSTANCES, step=1)
    await office.as_("camat")
    seen: Counter[tuple[int, str]] = Counter()
    for run in runs:
        answers = await together(*(complete(run, "camat", 1) for _ in range(8)))
        assert sum(answer.status_code == 201 for answer in answers) == 1
        seen += outcomes(answers)
    assert seen[201, ""] == INSTANCES
    assert {(status, code) for status, code in seen if status != 201} <= {(409, code) for code in CLEAN}
    assert await completions(office, runs, 1) == [1] * INSTANCES
    assert await faults(office, runs) == []
    assert {(await run.get())["version"] for run in runs[:5]} == {4}  # start, two uploads, one sign-off


async def test_two_performers_who_sign_at_once_complete_the_step_together(office: Office) -> None:
    """Four calls each; the team's four come from two members. The waiter who sees old sign-offs would leave the step stuck."""
    runs = await prepared(office, INSTANCES, step=4)
    for username in ("sekretaris", "tim1", "tim2"):
        await office.as_(username)
    for number, run in enumerate(runs):
        names = ["sekretaris"] * 4 + ["tim1", "tim1", "tim2", "tim2"]
        names = names if number % 2 else names[::-1]
        answers = await together(*(complete(run, name, 4) for name in names))
        seen = outcomes(answers)
        assert seen[201, ""] == 2, seen
        assert {(status, code) for status, code in seen if status != 201} <= {(409, code) for code in CLEAN}
        assert sum(a.status_code == 201 for a, name in zip(answers, names, strict=True) if name == "sekretaris") == 1
    assert await completions(office, runs, 4) == [1] * INSTANCES
    assert await faults(office, runs) == []
    assert {(await run.get())["current_step"] for run in runs[:10]} == {5}


async def test_eight_with_one_key_are_one_act_and_eight_equal_answers(office: Office) -> None:
    runs = await prepared(office, INSTANCES, step=1)
    await office.as_("camat")
    for run in runs:
        answers = await together(*(complete(run, "camat", 1, f"once {run.id}") for _ in range(8)))
        assert outcomes(answers) == {(201, ""): 8}
        assert all_equal(answers)
        assert replays(answers) == 7
    assert await completions(office, runs, 1) == [1] * INSTANCES
    assert await faults(office, runs) == []


async def test_two_performers_with_a_key_each_get_their_own_answer_four_times(office: Office) -> None:
    runs = await prepared(office, INSTANCES, step=4)
    for username in ("sekretaris", "tim1"):
        await office.as_(username)
    for run in runs:
        answers = await together(*(complete(run, name, 4, f"once {run.id}") for name in ("sekretaris", "tim1") * 4))
        assert outcomes(answers) == {(201, ""): 8}
        for own in (answers[::2], answers[1::2]):
            assert all_equal(own)
            assert replays(own) == 3
    assert await completions(office, runs, 4) == [1] * INSTANCES
    assert await faults(office, runs) == []


async def test_one_key_on_eight_instances_acts_on_one_of_them(office: Office) -> None:
    """The key is the caller's, whatever it is sent to: here it names eight different requests."""
    runs = await prepared(office, 8 * 8, step=1)
    await office.as_("camat")
    for first in range(0, len(runs), 8):
        answers = await together(*(complete(run, "camat", 1, f"shared {first}") for run in runs[first : first + 8]))
        assert outcomes(answers) == {(201, ""): 1, (422, "idempotency_key_reused"): 7}
    assert sum(await completions(office, runs, 1)) == 8
    assert await faults(office, runs) == []
