"""A Plh. Camat for three days: there when the first begins at the office, gone when the last is over, and named so in all that was done."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.usecases.demo import DemoPerson
from tests.support.administering import LETTER, PLH, account, given, to_account
from tests.support.office import SAMBOJA, WITA, Office, Run, open_office
from tests.support.replies import made, refused

FIRST, LAST = datetime(2027, 1, 5, 0, 0, tzinfo=WITA), datetime(2027, 1, 7, 23, 59, 59, tzinfo=WITA)
SECOND = timedelta(seconds=1)
CAMAT, PLH_NAME = "Wiraja Tanumaheswara", "Kirana Wibawamukti"
PASSWORD = "perahu layar di kuala"


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_url, tmp_path, ALUR_SECOND_FACTOR_ROLES="none") as opened:
        yield opened


@pytest.fixture
async def with_plh(office: Office) -> Office:
    """`plh` is an employee, and Plh. Camat on three days; the token names both, as after a refresh."""
    await office.enrol(DemoPerson("plh", "Kirana Wibawamukti", ("camat", "pegawai")), valid_from=date(2027, 1, 4), capacity="pj")
    (pj,) = [found for found in await positions(office) if found["role"] == "camat"]
    made(await (await office.as_("admin")).post(f"/v1/assignments/{pj['id']}/revoke", json={}), 200)
    await given(office, "plh", **PLH)
    return office


async def positions(office: Office) -> list[dict[str, Any]]:
    params = {"account": str(office.accounts["plh"])}
    found: list[dict[str, Any]] = made(await (await office.as_("admin")).get("/v1/assignments", params=params), 200)["items"]
    return found


async def allowed(office: Office, run: Run, moment: datetime) -> bool:
    """Whether the button for step 1 is there for the Plh at that moment."""
    await office.at(moment)
    actions = (await run.get("plh"))["actions"]
    return any(action["action"] == "suspend" and action["allowed"] for action in actions)


async def test_the_authority_begins_and_ends_with_the_office_s_own_days(with_plh: Office) -> None:
    run = await Run.start(with_plh)
    moments = (FIRST - SECOND, FIRST, LAST, LAST + SECOND)
    assert [await allowed(with_plh, run, moment) for moment in moments] == [False, True, True, False]
    assert refused(await run.act("plh", "suspend", reason="x"))[0] == 403


async def test_waiting_for_names_the_stand_in_on_these_days_alone(with_plh: Office) -> None:
    run = await Run.start(with_plh)
    named = []
    for moment in (FIRST - SECOND, FIRST, LAST, LAST + SECOND):
        await with_plh.at(moment)
        named.append((await run.get("sekretaris"))["waiting_for"][0]["people"])
    assert named == [[CAMAT], [PLH_NAME, CAMAT], [PLH_NAME, CAMAT], [CAMAT]]


async def test_all_that_was_done_bears_the_capacity(with_plh: Office) -> None:
    """Completed, uploaded, commented and signed as Plh. Camat: in transitions, the timeline, the feed's events and the marks."""
    office = with_plh
    await office.at(FIRST + timedelta(hours=8))
    run = await Run.start(office)
    for slot in ("struktur_organisasi", "draf_tim"):
        uploaded = made(await run.upload("plh", slot))
        assert uploaded["uploaded_by"]["label"] == "Plh. Camat"
    taken = made(await run.act("plh", "complete", step=1, comment="Atas nama Camat"))
    who = {"name": PLH_NAME, "role": "camat", "capacity": "plh", "label": "Plh. Camat", "office": SAMBOJA}
    assert who.items() <= taken["transition"]["actor"].items()
    (sign_off,) = taken["instance"]["steps"][0]["performers"][0]["sign_offs"]
    assert (sign_off["name"], sign_off["label"]) == (PLH_NAME, "Plh. Camat")
    for step in (2, 3, 4):
        await run.take(step)
    made(await run.upload("plh", "konsep_laporan_diperiksa"))
    made(await run.act("plh", "complete", step=5))
    await run.take(6)
    made(await run.upload("staf", "laporan_ditandatangani"))
    mark = made(await run.mark("plh", "laporan_ditandatangani", "signatures"))
    assert (mark["actor"]["label"], mark["actor"]["capacity"]) == ("Plh. Camat", "plh")
    made(await run.mark("sekretaris", "laporan_final", "initials"))
    ended = made(await run.act("staf", "complete", step=7))
    assert ended["instance"]["state"] == "completed"
    await office.at(LAST + timedelta(days=30))
    auditor = await office.as_("auditor")
    timeline = made(await auditor.get(f"/v1/instances/{run.id}/events", params={"limit": 200}), 200)["items"]
    told = {(event["type"], event["actor"]["label"]) for event in timeline if event["actor"]["name"] == PLH_NAME}
    assert {label for _, label in told} == {"Plh. Camat"}
    assert {"document.uploaded", "step.signed_off", "document.signed"} <= {kind for kind, _ in told}
    transitions = made(await auditor.get(f"/v1/instances/{run.id}/transitions"), 200)["items"]
    assert {t["actor"]["label"] for t in transitions if t["actor"]["name"] == PLH_NAME} == {"Plh. Camat"}
    assert made(await auditor.get("/v1/audit/verify"), 200)["intact"]


async def test_from_a_new_account_to_a_position_that_comes_and_goes(office: Office) -> None:
    """As administrators do it with curl: account, secret, password, sign in; a Plh given meanwhile comes with the refresh."""
    await account(office, "ratna")
    await given(office, "ratna", role="pegawai", valid_from="2027-01-04")
    secret = made(await to_account(office, "ratna", "password-reset"), 200)
    async with office.client() as client:
        body = {"username": "ratna", "one_time_secret": secret["one_time_secret"], "new_password": PASSWORD}
        assert (await client.post("/v1/auth/password-resets", json=body)).status_code == 204
        assert (await client.post("/v1/auth/password-resets", json=body)).status_code == 401
        session = made(await client.post("/v1/auth/sessions", json={"username": "ratna", "password": PASSWORD}))
        assert await labels(client, session) == ["Pegawai"]
        await given(office, "ratna", **PLH | {"valid_from": "2027-01-04", "valid_to": "2027-01-04"}, instrument=LETTER)
        assert await labels(client, session) == ["Pegawai"]
        session = made(await client.post("/v1/auth/sessions/refresh", json={"refresh_token": session["refresh_token"]}), 200)
        assert await labels(client, session) == ["Plh. Camat", "Pegawai"]
        assert (await to_account(office, "ratna", "sessions", method="DELETE")).status_code == 204
        assert (await client.get("/v1/me", headers=bearer(session))).status_code == 401


def bearer(session: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}"}


async def labels(client: httpx.AsyncClient, session: dict[str, Any]) -> list[str]:
    return [position["label"] for position in made(await client.get("/v1/me", headers=bearer(session)), 200)["positions"]]
