"""An office comes under another parent, from a day on: who may say so, and what it changes by itself."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from app.domain.calendars import DayOff, Layer
from app.domain.events import text_hash
from app.usecases.demo import DemoPerson
from tests.support.calendars import add_layer
from tests.support.office import MONDAY, MUARA_JAWA, SAMBOJA, WITA, Office, Run
from tests.support.regencies import KUTAI, NEW, OFFICES, PASER, PROVINCE, get, listed, move, told, two_regencies
from tests.support.statements import sent
from tests.web.test_frame_errors import problem


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with two_regencies(office_url, tmp_path) as office:
        yield office


@pytest.fixture
async def pusat(office: Office) -> httpx.AsyncClient:
    return await office.as_("pusat")


async def test_a_move_is_recorded_and_shown(office: Office, pusat: httpx.AsyncClient) -> None:
    decree = {"number": "PP 12/2027", "date": "2026-12-30"}
    done = await move(pusat, instrument=decree)
    assert (done.status_code, done.headers["location"]) == (201, f"{OFFICES}/{SAMBOJA}")
    kutai, paser = {"code": KUTAI, "name": "Kabupaten Kutai Kartanegara"}, {"code": PASER, "name": "Kabupaten Paser"}
    assert (done.json()["parent"], done.json()["version"]) == (kutai, 2)
    assert done.json()["parents"] == [
        {"parent": kutai, "valid_from": None, "instrument": None},
        {"parent": paser, "valid_from": "2027-07-01", "instrument": decree},
    ]
    assert done.json() == await get(pusat, SAMBOJA)
    (event,) = await told(office, "office.moved")
    assert (event["stream"], event["actor"]["office"], event["data"]) == (
        "office:64.02.13",
        "ID",
        {
            "code": SAMBOJA,
            "from": KUTAI,
            "to": PASER,
            "valid_from": "2027-07-01",
            "instrument_number_sha256": text_hash("PP 12/2027"),
            "instrument_date": "2026-12-30",
        },
    )


async def test_a_move_takes_effect_at_local_midnight_by_itself(office: Office, pusat: httpx.AsyncClient) -> None:
    run = await Run.start(office)
    assert (await move(pusat)).status_code == 201
    midnight = datetime(2027, 7, 1, tzinfo=ZoneInfo("Asia/Makassar"))

    async def seen_by(username: str) -> tuple[list[str], int]:
        client = await office.as_(username)
        return await listed(client), (await client.get(f"/v1/instances/{run.id}")).status_code

    for moment, above, others in ((MONDAY, KUTAI, PASER), (midnight - timedelta(seconds=1), KUTAI, PASER), (midnight, PASER, KUTAI)):
        await office.at(moment)
        assert (await get(await office.as_("camat"), SAMBOJA))["parent"]["code"] == above
        names = {KUTAI: "kutai", PASER: "paser"}
        assert (await seen_by(f"auditor.{names[above]}"))[1] == 200
        assert SAMBOJA in (await seen_by(f"auditor.{names[above]}"))[0]
        assert (await seen_by(f"auditor.{names[others]}"))[1] == 404
        assert SAMBOJA not in (await seen_by(f"auditor.{names[others]}"))[0]
    assert (await get(await office.as_("pusat"), KUTAI))["children"] == 1
    assert await listed(await office.as_("pusat"), parent=PASER) == [SAMBOJA]


async def test_deadlines_follow_the_calendars_of_the_days_that_they_cross(office: Office, pusat: httpx.AsyncClient) -> None:
    """Asked before the move and after it: what stands above on a day does not depend on when it is asked."""
    async with office.database.write() as connection:
        for code, day in ((KUTAI, 30), (PASER, 30), (KUTAI, 1), (PASER, 2)):
            off = DayOff(date(2027, 6 if day == 30 else 7, day), "local", f"{code} {day}")
            await add_layer(connection, code, Layer(days_off=(off,)))
    question = {"office": SAMBOJA, "starts_at": "2027-06-29T15:00:00+08:00", "duration": {"value": 2, "unit": "working_day"}}

    async def answered() -> tuple[str, list[str]]:
        found = (await (await office.as_("camat")).post("/v1/deadlines/calculate", json=question)).json()
        return found["due_at"], [skipped["reason"] for skipped in found["explanation"]["skipped"]]

    assert await answered() == ("2027-07-05T16:00:00+08:00", ["64.02 30", "64.02 1", "Sabtu", "Minggu"])
    assert (await move(pusat)).status_code == 201
    after = ("2027-07-05T16:00:00+08:00", ["64.02 30", "64.01 2", "Sabtu", "Minggu"])
    assert await answered() == after
    await office.at(datetime(2027, 8, 1, tzinfo=WITA))
    assert await answered() == after


async def test_what_lies_below_goes_along(office: Office, pusat: httpx.AsyncClient) -> None:
    assert (await (await office.as_("admin")).post(OFFICES, json=NEW)).status_code == 201
    assert (await move(pusat, day="2027-01-04")).status_code == 201  # today
    assert await listed(await office.as_("auditor.paser")) == [PASER, SAMBOJA, NEW["code"]]
    assert await listed(await office.as_("auditor.kutai")) == [KUTAI, MUARA_JAWA]


async def test_an_office_added_after_a_move_was_decided_goes_along_too(office: Office, pusat: httpx.AsyncClient) -> None:
    assert (await move(pusat)).status_code == 201
    assert (await (await office.as_("admin")).post(OFFICES, json=NEW)).status_code == 201
    assert NEW["code"] in await listed(await office.as_("auditor.kutai"))
    await office.at(datetime(2027, 7, 1, tzinfo=WITA))
    assert NEW["code"] not in await listed(await office.as_("auditor.kutai"))
    assert NEW["code"] in await listed(await office.as_("auditor.paser"))


async def test_a_move_to_come_is_replaced_or_undone_on_its_own_day(office: Office, pusat: httpx.AsyncClient) -> None:
    assert (await move(pusat)).status_code == 201
    replaced = await move(pusat, parent=PROVINCE)
    assert [row["parent"]["code"] for row in replaced.json()["parents"]] == [KUTAI, PROVINCE]
    problem(await move(pusat, parent=KUTAI, day="2027-06-30"), 422, "valid_from_too_early")
    undone = await move(pusat, parent=KUTAI)
    assert [row["parent"]["code"] for row in undone.json()["parents"]] == [KUTAI]
    assert undone.json()["version"] == 4
    assert [(event["data"]["from"], event["data"]["to"]) for event in await told(office, "office.moved")] == [
        (KUTAI, PASER),
        (PASER, PROVINCE),
        (PROVINCE, KUTAI),
    ]
    await office.at(datetime(2027, 7, 2, tzinfo=WITA))
    assert SAMBOJA in await listed(await office.as_("auditor.kutai"))
    assert (await (await office.as_("pusat")).get("/v1/audit/verify")).json()["intact"]


@pytest.mark.parametrize(
    ("place", "status", "refusal"),
    [
        ((SAMBOJA, "99", "2027-07-01"), 404, "not_found"),
        ((SAMBOJA, KUTAI, "2027-07-01"), 409, "already_its_parent"),
        (("ID", KUTAI, "2027-07-01"), 409, "national_office_stays"),
        ((SAMBOJA, SAMBOJA, "2027-07-01"), 422, "office_cycle"),
        ((KUTAI, SAMBOJA, "2027-07-01"), 422, "office_cycle"),
        ((PROVINCE, SAMBOJA, "2027-07-01"), 422, "office_cycle"),
        ((SAMBOJA, PASER, "2027-01-03"), 422, "valid_from_too_early"),
        ((SAMBOJA, PASER, "1900-01-01"), 422, "valid_from_too_early"),
        ((SAMBOJA, PASER, "0001-01-01"), 422, "invalid_request"),
        ((SAMBOJA, PASER, "9999-12-31"), 422, "invalid_request"),
        ((SAMBOJA, PASER, "2027-02-30"), 422, "invalid_request"),
        ((SAMBOJA, PASER, "besok"), 422, "invalid_request"),
        ((SAMBOJA, "", "2027-07-01"), 404, "not_found"),
    ],
)
async def test_what_speaks_against_a_move(pusat: httpx.AsyncClient, place: tuple[str, str, str], status: int, refusal: str) -> None:
    code, parent, day = place
    problem(await move(pusat, code, parent, day), status, refusal)
    assert (await get(pusat, code))["version"] == 1


async def test_dates_that_no_calendar_holds_are_refused_everywhere(pusat: httpx.AsyncClient) -> None:
    problem(await move(pusat, day="8999-12-31"), 422, "valid_from_too_late")
    for day in ("9999-12-31", "0001-01-01"):
        problem(await move(pusat, instrument={"number": "1", "date": day}), 422, "invalid_request")
    assert (await move(pusat, day="2036-12-31", instrument={"number": "1", "date": "1900-01-01"})).status_code == 201


async def test_a_circle_to_come_is_seen(pusat: httpx.AsyncClient) -> None:
    assert (await move(pusat, PASER, KUTAI, "2028-01-01")).status_code == 201
    problem(await move(pusat, KUTAI, PASER, "2027-07-01"), 422, "office_cycle")
    assert (await move(pusat, PASER, PROVINCE, "2028-01-01")).status_code == 201
    assert (await move(pusat, KUTAI, PASER, "2027-07-01")).status_code == 201


async def test_a_move_takes_admin_over_the_office_and_both_parents(office: Office) -> None:
    def missing(answer: httpx.Response) -> list[str]:
        refusals: Any = problem(answer, 403, "permission_missing")["refusals"]
        return [refusal["message"].rpartition(" ")[2] for refusal in refusals]

    assert missing(await move(await office.as_("auditor"), parent=SAMBOJA)) == [f"{SAMBOJA}.", f"{KUTAI}.", "sendiri."]
    assert missing(await move(await office.as_("admin"), parent=SAMBOJA)) == [f"{KUTAI}.", "sendiri."]
    for username in ("admin.kutai", "auditor.kutai", "admin.paser", "camat.muarajawa"):
        problem(await move(await office.as_(username)), 404, "not_found")
    await office.enrol(DemoPerson("kaltim", "Auditor Kaltim", ("auditor",), PROVINCE))
    assert missing(await move(await office.as_("kaltim"))) == [f"{SAMBOJA}.", f"{KUTAI}.", f"{PASER}."]


async def test_who_may_not_decide_on_a_move_may_not_undo_it_either(office: Office, pusat: httpx.AsyncClient) -> None:
    """Kutai would keep what the nation gave to Paser."""
    assert (await move(pusat)).status_code == 201
    answer = await move(await office.as_("admin.kutai"), parent=KUTAI)
    refusals: Any = problem(answer, 403, "permission_missing")["refusals"]
    assert [refusal["message"] for refusal in refusals] == [f"Perlu izin admin di kantor {PASER}."]


async def test_a_move_is_guarded_by_version_and_key(pusat: httpx.AsyncClient) -> None:
    read = (await pusat.get(f"{OFFICES}/{SAMBOJA}")).headers["etag"]
    first, again = [await move(pusat, headers={"Idempotency-Key": "pindah", "If-Match": read}) for _ in range(2)]
    assert (first.status_code, again.status_code, again.headers["idempotency-replayed"]) == (201, 201, "true")
    assert first.content == again.content
    problem(await move(pusat, parent=PROVINCE, headers={"If-Match": read}), 412, "precondition_failed")
    problem(await move(pusat, parent=PROVINCE, headers={"Idempotency-Key": "pindah"}), 422, "idempotency_key_reused")


async def test_an_unseen_office_is_not_found_whatever_else_is_wrong(office: Office) -> None:
    neighbour = await office.as_("camat.muarajawa")
    for body in ({}, {"parent": 5}, []):
        problem(await neighbour.post(f"{OFFICES}/{SAMBOJA}/parents", json=body), 404, "not_found")
        problem(await neighbour.patch(f"{OFFICES}/{SAMBOJA}", json=body), 404, "not_found")
    camat = await office.as_("camat")
    problem(await camat.post(f"{OFFICES}/{SAMBOJA}/parents", json={}), 422, "invalid_request")


async def test_a_move_takes_as_many_statements_however_many_lie_below(office: Office, pusat: httpx.AsyncClient) -> None:
    counts = []
    for day, parent, children in (("2027-02-01", PASER, 0), ("2027-03-01", KUTAI, 12)):
        for number in range(children):
            assert (await pusat.post(OFFICES, json=NEW | {"code": f"{SAMBOJA}.{number}"})).status_code == 201
        with sent(office.database) as statements:
            assert (await move(pusat, parent=parent, day=day)).status_code == 201
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 22
