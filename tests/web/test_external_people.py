"""People of another OpenID issuer over HTTP: let in at first sight with what their token says, within what is decided here."""

import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from app.domain.accounts import NO_PASSWORD
from app.domain.assignments import Position
from app.main import create_app
from app.outside.tokens import generate_key_pem
from app.settings import Settings
from app.store.accounts import ACCOUNT
from app.store.errors import Collision
from app.store.events import EVENT
from app.store.offices import COVER
from app.usecases.assignments import assign
from tests.support.external_people import Door, configured, held, two_issuers, vacate
from tests.support.foreign_issuer import SUBJECT, foreign_issuer
from tests.support.office import MUARA_JAWA, SAMBOJA, open_office
from tests.support.statements import sent

CAMAT, PEGAWAI, STAF = "64.02.13:camat", "64.02.13:pegawai", "64.02.13:staf"


@pytest.fixture
async def door(office_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    with foreign_issuer() as issuer:
        async with open_office(office_url, tmp_path, ALUR_ISSUERS_FILE=str(configured(tmp_path, issuer))) as office:
            await vacate(office)
            yield Door(office, issuer)


async def rows(door: Door, statement: Any) -> list[Any]:
    async with door.office.database.read() as connection:
        return list(await connection.execute(statement))


async def change(door: Door, *statements: Any) -> None:
    async with door.office.database.write() as connection:
        for statement in statements:
            await connection.execute(statement)


async def account(door: Door) -> Any:
    (found,) = await rows(door, select(ACCOUNT).where(ACCOUNT.c.subject == SUBJECT))
    return found


async def told(door: Door) -> list[tuple[str, str, dict[str, Any]]]:
    """The events about people of the issuer, in order: type, office and data."""
    found = await rows(door, select(EVENT.c.type, EVENT.c.office_code, EVENT.c.data).order_by(EVENT.c.position))
    return [(row.type, row.office_code, row.data) for row in found if {"issuer", "by", "source"} & set(row.data)]


async def revoke_here(door: Door, claim: str) -> None:
    """As an administrator does."""
    whose = {"account": str((await account(door)).id)}
    listed = (await (await door.office.as_("admin")).get("/v1/assignments", params=whose)).json()["items"]
    (wanted,) = [row["id"] for row in listed if f"{row['office']['code']}:{row['role']}" == claim]
    answer = await (await door.office.as_("admin")).post(f"/v1/assignments/{wanted}/revoke", json={})
    assert answer.status_code in {200, 201}, answer.text


# ── coming in ──


async def test_somebody_unknown_comes_in_with_what_the_token_says(door: Door) -> None:
    me = (await door.me("samboja-camat", "pengawas", "lain")).json()
    assert (me["username"], me["name"]) == ("siti", "Siti Aminah")
    assert held(me) == [CAMAT, PEGAWAI, "64.02:auditor"]
    kept = await account(door)
    assert (kept.issuer, kept.subject, kept.office_code, kept.kind, kept.password_hash) == (door.issuer.url, SUBJECT, SAMBOJA, "person", NO_PASSWORD)
    events = await told(door)
    assert [(kind, office, data.get("role")) for kind, office, data in events] == [
        ("assignment.created", "64.02", "auditor"),
        ("account.created", SAMBOJA, None),
        ("assignment.created", SAMBOJA, "camat"),
        ("assignment.created", SAMBOJA, "pegawai"),
    ]
    assert events[1][2]["issuer"] == door.issuer.url
    assert SUBJECT not in str(events)
    assert {data["source"] for kind, _, data in events if kind == "assignment.created"} == {"issuer"}


async def test_a_token_that_says_nothing_new_writes_nothing_and_costs_one_statement(door: Door) -> None:
    token = door.token("samboja-camat")
    await door.ask("GET", "/v1/me", token)
    again = door.token("samboja-camat", later=5)
    for held_token in (token, again):
        with sent(door.office.database) as statements:
            assert (await door.ask("GET", "/v1/me", held_token)).status_code == 200
        assert [text for text in statements.texts if not text.startswith("SELECT")] == []
        assert len([text for text in statements.texts if "subject" in text]) == 1
    assert len(await told(door)) == 3


@pytest.mark.parametrize("roles", [("lain",), ("terlalu-jauh",), ()])
async def test_who_is_granted_nothing_here_is_told_so_and_nothing_is_written(door: Door, roles: tuple[str, ...]) -> None:
    for path in ("/v1/me", "/v1/instances"):
        answer = await door.ask("GET", path, door.token(*roles))
        assert (answer.status_code, answer.json()["code"]) == (403, "no_position")
    assert await told(door) == []
    assert await door.holds("samboja-staf") == [STAF]
    assert await door.holds(*roles, later=1) == []  # who is known stays so


async def test_an_issuer_grants_nothing_beyond_its_offices_nor_at_one_that_is_not_there(door: Door) -> None:
    assert await door.holds("terlalu-jauh", "samboja-staf") == [STAF]
    assert await door.holds("terlalu-jauh", "samboja-staf", later=1, iat=int(door.office.clock().timestamp())) == [STAF]
    assert [office for _, office, _ in await told(door)] == [SAMBOJA, SAMBOJA]


async def test_an_office_that_leaves_the_issuers_offices_takes_its_positions_along(door: Door) -> None:
    token = door.token("samboja-camat")
    assert held((await door.ask("GET", "/v1/me", token)).json()) == [CAMAT, PEGAWAI]
    await change(door, delete(COVER).where(COVER.c.ancestor == "64.02", COVER.c.code == SAMBOJA))
    assert held((await door.ask("GET", "/v1/me", token)).json()) == []


async def test_a_name_that_is_taken_gets_a_number_and_nothing_of_its_holder(door: Door) -> None:
    first = (await door.me("samboja-staf", preferred_username="camat")).json()
    second = (await door.me("samboja-staf", preferred_username="Camat", sub="another")).json()
    assert [(me["username"], held(me)) for me in (first, second)] == [("camat-2", [STAF]), ("camat-3", [STAF])]


async def test_a_token_without_name_or_username_has_a_bearer_all_the_same(door: Door) -> None:
    me = (await door.me("samboja-staf", preferred_username=..., name=...)).json()
    assert (me["username"], me["name"]) == ("pengguna", "pengguna")


async def test_nobody_signs_in_with_a_password_as_a_person_of_an_issuer(door: Door) -> None:
    await door.me("samboja-camat")
    for password in (NO_PASSWORD, "", "siti"):
        answer = await door.office.client().post("/v1/auth/sessions", json={"username": "siti", "password": password or "x"})
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")


async def test_one_subject_of_two_issuers_is_two_people(sqlite_office_url: str, tmp_path: Path) -> None:
    with two_issuers() as (first, second):
        async with open_office(sqlite_office_url, tmp_path, ALUR_ISSUERS_FILE=str(configured(tmp_path, first, second))) as office:
            await vacate(office)
            assert await Door(office, first).holds("samboja-camat") == [CAMAT, PEGAWAI]
            assert await Door(office, second).holds("samboja-staf") == [STAF]
            assert (await Door(office, second).me("samboja-staf")).json()["username"] == "siti-2"


async def test_where_none_of_the_issuers_offices_is_here_nobody_comes_in(sqlite_office_url: str, tmp_path: Path) -> None:
    with foreign_issuer() as issuer:
        file = configured(tmp_path, issuer, offices=["31", "32.01"])
        async with open_office(sqlite_office_url, tmp_path, ALUR_ISSUERS_FILE=str(file)) as office:
            assert (await Door(office, issuer).me("samboja-camat")).status_code == 401


async def test_such_a_person_works_as_any_other(door: Door) -> None:
    body = {"procedure": "pengumpulan-data-kinerja", "office": SAMBOJA, "period": {"year": 2027, "quarter": 1}, "title": "Triwulan I"}
    started = await door.ask("POST", "/v1/instances", door.token("samboja-camat"), json=body)
    assert started.status_code == 201, started.text
    refused = await door.ask("POST", "/v1/instances", door.token("samboja-staf", sub="staf"), json=body | {"title": "Lagi"})
    assert refused.status_code == 403
    assert (await door.ask("DELETE", "/v1/auth/sessions/current", door.token("samboja-camat"))).status_code == 204


# ── what changes ──


async def test_what_the_issuer_claims_no_more_is_withdrawn_and_may_come_back(door: Door) -> None:
    assert await door.holds("samboja-camat") == [CAMAT, PEGAWAI]
    door.office.clock.forward(seconds=10)
    assert await door.holds("samboja-staf") == [STAF]
    door.office.clock.forward(seconds=10)
    assert await door.holds("samboja-camat") == [CAMAT, PEGAWAI]
    kinds = [(kind, data["role"], data.get("by")) for kind, _, data in (await told(door))[3:]]
    assert sorted(kinds[:3]) == [
        ("assignment.created", "staf", None),
        ("assignment.revoked", "camat", "issuer"),
        ("assignment.revoked", "pegawai", "issuer"),
    ]
    assert len(kinds) == 6


async def test_an_older_token_beside_a_newer_one_changes_nothing_and_acts_within_it(door: Door) -> None:
    older = door.token("samboja-camat", "samboja-staf", later=-20)
    newer = door.token("samboja-camat", later=-10)
    assert held((await door.ask("GET", "/v1/me", newer)).json()) == [CAMAT, PEGAWAI]
    for _ in range(2):
        assert held((await door.ask("GET", "/v1/me", older)).json()) == [CAMAT, PEGAWAI]
        assert held((await door.ask("GET", "/v1/me", newer)).json()) == [CAMAT, PEGAWAI]
    assert len(await told(door)) == 3
    least = door.token("samboja-staf", later=-30)
    assert held((await door.ask("GET", "/v1/me", least)).json()) == []


async def test_what_is_revoked_here_is_lost_at_once_and_no_token_brings_it_back(door: Door) -> None:
    token = door.token("samboja-camat")
    assert held((await door.ask("GET", "/v1/me", token)).json()) == [CAMAT, PEGAWAI]
    await revoke_here(door, CAMAT)
    assert held((await door.ask("GET", "/v1/me", token)).json()) == [PEGAWAI]
    door.office.clock.forward(seconds=30)
    assert await door.holds("samboja-camat") == [PEGAWAI]
    assert await door.holds() == []
    door.office.clock.forward(seconds=30)
    assert await door.holds("samboja-camat") == [PEGAWAI]


async def test_what_was_revoked_here_can_be_given_again_here(door: Door) -> None:
    assert await door.holds("samboja-camat") == [CAMAT, PEGAWAI]
    await revoke_here(door, PEGAWAI)
    body = {"username": "siti", "office": SAMBOJA, "role": "pegawai", "valid_from": "2027-01-01"}
    answer = await (await door.office.as_("admin")).post("/v1/assignments", json=body)
    assert answer.status_code == 201, answer.text
    assert await door.holds("samboja-camat") == [CAMAT, PEGAWAI]
    assert await door.holds("samboja-staf", later=-1) == []


async def test_an_assignment_from_here_counts_only_while_the_token_claims_it(door: Door) -> None:
    await door.holds("samboja-staf")
    position = Position(MUARA_JAWA, "pegawai", door.office.clock().date())
    async with door.office.database.write() as connection:
        await assign(connection, door.office.clock(), "siti", position=position)
    assert await door.holds("samboja-staf") == [STAF]


async def test_a_closed_account_stays_closed_whatever_the_token_says(door: Door) -> None:
    token = door.token("samboja-camat")
    await door.ask("GET", "/v1/me", token)
    await change(door, update(ACCOUNT).where(ACCOUNT.c.subject == SUBJECT).values(active=False))
    assert (await door.ask("GET", "/v1/me", token)).json()["code"] == "session_ended"
    door.office.clock.forward(seconds=30)
    assert (await door.me("samboja-camat", "samboja-staf")).json()["code"] == "session_ended"
    assert len(await told(door)) == 3


# ── at the door ──


async def test_a_forged_token_is_nobodys_and_writes_nothing(door: Door) -> None:
    good = door.token("samboja-camat")
    for token in (good[:-6], door.token("samboja-camat", aud="lain"), door.token("samboja-camat", iss=door.issuer.url + "/"), door.token(exp=1)):
        answer = await door.ask("GET", "/v1/me", token)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert await told(door) == []


async def test_our_own_tokens_are_ours_beside_other_issuers(door: Door) -> None:
    assert (await (await door.office.as_("camat")).get("/v1/me")).json()["username"] == "camat"
    assert door.issuer.asked == []


async def test_who_cannot_come_in_because_others_are_always_quicker_comes_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    async def overtaken(*_: Any, **__: Any) -> None:
        raise Collision("account")

    monkeypatch.setattr("app.store.external.believe", overtaken)
    answer = await door.me("samboja-camat")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "retry-after" in answer.headers
    assert await told(door) == []


async def test_an_issuer_that_is_away_stops_only_its_own_people(door: Door) -> None:
    door.issuer.answers.clear()
    assert (await door.me("samboja-camat")).status_code == 401
    assert (await (await door.office.as_("camat")).get("/v1/me")).status_code == 200


def test_a_file_that_cannot_be_understood_keeps_the_server_from_starting(tmp_path: Path) -> None:
    file = tmp_path / "issuers.yaml"
    file.write_text("issuers: [{issuer: http://sso.test}]", encoding="utf-8")
    settings = Settings.load({"ALUR_DATA_DIR": str(tmp_path), "ALUR_SIGNING_KEY": generate_key_pem(), "ALUR_ISSUERS_FILE": str(file)})
    with pytest.raises(ValueError, match=r"issuers.yaml \(ALUR_ISSUERS_FILE\), line 1: issuers.0.issuer: the address begins with https"):
        create_app(settings)


def test_a_server_that_believes_nobody_else_does_without_an_http_client() -> None:
    program = "import sys, app.main; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


async def test_a_token_ends_with_its_time(door: Door) -> None:
    token = door.token("samboja-camat")
    assert (await door.ask("GET", "/v1/me", token)).status_code == 200
    door.office.clock.now += timedelta(seconds=331)
    assert (await door.ask("GET", "/v1/me", token)).status_code == 401
