"""Administrators who decide at the same moment: one Camat, one account, one change of a version, one NIP."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.usecases.demo import DemoPerson
from tests.support.administering import ABOVE, LETTER, NIP
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.together import all_equal, outcomes, replays, together

ROUNDS = 15
ADMINS = ("admin", "admin2")


@pytest.fixture
async def office(office: Office) -> Office:
    """Two administrators of Samboja and one above; no round leaves anybody else in the way."""
    await office.enrol(DemoPerson("admin2", "Admin Kedua", ("admin",)))
    await office.enrol(ABOVE)
    for username in (*ADMINS, ABOVE.username):
        await office.as_(username)
    return office


async def post(office: Office, who: str, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await (await office.as_(who)).post(path, json=body, headers=headers)


async def count(office: Office, question: str) -> int:
    async with office.database.read() as connection:
        return int((await connection.execute(text(question))).scalar_one())


async def test_two_who_appoint_a_camat_at_once_appoint_one(office: Office) -> None:
    """Of different people, on days that overlap; each year anew."""
    for year in range(1950, 1950 + ROUNDS):
        days = ({"valid_from": f"{year}-01-01", "valid_to": f"{year}-12-31"}, {"valid_from": f"{year}-12-31", "valid_to": f"{year}-12-31"})
        answers = await together(
            *(
                post(office, admin, "/v1/assignments", {"username": whom, "office": SAMBOJA, "role": "camat", **term})
                for admin, whom, term in zip(ADMINS, ("tim1", "tim2"), days, strict=True)
            )
        )
        assert outcomes(answers) == {(201, ""): 1, (409, "role_already_held"): 1}
    assert await count(office, "SELECT count(*) FROM assignment WHERE role = 'camat' AND valid_from < DATE '2000-01-01'") == ROUNDS
    assert await count(office, "SELECT count(*) FROM event WHERE type = 'assignment.created' AND data->>'valid_from' < '2000'") == ROUNDS


async def test_two_who_appoint_at_two_offices_are_not_in_each_other_s_way(office: Office) -> None:
    for year in range(1950, 1950 + ROUNDS):
        term = {"valid_from": f"{year}-01-01", "valid_to": f"{year}-12-31", "role": "camat"}
        answers = await together(
            post(office, "admin", "/v1/assignments", {"username": "tim1", "office": SAMBOJA, **term}),
            post(office, ABOVE.username, "/v1/assignments", {"username": "tim1", "office": MUARA_JAWA, **term}),
        )
        assert outcomes(answers) == {(201, ""): 2}


async def test_eight_appointments_with_one_key_are_one(office: Office) -> None:
    for year in range(1950, 1950 + ROUNDS):
        body = {"username": "tim1", "office": SAMBOJA, "role": "camat", "valid_from": f"{year}-01-01", "valid_to": f"{year}-12-31"}
        answers = await together(*(post(office, "admin", "/v1/assignments", body, **{"Idempotency-Key": str(year)}) for _ in range(8)))
        assert outcomes(answers) == {(201, ""): 8}
        assert (all_equal(answers), replays(answers)) == (True, 7)


async def test_eight_new_accounts_with_one_key_are_one(office: Office) -> None:
    for number in range(ROUNDS):
        body = {"username": f"sama{number}", "name": "Sama", "office": SAMBOJA, "nip": f"{NIP[:15]}{number + 300}"}
        answers = await together(*(post(office, "admin", "/v1/accounts", body, **{"Idempotency-Key": f"sama {number}"}) for _ in range(8)))
        assert outcomes(answers) == {(201, ""): 8}
        assert (all_equal(answers), replays(answers)) == (True, 7)


async def test_one_account_a_name(office: Office) -> None:
    for number in range(ROUNDS):
        body = {"username": f"baru{number}", "name": "Baru", "office": SAMBOJA}
        answers = await together(*(post(office, admin, "/v1/accounts", body) for admin in ADMINS))
        assert outcomes(answers) == {(201, ""): 1, (422, "invalid_request"): 1}
        (refused,) = [answer.json() for answer in answers if answer.status_code == 422]
        assert [error["code"] for error in refused["errors"]] == ["username_taken"]


async def test_one_account_a_nip_also_from_two_offices(office: Office) -> None:
    """Their streams are not the same, so the table's own key decides."""
    for number in range(ROUNDS):
        nip = f"{NIP[:15]}{number + 100}"
        bodies = [{"username": f"nip{number}{code[-1]}", "name": "Baru", "office": code, "nip": nip} for code in (SAMBOJA, MUARA_JAWA)]
        answers = await together(*(post(office, ABOVE.username, "/v1/accounts", body) for body in bodies))
        assert outcomes(answers) == {(201, ""): 1, (422, "invalid_request"): 1}


async def test_of_two_changes_to_one_version_one_is_made(office: Office) -> None:
    admin = await office.as_("admin")
    path = f"/v1/accounts/{office.accounts['tim1']}"
    for number in range(ROUNDS):
        tag = {"If-Match": (await admin.get(path)).headers["ETag"]}
        answers = await together(*(admin.patch(path, json={"name": f"Nama {number} {n}"}, headers=tag) for n in range(2)))
        assert outcomes(answers) == {(200, ""): 1, (412, "precondition_failed"): 1}
    assert await count(office, "SELECT count(*) FROM event WHERE type = 'account.changed'") == ROUNDS


async def test_of_two_who_change_or_revoke_a_position_one_is_first(office: Office) -> None:
    admin = await office.as_("admin")
    body = {"username": "tim1", "office": SAMBOJA, "role": "staf", "capacity": "plh", "valid_from": "2027-01-04", "instrument": LETTER}
    for _ in range(ROUNDS):
        path = (await admin.post("/v1/assignments", json=body)).headers["Location"]
        tag = {"If-Match": (await admin.get(path)).headers["ETag"]}
        answers = await together(
            *(admin.patch(path, json={"valid_to": f"2027-01-1{n}"}, headers=tag) for n in range(2)),
            admin.post(f"{path}/revoke", json={}, headers=tag),
        )
        assert outcomes(answers) == {(200, ""): 1, (412, "precondition_failed"): 2}
        await admin.post(f"{path}/revoke", json={})
    verdict = (await (await office.as_("auditor")).get("/v1/audit/verify")).json()
    assert verdict["broken"] == []


async def test_a_lost_telephone_and_its_sessions_are_told_once(office: Office) -> None:
    admins, path = [await office.as_(username) for username in ADMINS], f"/v1/accounts/{office.accounts['tim1']}"
    for number in range(1, ROUNDS + 1):
        await office.as_("tim1")
        async with office.database.write() as connection:
            await connection.execute(text("UPDATE account SET totp_secret = 'sealed' WHERE username = 'tim1'"))
        answers = await together(*(admin.post(f"{path}/second-factor-removal") for admin in admins))
        assert outcomes(answers) == {(200, ""): 2}
        await together(*(admin.delete(f"{path}/sessions") for admin in admins))
        assert await count(office, "SELECT count(*) FROM event WHERE type = 'account.second_factor_removed'") == number
    assert await count(office, "SELECT count(*) FROM event WHERE type = 'account.sessions_ended'") == 0
