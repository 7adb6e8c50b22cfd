"""Offices that move, and are added, at once: the tree never stands in a circle, and what stands above an office is what its parents say."""

import asyncio

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.offices import ROOT, Cover, Parent, covers
from app.store.offices import COVER, OFFICE, PARENT
from app.usecases.audit import verify
from app.usecases.demo import DemoPerson
from app.web.session import act
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.together import after, outcomes, replays, together

ROUNDS = 15
KUTAI, PASER = "64.02", "64.01"


@pytest.fixture
async def pusat(office: Office) -> httpx.AsyncClient:
    await office.enrol(DemoPerson("pusat", "Admin Pusat", ("admin",), ROOT))
    client = await office.as_("pusat")
    assert (await add(client, PASER, "64")).status_code == 201
    return client


async def add(client: httpx.AsyncClient, code: str, parent: str, key: str | None = None) -> httpx.Response:
    body = {"code": code, "name": f"Kantor {code}", "parent": parent, "time_zone": "Asia/Makassar"}
    return await client.post("/v1/offices", json=body, headers={} if key is None else {"Idempotency-Key": key})


async def move(client: httpx.AsyncClient, code: str, parent: str, day: str = "2027-07-01", key: str | None = None) -> httpx.Response:
    body = {"parent": parent, "valid_from": day}
    return await client.post(f"/v1/offices/{code}/parents", json=body, headers={} if key is None else {"Idempotency-Key": key})


async def wrong(office: Office) -> list[str]:
    """Where office_cover is not what office_parent says, and what a verification of the log finds."""
    parents: dict[str, tuple[Parent, ...]] = {}
    async with office.database.read() as connection:
        for row in await connection.execute(select(PARENT).order_by(PARENT.c.from_at)):
            parents[row.code] = (*parents.get(row.code, ()), Parent(row.parent_code, row.from_at))
        codes = (await connection.execute(select(OFFICE.c.code))).scalars().all()
        columns = (COVER.c.ancestor, COVER.c.code, COVER.c.from_at, COVER.c.until_at, COVER.c.depth)
        written = {Cover(*row) for row in await connection.execute(select(*columns))}
    expected = {cover for code in codes for cover in covers(code, parents)}
    verdict = await verify(office.database, None)
    return [*map(str, written ^ expected), *(broken.code for broken in verdict.broken)]


async def test_two_offices_are_not_put_under_each_other(office: Office, pusat: httpx.AsyncClient) -> None:
    for number in range(ROUNDS):
        one, other = f"70.{number}", f"71.{number}"
        for code in (one, other):
            assert (await add(pusat, code, "64")).status_code == 201
        moves = (move(pusat, one, other), move(pusat, other, one))
        answers = await together(moves[0], after(0.001 * (number % 3), moves[1]))
        assert outcomes(answers) == {(201, ""): 1, (422, "office_cycle"): 1}
    assert await wrong(office) == []


async def test_of_many_who_move_one_office_each_finds_what_the_one_before_left(office: Office, pusat: httpx.AsyncClient) -> None:
    for number in range(ROUNDS):
        day = f"2027-07-{number + 1:02}"
        parents = (PASER, "64") if number % 2 == 0 else (KUTAI, MUARA_JAWA)
        answers = await together(*(move(pusat, SAMBOJA, parent, day) for parent in parents * 3))
        assert {answer.status_code for answer in answers} <= {201, 409}
        shown = (await pusat.get(f"/v1/offices/{SAMBOJA}")).json()
        done = [answer for answer in answers if answer.status_code == 201]
        assert max(done, key=lambda answer: answer.json()["version"]).json() == shown
    assert await wrong(office) == []


async def test_an_office_added_while_its_parent_moves_goes_along(office: Office, pusat: httpx.AsyncClient) -> None:
    for number in range(ROUNDS):
        parent = (PASER, KUTAI)[number % 2]
        move_there, add_below = move(pusat, SAMBOJA, parent, f"2027-07-{number + 1:02}"), add(pusat, f"{SAMBOJA}.{number}", SAMBOJA)
        answers = await together(after(0.001 * (number % 4), move_there), after(0.001 * (number % 3), add_below))
        assert outcomes(answers) == {(201, ""): 2}
    assert await wrong(office) == []


