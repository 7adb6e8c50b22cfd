"""Accounts that are not simply an office's own: those of the demo where there is none, and those of another issuer."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.domain.accounts import NewAccount
from app.domain.assignments import Position
from app.store.accounts import ACCOUNT
from app.store.assignments import ASSIGNMENT
from app.usecases.accounts import create_account
from app.usecases.assignments import give as record
from tests.support.administering import give, shown, to_account
from tests.support.office import SAMBOJA, Office
from tests.support.people import SINCE
from tests.support.replies import made, refused
from tests.support.statements import sent


@pytest.fixture
async def office(own_office: Office) -> Office:
    return own_office


async def mark(office: Office, username: str, **columns: Any) -> None:
    async with office.database.write() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.username == username).values(**columns))


async def test_people_of_the_demo_are_nobody_where_there_is_no_demo(office: Office) -> None:
    """Their database may have stayed: they are in no list, at no address, and in nobody's way."""
    await mark(office, "camat", is_demo=True)
    admin, camat = await office.as_("admin"), office.accounts["camat"]
    assert "camat" not in {found["username"] for found in made(await admin.get("/v1/accounts"), 200)["items"]}
    assert "camat" not in {found["role"] for found in made(await admin.get("/v1/assignments"), 200)["items"]}
    for path in (f"/v1/accounts/{camat}", f"/v1/accounts/{camat}/nip", f"/v1/accounts/{camat}/sessions"):
        assert refused(await admin.get(path)) == (404, ["not_found"])
    assert refused(await to_account(office, "camat", "close", json={})) == (404, ["not_found"])
    assert refused(await to_account(office, "camat", "password-reset")) == (404, ["not_found"])
    assert refused(await give(office, "camat", role="staf", valid_from="2027-01-04")) == (404, ["not_found"])
    assert made(await give(office, "tim1", role="camat", valid_from="2027-01-04"))["warnings"] == []


async def test_people_of_the_demo_are_nobody_to_a_malformed_request_either(office: Office) -> None:
    """Else 422 in place of 404 would tell that they are there."""
    admin = await office.as_("admin")
    (line,) = [found for found in (await shown(office, "staf"))["positions"] if found["role"] == "staf"]
    await mark(office, "staf", is_demo=True)
    for path in (f"/v1/accounts/{office.accounts['staf']}", f"/v1/accounts/{UUID(int=7)}", f"/v1/assignments/{line['id']}"):
        assert refused(await admin.patch(path, json={"x": 1}, headers={"If-Match": "*"})) == (404, ["not_found"])
    assert (await admin.patch(f"/v1/accounts/{office.accounts['tim1']}", json={"x": 1}, headers={"If-Match": "*"})).status_code == 422


async def external(office: Office) -> str:
    """A person whom another issuer vouches for, with one position claimed there; the id of the assignment."""
    new = NewAccount("sso.ratna", "Ratna Dewi", SAMBOJA, issuer="https://sso.example", subject="f3c1")
    async with office.database.write() as connection:
        account = office.accounts["sso.ratna"] = await create_account(connection, office.clock(), new)
        return str(await record(connection, office.clock(), account, position=Position(SAMBOJA, "staf", SINCE), source="issuer"))


async def test_who_signs_in_elsewhere_has_no_password_to_reset_here(office: Office) -> None:
    await external(office)
    assert (await shown(office, "sso.ratna"))["external"] is True
    assert refused(await to_account(office, "sso.ratna", "password-reset")) == (409, ["account_of_issuer"])
    assert refused(await to_account(office, "sso.ratna", "second-factor-removal")) == (409, ["account_of_issuer"])
    assert made(await to_account(office, "sso.ratna", "close", json={}), 200)["active"] is False


async def test_what_another_issuer_claims_can_only_be_revoked_here(office: Office) -> None:
    claimed, admin = await external(office), await office.as_("admin")
    changed = await admin.patch(f"/v1/assignments/{claimed}", json={"valid_to": "2027-12-31"}, headers={"If-Match": "*"})
    assert refused(changed) == (409, ["assignment_of_issuer"])
    revoked = made(await admin.post(f"/v1/assignments/{claimed}/revoke", json={}), 200)
    assert (revoked["source"], revoked["current"], revoked["withdrawn"]) == ("issuer", False, False)


async def test_what_is_claimed_no_more_stands_in_no_list(office: Office) -> None:
    claimed, admin = await external(office), await office.as_("admin")
    async with office.database.write() as connection:
        await connection.execute(update(ASSIGNMENT).where(ASSIGNMENT.c.source == "issuer").values(withdrawn=True))
    assert (await shown(office, "sso.ratna"))["positions"] == []
    params = {"account": str(office.accounts["sso.ratna"])}
    assert made(await admin.get("/v1/assignments", params=params), 200)["items"] == []
    (kept,) = made(await admin.get("/v1/assignments", params=params | {"include_revoked": "true"}), 200)["items"]
    assert (kept["id"], kept["withdrawn"], kept["current"]) == (claimed, True, False)


async def test_a_page_of_assignments_takes_two_statements(office: Office) -> None:
    admin = await office.as_("admin")
    with sent(office.database) as found:
        made(await admin.get("/v1/assignments", params={"limit": 5}), 200)
    assert len(found) == 3  # who calls; the page; which roles there are
