"""A one-time secret leads nowhere that its issuer could not go at the moment when it is used."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from app.store.accounts import ACCOUNT
from app.usecases.credentials import issue_reset
from app.web import sessions as web
from tests.support.administering import ABOVE, KUTAI, account, given, recorded, shown, to_account
from tests.support.office import MUARA_JAWA, SAMBOJA, WITA, Office
from tests.support.regencies import move, two_regencies
from tests.support.replies import codes, made, refused

NEW = "kapal biru di teluk"
AUDITOR = {"office": KUTAI, "role": "auditor", "valid_from": "2027-01-04"}
Happening = Callable[[Office], Awaitable[Any]]


@pytest.fixture
async def office(each_office: Office) -> Office:
    """`admin` of the kecamatan, ABOVE of the regency, and ratna, whose account the kecamatan administers."""
    await each_office.enrol(ABOVE)
    await account(each_office)
    return each_office


async def issued(office: Office, who: str = "admin", username: str = "ratna") -> str:
    secret: str = made(await to_account(office, username, "password-reset", who=who), 200)["one_time_secret"]
    return secret


async def use(office: Office, secret: str, username: str = "ratna") -> httpx.Response:
    async with office.client() as client:
        body = {"username": username, "one_time_secret": secret, "new_password": NEW}
        return await client.post("/v1/auth/password-resets", json=body)


async def mark(office: Office, username: str, **columns: Any) -> None:
    async with office.database.write() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.username == username).values(**columns))


async def revoke(office: Office, username: str, role: str) -> None:
    (line,) = [found for found in (await shown(office, username, who=ABOVE.username))["positions"] if found["role"] == role]
    made(await (await office.as_(ABOVE.username)).post(f"/v1/assignments/{line['id']}/revoke", json={}), 200)


# ── what happens between the issue and the use, and whether the secret still stands ──


async def nothing(_: Office) -> None: ...


async def a_position_above(office: Office) -> None:
    await given(office, "ratna", who=ABOVE.username, **AUDITOR)


async def a_position_above_next_month(office: Office) -> None:
    await given(office, "ratna", who=ABOVE.username, **AUDITOR | {"valid_from": "2027-02-01"})


async def a_position_above_taken_back(office: Office) -> None:
    await a_position_above(office)
    await revoke(office, "ratna", "auditor")


async def a_position_here(office: Office) -> None:
    await given(office, "ratna", role="pegawai", valid_from="2027-01-04")


async def the_issuer_closed(office: Office) -> None:
    made(await to_account(office, "admin", "close", who=ABOVE.username, json={}), 200)


async def the_issuer_closed_and_opened(office: Office) -> None:
    await the_issuer_closed(office)
    made(await to_account(office, "admin", "reopen", who=ABOVE.username), 200)


async def the_issuer_admin_no_more(office: Office) -> None:
    await revoke(office, "admin", "admin")


async def the_issuer_one_of_the_demo(office: Office) -> None:
    """Whose password is published; the server of now is not in demo mode."""
    await mark(office, "admin", is_demo=True)


async def at_home_elsewhere(office: Office) -> None:
    body = {"json": {"office": MUARA_JAWA}, "headers": {"If-Match": "*"}}
    made(await to_account(office, "ratna", "", who=ABOVE.username, method="PATCH", **body), 200)


async def at_home_elsewhere_and_back(office: Office) -> None:
    await at_home_elsewhere(office)
    body = {"json": {"office": SAMBOJA}, "headers": {"If-Match": "*"}}
    made(await to_account(office, "ratna", "", who=ABOVE.username, method="PATCH", **body), 200)


async def another_name(office: Office) -> None:
    body = {"json": {"name": "Ratna Dewi Lestari"}, "headers": {"If-Match": "*"}}
    made(await to_account(office, "ratna", "", method="PATCH", **body), 200)


async def the_second_factor_off(office: Office) -> None:
    await mark(office, "ratna", totp_secret="sealed")
    made(await to_account(office, "ratna", "second-factor-removal", who=ABOVE.username), 200)


async def closed_and_opened(office: Office) -> None:
    made(await to_account(office, "ratna", "close", json={}), 200)
    made(await to_account(office, "ratna", "reopen"), 200)


@pytest.mark.parametrize(
    ("happening", "stands"),
    [
        (nothing, True),
        (a_position_here, True),
        (another_name, True),
        (a_position_above, False),
        (a_position_above_next_month, False),
        (a_position_above_taken_back, True),
        (the_issuer_closed, False),
        (the_issuer_closed_and_opened, True),
        (the_issuer_admin_no_more, False),
        (the_issuer_one_of_the_demo, False),
        (at_home_elsewhere, False),
        (at_home_elsewhere_and_back, False),
        (the_second_factor_off, False),
        (closed_and_opened, False),
    ],
)
async def test_a_secret_from_the_kecamatan(office: Office, happening: Happening, stands: bool) -> None:
    secret = await issued(office)
    await happening(office)
    used = await use(office, secret)
    if stands:
        assert used.status_code == 204, used.text
        return
    wrong = await use(office, "A" * 24)
    assert (used.status_code, codes(used), used.json()["detail"]) == (401, ["bad_credentials"], wrong.json()["detail"])
    assert [actor for _, actor, _ in await recorded(office, "account.password_changed")] == []


@pytest.mark.parametrize("happening", [nothing, a_position_above, a_position_above_next_month, the_issuer_closed, the_issuer_admin_no_more])
async def test_a_secret_from_the_regency_stands_whatever_happens_in_the_kecamatan(office: Office, happening: Happening) -> None:
    secret = await issued(office, ABOVE.username)
    await happening(office)
    assert (await use(office, secret)).status_code == 204


@pytest.mark.parametrize("happening", [nothing, a_position_above, the_issuer_closed])
async def test_a_secret_from_the_command_line_stands(office: Office, happening: Happening) -> None:
    async with office.database.write() as connection:
        secret = (await issue_reset(connection, office.clock(), office.accounts["ratna"])).secret
    await happening(office)
    assert (await use(office, secret)).status_code == 204


async def test_a_position_given_while_the_new_password_is_being_hashed_counts(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, hash_password = await issued(office), web.hash_password

    async def slowly(password: str) -> str:
        await a_position_above(office)
        return await hash_password(password)

    monkeypatch.setattr(web, "hash_password", slowly)
    assert refused(await use(office, secret)) == (401, ["bad_credentials"])
    assert [actor for _, actor, _ in await recorded(office, "account.password_changed")] == []


async def test_nobody_is_said_to_have_issued_a_secret_that_is_none(office: Office) -> None:
    await issued(office)
    assert await kept(office) == office.accounts["admin"]
    assert (await use(office, await issued(office, ABOVE.username))).status_code == 204
    assert await kept(office) is None


async def kept(office: Office) -> Any:
    async with office.database.read() as connection:
        return await connection.scalar(select(ACCOUNT.c.reset_by).where(ACCOUNT.c.username == "ratna"))


async def test_a_secret_from_the_regency_that_an_office_has_left_is_void(sqlite_office_url: str, tmp_path: Path) -> None:
    async with two_regencies(sqlite_office_url, tmp_path) as office:
        assert (await move(await office.as_("pusat"), day="2027-07-01")).status_code == 201
        await office.at(datetime(2027, 6, 30, 23, 30, tzinfo=WITA))
        before = await issued(office, "admin.kutai", "sekretaris")
        await office.at(datetime(2027, 7, 1, 8, 0, tzinfo=WITA))
        assert refused(await use(office, before, "sekretaris")) == (401, ["bad_credentials"])
        after = await issued(office, "admin.paser", "sekretaris")
        assert (await use(office, after, "sekretaris")).status_code == 204