async def test_the_same_key_moves_and_adds_once(office: Office, pusat: httpx.AsyncClient) -> None:
    moved = await together(*(move(pusat, SAMBOJA, PASER, key="pindah") for _ in range(8)))
    added = await together(*(add(pusat, "64.02.99", KUTAI, key="baru") for _ in range(8)))
    for answers in (moved, added):
        assert outcomes(answers) == {(201, ""): 8}
        assert replays(answers) == 7
        assert len({answer.content for answer in answers}) == 1
    assert await wrong(office) == []


async def test_one_of_many_who_take_a_code_has_it(office: Office, pusat: httpx.AsyncClient) -> None:
    answers = await together(*(add(pusat, "64.02.99", parent) for parent in (KUTAI, PASER) * 4))
    assert outcomes(answers) == {(201, ""): 1, (422, "invalid_request"): 7}
    assert await wrong(office) == []


async def test_a_name_and_a_place_may_change_at_once(office: Office, pusat: httpx.AsyncClient) -> None:
    for number in range(ROUNDS):
        parent = (PASER, KUTAI)[number % 2]
        rename = pusat.patch(f"/v1/offices/{SAMBOJA}", json={"name": f"Samboja {number}"}, headers={"If-Match": "*"})
        answers = await together(rename, move(pusat, SAMBOJA, parent, f"2027-08-{number + 1:02}"))
        assert [answer.status_code for answer in answers] == [200, 201]
    shown = (await pusat.get(f"/v1/offices/{SAMBOJA}")).json()
    assert (shown["name"], len(shown["parents"]), shown["version"]) == (f"Samboja {ROUNDS - 1}", ROUNDS + 1, 2 * ROUNDS + 1)
    assert await wrong(office) == []


async def test_who_decided_on_one_version_comes_first_or_not_at_all(office: Office, pusat: httpx.AsyncClient) -> None:
    for number in range(ROUNDS):
        read = (await pusat.get(f"/v1/offices/{SAMBOJA}")).headers["etag"]
        calls = [pusat.patch(f"/v1/offices/{SAMBOJA}", json={"name": f"Samboja {number} {letter}"}, headers={"If-Match": read}) for letter in "abcd"]
        assert outcomes(await together(*calls)) == {(200, ""): 1, (412, "precondition_failed"): 3}


async def test_other_acts_go_on_beside_moves(office: Office, pusat: httpx.AsyncClient) -> None:
    """Instances start at an office and accounts read it while it moves to and fro."""
    camat = await office.as_("camat")

    async def start(number: int) -> httpx.Response:
        body = {"procedure": "pengumpulan-data-kinerja", "office": SAMBOJA, "period": {"year": 2030 + number, "quarter": 1}}
        return await camat.post("/v1/instances", json=body)

    async def to_and_fro() -> list[httpx.Response]:
        return [await move(pusat, SAMBOJA, (PASER, KUTAI)[number % 2], f"2027-09-{number + 1:02}") for number in range(8)]

    moves, *starts = await asyncio.gather(to_and_fro(), *(start(number) for number in range(12)))
    assert outcomes([*moves, *starts]) == {(201, ""): 20}
    assert await wrong(office) == []


async def test_of_two_acts_that_wait_for_each_other_one_collides_and_is_tried_anew(office: Office) -> None:
    first, both = asyncio.Event(), asyncio.Barrier(2)

    async def rename(one: str, other: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(update(OFFICE).where(OFFICE.c.code == one).values(name="X"))
            if not first.is_set():
                await both.wait()
                first.set()
            await connection.execute(update(OFFICE).where(OFFICE.c.code == other).values(name="X"))

        await act(office.database, work)

    await asyncio.gather(rename(SAMBOJA, MUARA_JAWA), rename(MUARA_JAWA, SAMBOJA))
