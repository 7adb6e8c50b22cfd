"""Giving and taking positions over HTTP: two who stand in at once, no Plh of a permission, no reason, and what is out of sight."""

from typing import Any
from uuid import UUID

import pytest

from tests.support.administering import give, given, recorded, to_account
from tests.support.office import MUARA_JAWA, Office
from tests.support.replies import made, refused


@pytest.fixture
async def office(own_office: Office) -> Office:
    return own_office


async def test_two_who_stand_in_at_once_are_noticed_while_both_can(office: Office) -> None:
    three_days = {"role": "camat", "capacity": "plh", "valid_from": "2027-01-04", "valid_to": "2027-01-06"}
    assert (await given(office, "tim1", **three_days))["warnings"] == []
    (warning,) = (await given(office, "tim2", **three_days))["warnings"]
    assert (warning["code"], "Plh. Camat (2027-01-04..2027-01-06)" in warning["message"]) == ("also_held", True)
    for username in ("tim1", "tim2"):
        made(await to_account(office, username, "close"), 200)
    assert (await given(office, "tim3", **three_days))["warnings"] == []


@pytest.mark.parametrize("role", ["admin", "auditor", "restricted_records"])
async def test_nobody_stands_in_for_a_permission(office: Office, role: str) -> None:
    answer = await give(office, "tim1", role=role, capacity="plh", valid_from="2027-01-04", valid_to="2027-01-06")
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/capacity", "permission_has_no_capacity")]


async def test_a_reason_is_optional_and_so_is_the_body(office: Office) -> None:
    found = await given(office, "tim1", role="staf", valid_from="2027-01-04")
    admin = await office.as_("admin")
    assert made(await admin.post(f"/v1/assignments/{found['id']}/revoke"), 200)["revoked_at"]
    assert made(await to_account(office, "tim1", "close"), 200)["active"] is False
    for kind in ("assignment.revoked", "account.closed"):
        ((_, _, data),) = await recorded(office, kind)
        assert data["reason_sha256"] is None


@pytest.mark.parametrize(
    ("named", "pointer"),
    [
        ({"office": MUARA_JAWA}, "/office"),
        ({"office": "99"}, "/office"),
        ({"username": "camat.muarajawa"}, "/username"),
        ({"username": "tidak.ada"}, "/username"),
        ({"username": None, "account_id": str(UUID(int=7))}, "/account_id"),
    ],
)
async def test_what_is_not_in_sight_is_named_by_its_place_and_by_no_more(office: Office, named: dict[str, Any], pointer: str) -> None:
    answer = await give(office, "tim1", role="staf", valid_from="2027-01-04", **named)
    assert refused(answer) == (404, ["not_found"])
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"], error["message"]) == (pointer, "not_found", answer.json()["detail"])
