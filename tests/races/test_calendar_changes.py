"""Administrators who change calendars at once, at one office and along the tree, beside moves and other acts: no row is lost."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.store.offices import OFFICE
from app.store.tables import DayOffRow, EventRow, table
from app.usecases.audit import verify
from app.usecases.demo import DemoPerson
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.together import after, outcomes, replays, together

ROUNDS = 12
KUTAI, PASER, ROOT = "64.02", "64.01", "ID"
DAY_OFF, EVENT = table(DayOffRow), table(EventRow)
FIRST = date(2099, 1, 1)


@pytest.fixture
async def pusat(office: Office) -> httpx.AsyncClient:
    await office.enrol(DemoPerson("pusat", "Admin Pusat", ("admin",), ROOT))
    client = await office.as_("pusat")
    paser = {"code": PASER, "name": "Kabupaten Paser", "parent": "64", "time_zone": "Asia/Makassar"}
    assert (await client.post("/v1/offices", json=paser)).status_code == 201
    return client


def day(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


async def close(client: httpx.AsyncClient, code: str, number: int, **headers: str) -> httpx.Response:
    body = {"date": day(number), "kind": "local", "name": f"Tutup {number}"}
    return await client.post(f"/v1/calendars/{code}/days-off", json=body, headers=headers)


async def etag(client: httpx.AsyncClient, code: str) -> str:
    found: str = (await client.get(f"/v1/calendars/{code}")).headers["etag"]
    return found


async def versions(office: Office, *codes: str) -> list[int]:
    async with office.database.read() as connection:
        found = {row.code: row.calendar_version for row in await connection.execute(select(OFFICE.c.code, OFFICE.c.calendar_version))}
    return [found[code] for code in codes]


async def closed(office: Office, code: str) -> list[str]:
    async with office.database.read() as connection:
        rows = await connection.execute(select(DAY_OFF.c.day).where(DAY_OFF.c.office_code == code, DAY_OFF.c.kind == "local").order_by(DAY_OFF.c.day))
        return [row.day.isoformat() for row in rows]


async def told(office: Office) -> int:
    async with office.database.read() as connection:
        return len((await connection.execute(select(EVENT.c.id).where(EVENT.c.type == "calendar.changed"))).all())


async def wrong(office: Office) -> list[str]:
    """What a verification of the log finds, and offices whose calendar names no event as its last change."""
    async with office.database.read() as connection:
        changed = select(OFFICE.c.code).where(OFFICE.c.calendar_changed_by.is_not(None), OFFICE.c.calendar_changed_by.not_in(select(EVENT.c.id)))
        lost = list((await connection.execute(changed)).scalars())
    return [*lost, *(broken.code for broken in (await verify(office.database, None)).broken)]


async def test_many_who_change_one_calendar_all_have_their_row(office: Office, pusat: httpx.AsyncClient) -> None:
    (before,), events = await versions(office, SAMBOJA), await told(office)
    admin = await office.as_("admin")
    answers = await together(*(close((pusat, admin)[number % 2], SAMBOJA, number) for number in range(ROUNDS)))
    assert outcomes(answers) == {(201, ""): ROUNDS}
    assert sorted(answer.json()["version"] for answer in answers) == list(range(before + 1, before + ROUNDS + 1))
    assert await closed(office, SAMBOJA) == [day(number) for number in range(ROUNDS)]
    assert (await versions(office, SAMBOJA), await told(office)) == ([before + ROUNDS], events + ROUNDS)
    assert await wrong(office) == []


async def test_one_of_many_who_take_a_day_has_it(office: Office, pusat: httpx.AsyncClient) -> None:
    (before,) = await versions(office, SAMBOJA)
    answers = await together(*(close(pusat, SAMBOJA, 1) for _ in range(8)))
    assert outcomes(answers) == {(201, ""): 1, (422, "invalid_request"): 7}
    assert await versions(office, SAMBOJA) == [before + 1]
    assert await wrong(office) == []


async def test_the_same_key_changes_a_calendar_once(office: Office, pusat: httpx.AsyncClient) -> None:
    answers = await together(*(close(pusat, SAMBOJA, 1, **{"Idempotency-Key": "tutup"}) for _ in range(8)))
    assert outcomes(answers) == {(201, ""): 8}
    assert (replays(answers), len({answer.content for answer in answers})) == (7, 1)
    assert await wrong(office) == []


async def test_who_decided_on_one_version_comes_first_or_not_at_all(office: Office, pusat: httpx.AsyncClient) -> None:
    """Also where it was an office above that changed: what was read is not what holds any more."""
    row = (await close(pusat, SAMBOJA, 1)).json()["added"]["days_off"][0]["id"]
    for number in range(ROUNDS):
        read = {"If-Match": await etag(pusat, SAMBOJA)}
        path = f"/v1/calendars/{SAMBOJA}/days-off/{row}"
        answers = await together(*(pusat.patch(path, json={"name": f"Tutup {number} {letter}"}, headers=read) for letter in "abcd"))
        assert outcomes(answers) == {(200, ""): 1, (412, "precondition_failed"): 3}
        read = {"If-Match": await etag(pusat, SAMBOJA)}
        above, below = await together(close(pusat, KUTAI, number), pusat.patch(path, json={"name": f"Tutup {number}"}, headers=read))
        assert above.status_code == 201
        assert below.status_code in {200, 412}
    assert await wrong(office) == []


async def test_calendars_along_the_tree_change_at_once(office: Office, pusat: httpx.AsyncClient) -> None:
    """Each writes the versions of all offices below it, in whatever order the database finds them."""
    codes = (SAMBOJA, KUTAI, ROOT, MUARA_JAWA)
    before = await versions(office, *codes)
    for number in range(ROUNDS):
        calls = [after(0.001 * (number % 3), close(pusat, code, number)) for code in (codes if number % 2 else reversed(codes))]
        assert outcomes(await together(*calls)) == {(201, ""): 4}
    expected = {SAMBOJA: 3, KUTAI: 2, ROOT: 1, MUARA_JAWA: 3}
    assert await versions(office, *codes) == [was + ROUNDS * expected[code] for code, was in zip(codes, before, strict=True)]
    for code in codes:
        assert await closed(office, code) == [day(number) for number in range(ROUNDS)]
    assert await wrong(office) == []


async def move(client: httpx.AsyncClient, parent: str, number: int) -> httpx.Response:
    return await client.post(f"/v1/offices/{SAMBOJA}/parents", json={"parent": parent, "valid_from": f"2027-07-{number + 1:02}"})


async def test_a_calendar_changes_while_offices_move_and_are_added(office: Office, pusat: httpx.AsyncClient) -> None:
    """Whoever stands below the office afterwards has the version that the change made, or one later."""
    for number in range(ROUNDS):
        parent, was = (PASER, KUTAI)[number % 2], await versions(office, SAMBOJA, PASER, KUTAI)
        child = {"code": f"{SAMBOJA}.{number}", "name": "Kelurahan", "parent": SAMBOJA, "time_zone": "Asia/Makassar"}
        answers = await together(
            after(0.001 * (number % 4), move(pusat, parent, number)),
            after(0.001 * (number % 3), close(pusat, PASER, number)),
            close(pusat, SAMBOJA, number),
            close(pusat, KUTAI, number),
            pusat.post("/v1/offices", json=child),
        )
        assert outcomes(answers) == {(201, ""): 5}
        now = await versions(office, SAMBOJA, PASER, KUTAI)
        assert now[0] >= was[0] + 3  # its move, its own row, and at least the parent that it has or leaves
        assert now[1:] == [version + 1 for version in was[1:]]
    for code in (SAMBOJA, PASER, KUTAI):
        assert await closed(office, code) == [day(number) for number in range(ROUNDS)]
    assert await wrong(office) == []


async def test_other_acts_at_the_same_offices_go_on(office: Office, pusat: httpx.AsyncClient) -> None:
    """An account that changes its office is told of in two streams, whose heads a calendar change above moves past."""
    account = office.accounts["tim1"]

    async def rename(number: int) -> httpx.Response:
        return await pusat.patch(f"/v1/offices/{SAMBOJA}", json={"name": f"Samboja {number}"}, headers={"If-Match": "*"})

    async def call(number: int) -> httpx.Response:
        body: dict[str, Any] = {"office": (MUARA_JAWA, SAMBOJA)[number % 2]}
        return await pusat.patch(f"/v1/accounts/{account}", json=body, headers={"If-Match": "*"})

    for number in range(ROUNDS):
        answers = await together(close(pusat, KUTAI, number), call(number), rename(number), close(pusat, SAMBOJA, number))
        assert [answer.is_success for answer in answers] == [True] * 4, outcomes(answers)
    assert await wrong(office) == []


async def test_instances_start_and_go_on_beside_changes(office: Office, pusat: httpx.AsyncClient) -> None:
    camat = await office.as_("camat")

    async def start(number: int) -> httpx.Response:
        body = {"procedure": "pengumpulan-data-kinerja", "office": SAMBOJA, "period": {"year": 2040 + number, "quarter": 1}}
        return await camat.post("/v1/instances", json=body)

    answers: Sequence[httpx.Response] = await together(*(call for number in range(ROUNDS) for call in (close(pusat, ROOT, number), start(number))))
    assert outcomes(answers) == {(201, ""): 2 * ROUNDS}
    assert await wrong(office) == []
