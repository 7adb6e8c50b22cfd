"""Buttons of a document: what `actions` says to a caller is what its POST then does."""

from typing import Any

import pytest
from httpx import Response

from tests.support.contract import check_answer
from tests.support.office import Office, Run
from tests.support.shared_office import fresh

REPORT, SIGNED = "laporan_final", "laporan_ditandatangani"
PATHS = {"initial": "initials", "sign": "signatures"}


async def shown(office: Office, username: str, document: str, **headers: str) -> Any:
    answer = await (await office.as_(username)).get(f"/v1/documents/{document}", headers=headers)
    check_answer("getDocument", answer)
    return answer.json()


async def pressed(office: Office, run: Run, username: str, document: dict[str, Any], action: dict[str, Any]) -> Response:
    if action["action"] == "upload":
        return await run.upload(username, document["slot"])
    path = f"/v1/documents/{document['id']}/versions/{document['versions'][-1]['version']}/{PATHS[action['action']]}"
    return await (await office.as_(username)).post(path, json={"kind": action["kind"]})


@pytest.mark.parametrize("username", ["camat", "sekretaris", "staf", "tim1", "auditor"])
@pytest.mark.parametrize("slot", [REPORT, SIGNED])
async def test_a_button_never_lies(office: Office, username: str, slot: str) -> None:
    run = await fresh(office, at_step=7)
    scan = (await run.upload("staf", SIGNED)).json()["id"]
    listed = (await (await office.as_(username)).get(f"/v1/instances/{run.id}/documents")).json()["items"]
    document = next(d for d in listed if d["slot"] == slot)
    assert slot == REPORT or document["id"] == scan
    assert document == await shown(office, username, document["id"])
    assert {action["action"] for action in document["actions"]} == {"upload", "initial" if slot == REPORT else "sign"}
    for action in document["actions"]:
        if action["allowed"] and action["kind"] in {"coordination", "electronic"}:
            continue  # one mark is enough; and this PDF carries no signature
        answer = await pressed(office, run, username, document, action)
        assert (answer.status_code == 201) == action["allowed"], answer.text
        if not action["allowed"]:
            told, refused = ([r["code"] for r in refusals] for refusals in (action["refusals"], answer.json()["refusals"]))
            assert told[: len(refused) if action["action"] == "upload" else None] == refused  # a stranger's bytes are not waited for
        elif action["action"] == "upload":
            document = await shown(office, username, document["id"])


async def test_reasons_are_in_the_callers_language_and_the_etag_is_the_callers_own(office: Office) -> None:
    run = await fresh(office, at_step=7)
    scan = (await run.upload("staf", SIGNED)).json()["id"]
    english = (await shown(office, "staf", scan, **{"Accept-Language": "en"}))["actions"][-1]["refusals"]
    indonesian = (await shown(office, "staf", scan))["actions"][-1]["refusals"]
    assert [r["code"] for r in english] == [r["code"] for r in indonesian] == ["may_not_mark", "signer_is_uploader"]
    assert english[0]["message"] != indonesian[0]["message"]
    tags = {(await (await office.as_(who)).get(f"/v1/documents/{scan}")).headers["ETag"] for who in ("staf", "camat")}
    assert len(tags) == 2
