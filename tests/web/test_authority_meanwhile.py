"""Authority that ends while a request is under way, and clocks that disagree."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.forms import FORM, feed
from tests.support.office import Office, Run, open_office


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_url, tmp_path) as opened:
        yield opened


async def revoke(office: Office, username: str) -> None:
    async with office.database.write() as connection:
        condition = "account_id = (SELECT id FROM account WHERE username = :name)"
        await connection.execute(text(f"UPDATE assignment SET revoked_at = created_at WHERE {condition}"), {"name": username})


async def test_a_role_lost_while_bytes_come_in_fills_no_slot(office: Office) -> None:
    run = await Run.start(office)
    body = feed("draf_tim", size=50_000, midway=lambda: revoke(office, "camat"))
    answer = await (await office.as_("camat")).post(f"/v1/instances/{run.id}/documents", content=body, headers=FORM)
    assert answer.status_code == 404
    assert (await run.get("sekretaris"))["steps"][0]["outputs"][0]["document_id"] is None


async def test_a_session_ended_while_bytes_come_in_fills_no_slot(office: Office) -> None:
    run, camat = await Run.start(office), await office.as_("camat")
    body = feed("draf_tim", size=50_000, midway=lambda: camat.delete("/v1/auth/sessions/current"))
    answer = await camat.post(f"/v1/instances/{run.id}/documents", content=body, headers=FORM)
    assert answer.status_code == 401
    assert (await run.get("sekretaris"))["steps"][0]["outputs"][0]["document_id"] is None


async def test_an_upload_bears_the_time_at_which_it_was_decided_though_the_token_ran_out_meanwhile(office: Office) -> None:
    run, camat = await Run.start(office), await office.as_("camat")

    async def an_hour_passes() -> None:
        office.clock.forward(hours=1)

    body = feed("draf_tim", size=50_000, midway=an_hour_passes)
    answer = await camat.post(f"/v1/instances/{run.id}/documents", content=body, headers=FORM)
    assert answer.status_code == 201
    assert answer.json()["uploaded_at"] == office.clock.now.isoformat()


@pytest.mark.parametrize("behind", [timedelta(milliseconds=1), timedelta(seconds=5)])
async def test_an_instance_suspended_by_a_clock_ahead_of_ours_is_shown_and_resumed(office: Office, behind: timedelta) -> None:
    run = await Run.start(office)
    assert (await run.act("camat", "suspend", reason="Banjir")).status_code == 201
    await office.at(office.clock.now - behind)
    assert (await run.get())["state"] == "suspended"
    assert (await (await office.as_("camat")).get(f"/v1/instances/{run.id}/deadlines")).status_code == 200
    assert (await run.act("camat", "resume")).status_code == 201
    assert (await run.act("camat", "suspend", reason="Banjir lagi")).status_code == 201


async def test_the_longest_title_of_a_procedure_leaves_room_for_the_period(office: Office) -> None:
    async with office.database.write() as connection:
        await connection.execute(
            text(
                "UPDATE procedure SET definition = replace(CAST(definition AS text), :old, :new)"
                if not office.database.is_postgres
                else "UPDATE procedure SET definition = CAST(replace(CAST(definition AS text), :old, :new) AS json)"
            ),
            {"old": '"title": "Pengumpulan Data Kinerja"', "new": f'"title": "{"P" * 280}"'},
        )
    body = {"procedure": "pengumpulan-data-kinerja", "office": "64.02.13", "period": {"year": 2026, "quarter": 1}}
    answer = await (await office.as_("camat")).post("/v1/instances", json=body)
    assert answer.status_code == 201
    assert answer.json()["title"].endswith("2026-Q1")
