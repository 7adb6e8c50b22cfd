"""Does `actions[]` tell the truth? Each offered action is put to the server as its button would send it."""

from typing import Any

from app.domain.refusals import WORDINGS
from tests.support.course import TEAM
from tests.support.office import Run
from tests.support.replies import refused

BROUGHT: dict[str, Any] = {"reason": "Perlu.", "late_reason": "Banjir.", "team": TEAM, "decision": "yes"}
STATUS = {"caller": 403, "state": 409, "input": 422}


def filled(offered: dict[str, Any]) -> dict[str, Any]:
    """The body that an offered action asks for: its step, its needs, one of its targets."""
    body: dict[str, Any] = {name: BROUGHT[name] for name in offered["needs"]}
    if offered["step"] is not None:
        body["step"] = offered["step"]
    if offered["to_steps"]:
        body["to_step"] = offered["to_steps"][0]
    return body


async def judged(run: Run, username: str) -> dict[str, bool]:
    """Each offered action against the server: allowed ones in a dry run, the others in earnest too."""
    actions = (await run.get(username))["actions"]
    for offered in actions:
        dry = await run.act(username, offered["action"], dry_run=True, **filled(offered))
        if offered["allowed"]:
            assert dry.status_code == 200, (username, offered, dry.text)
            assert dry.json()["transition"]["id"] is None
            continue
        wanted = [refusal["code"] for refusal in offered["refusals"]]
        real = await run.act(username, offered["action"], **filled(offered))
        assert refused(real) == refused(dry) == (STATUS[WORDINGS[wanted[0]].concern], wanted), (username, offered)
    return {offered["action"]: offered["allowed"] for offered in actions}
