"""What an issuer's word does not do: stand in for a second factor, make a second Camat, outlive its end here, or put a NIP into the log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.domain.assignments import Position
from app.store.accounts import ACCOUNT
from app.store.events import EVENT
from app.usecases.assignments import give
from app.usecases.audit import verify
from tests.support.external_people import Door, configured, held, vacate
from tests.support.foreign_issuer import SUBJECT, foreign_issuer
from tests.support.office import SAMBOJA, open_office
from tests.support.replies import made, refused

CAMAT, PEGAWAI, STAF = "64.02.13:camat", "64.02.13:pegawai", "64.02.13:staf"
NIP = "198001172005011004"
START = {"procedure": "pengumpulan-data-kinerja", "office": SAMBOJA, "period": {"year": 2027, "quarter": 1}, "title": "Triwulan I"}


@asynccontextmanager
async def opened(url: str, directory: Path, *, settings: dict[str, str] | None = None, **terms: Any) -> AsyncIterator[Door]:
    with foreign_issuer() as issuer:
        file = configured(directory, issuer, **terms)
        async with open_office(url, directory, ALUR_ISSUERS_FILE=str(file), **(settings or {})) as office:
            yield Door(office, issuer)


@pytest.fixture
async def door(office_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    async with opened(office_url, tmp_path) as door:
        yield door


async def told(door: Door, kind: str) -> list[dict[str, Any]]:
    async with door.office.database.read() as connection:
        return list(await connection.scalars(select(EVENT.c.data).where(EVENT.c.type == kind).order_by(EVENT.c.position)))


async def account_id(door: Door) -> str:
    async with door.office.database.read() as connection:
        return str(await connection.scalar(select(ACCOUNT.c.id).where(ACCOUNT.c.subject == SUBJECT)))


# ── the second factor ──


async def test_a_signing_role_waits_where_the_issuer_asserts_no_second_factor(sqlite_office_url: str, tmp_path: Path) -> None:
    grants = {"camat": [CAMAT], "dua": [CAMAT, PEGAWAI], "admin": ["64.02.13:admin"], "staf": [STAF]}
    async with opened(sqlite_office_url, tmp_path, second_factor=None, grants=grants) as door:
        await vacate(door.office)
        for _ in range(2):
            me = (await door.me("dua")).json()
            assert held(me) == [PEGAWAI]
            assert [(waits["role"], waits["reason"]) for waits in me["waiting"]] == [("camat", "issuer_second_factor")]
        refusals = (await door.ask("POST", "/v1/instances", door.token("dua"), json=START)).json()["refusals"]
        assert [refusal["code"] for refusal in refusals] == ["may_not_start", "second_factor_of_issuer_missing"]
        assert refused(await door.ask("GET", "/v1/instances", door.token("admin", sub="a"))) == (403, ["second_factor_of_issuer_missing"])
        assert await door.holds("staf", sub="b") == [STAF]


@pytest.mark.parametrize(
    ("terms", "settings"),
    [
        ({"second_factor": "trusted"}, {}),
        ({"second_factor": None, "require": {"acr": ["2"]}}, {}),
        ({"second_factor": None}, {"ALUR_SECOND_FACTOR_ROLES": "none"}),
        ({"second_factor": None}, {"ALUR_SECOND_FACTOR_ROLES": "admin"}),
    ],
)
async def test_it_counts_where_one_is_asserted_or_trusted_or_not_needed(
    sqlite_office_url: str, tmp_path: Path, terms: dict[str, Any], settings: dict[str, str]
) -> None:
    async with opened(sqlite_office_url, tmp_path, settings=settings, **terms) as door:
        await vacate(door.office)
        assert await door.holds("samboja-camat") == [CAMAT, PEGAWAI]


# ── one Camat ──


async def test_what_somebody_else_holds_comes_with_a_token_after_it_is_vacant(door: Door) -> None:
    token = door.token("samboja-camat")
    for _ in range(2):
        assert held((await door.ask("GET", "/v1/me", token)).json()) == [PEGAWAI]
    assert [data["role"] for data in await told(door, "assignment.created") if data.get("source") == "issuer"] == ["pegawai"]
    await vacate(door.office)
    assert held((await door.ask("GET", "/v1/me", token)).json()) == [PEGAWAI]
    assert await door.holds("samboja-camat", later=5) == [CAMAT, PEGAWAI]
    assert (await verify(door.office.database, None)).broken == ()


async def test_who_left_and_was_closed_here_keeps_no_successor_out(door: Door) -> None:
    """Their issuer sends no token any more that would say that they are Camat no longer."""
    await vacate(door.office)
    assert await door.holds("samboja-camat", sub="a") == [CAMAT, PEGAWAI]
    assert await door.holds("samboja-camat", sub="b") == [PEGAWAI]
    async with door.office.database.write() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.subject == "a").values(active=False))
    assert await door.holds("samboja-camat", sub="b", later=5) == [CAMAT, PEGAWAI]


async def test_a_second_camat_that_is_there_all_the_same_keeps_nobody_from_ending_the_first(door: Door) -> None:
    await door.me("samboja-staf")
    office = door.office
    async with office.database.write() as connection:
        (siti,) = await connection.scalars(select(ACCOUNT.c.id).where(ACCOUNT.c.subject == SUBJECT))
        await give(connection, office.clock(), siti, position=Position(SAMBOJA, "camat", office.clock().date()), source="issuer")
    admin = await office.as_("admin")
    listed = made(await admin.get("/v1/assignments", params={"office": SAMBOJA, "role": "camat"}), 200)["items"]
    (own,) = [row for row in listed if row["source"] == "local"]
    steps = ({"instrument": {"number": "1", "date": "2027-01-02"}}, {"valid_to": "2027-06-30"}, {"valid_to": "2027-03-31"})
    for wanted in steps:
        made(await admin.patch(f"/v1/assignments/{own['id']}", json=wanted, headers={"If-Match": "*"}), 200)
    longer = await admin.patch(f"/v1/assignments/{own['id']}", json={"valid_to": "2027-12-31"}, headers={"If-Match": "*"})
    assert refused(longer) == (409, ["role_already_held"])


# ── ended here ──


async def test_an_administrator_ends_what_an_issuer_has_issued_until_now(door: Door) -> None:
    token, admin = door.token("samboja-staf"), await door.office.as_("admin")
    assert (await door.ask("GET", "/v1/me", token)).status_code == 200
    door.office.clock.forward(seconds=1)
    assert (await admin.delete(f"/v1/accounts/{await account_id(door)}/sessions")).status_code == 204
    for issued in (token, door.token("samboja-staf", "samboja-camat", later=-1), door.token("samboja-staf")):
        assert refused(await door.ask("GET", "/v1/me", issued)) == (401, ["session_ended"])
    assert [data["account_id"] for data in await told(door, "account.sessions_ended")] == [await account_id(door)]
    assert await door.holds("samboja-staf", later=1) == [STAF]


async def test_who_signs_out_has_ended_their_tokens_issued_until_now(door: Door) -> None:
    token = door.token("samboja-staf")
    assert (await door.ask("DELETE", "/v1/auth/sessions/current", token)).status_code == 204
    assert refused(await door.ask("GET", "/v1/me", token)) == (401, ["session_ended"])
    assert await door.holds("samboja-staf", later=1) == [STAF]


async def test_an_account_that_was_closed_lets_no_older_token_in_when_it_is_open_again(door: Door) -> None:
    token, admin = door.token("samboja-staf"), await door.office.as_("admin")
    assert (await door.ask("GET", "/v1/me", token)).status_code == 200
    for act in ("close", "reopen"):
        made(await admin.post(f"/v1/accounts/{await account_id(door)}/{act}", json={}), 200)
    assert refused(await door.ask("GET", "/v1/me", token)) == (401, ["session_ended"])
    assert await door.holds("samboja-staf", later=1) == [STAF]


# ── names ──


async def test_a_nip_that_an_issuer_uses_as_a_name_stays_out_of_the_log(door: Door) -> None:
    me = (await door.me("samboja-staf", preferred_username=NIP, name=f"{NIP[:8]} {NIP[8:]}", sub=NIP)).json()
    assert me["username"] == me["name"]
    assert me["username"].startswith("pengguna-")
    (created,) = [data for data in await told(door, "account.created") if "issuer" in data]
    assert created["subject_sha256"] is None
    assert NIP not in str(created)
    assert (await verify(door.office.database, None)).broken == ()


async def test_no_person_is_called_like_a_machine(door: Door) -> None:
    assert (await door.me("samboja-staf", preferred_username="svc-dasbor-3f9a1c")).json()["username"].startswith("pengguna-")
