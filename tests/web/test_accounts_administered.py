"""What an administrator enters of an account, how far they reach, and how an account is closed."""

from typing import Any

import pytest
from sqlalchemy import update

from app.domain.events import text_hash
from app.store.accounts import ACCOUNT
from app.usecases.demo import DemoPerson
from tests.support.administering import ABOVE, KUTAI, NIP, account, give, given, recorded, shown, to_account
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.replies import made, refused

ELSEWHERE = DemoPerson("admin.muarajawa", "Admin Muara Jawa", ("admin",), MUARA_JAWA)


@pytest.fixture
async def office(own_office: Office) -> Office:
    return own_office


# ── entering ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_new_account_is_told_how_to_go_on(office: Office) -> None:
    admin = await office.as_("admin")
    answer = await admin.post("/v1/accounts", json={"username": "ratna", "name": "Ratna Dewi", "office": SAMBOJA, "nip": "198001172005019003"})
    found = made(answer)
    assert answer.headers["Location"] == f"/v1/accounts/{found['id']}"
    assert [warning["code"] for warning in found["warnings"]] == ["nip_sex_digit", "password_missing"]
    assert (found["positions"], found["active"]) == ([], True)
    ((stream, actor, data),) = await recorded(office, "account.created")
    assert (stream, actor["label"], actor["role"], actor["name"]) == ("office:64.02.13", "Admin", "admin", "Dharmasena Katulistiwa")
    about = {"account_id": found["id"], "username": "ratna", "kind": "person", "is_demo": False}
    assert data == about | {"name_sha256": text_hash("Ratna Dewi")}


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"username": "camat"}, "/username", "username_taken"),
        ({"username": "Ratna"}, "/username", "malformed"),
        ({"name": " "}, "/name", "malformed"),
        ({"nip": "123"}, "/nip", "malformed"),
        ({"nip": "199913012005011004"}, "/nip", "birth_date_impossible"),
        ({"nip": NIP}, "/nip", "nip_taken"),
        ({"username": "198001172005011009"}, "/username", "looks_like_nip"),
        ({"username": "a.19800117-200501-1-009"}, "/username", "looks_like_nip"),
    ],
)
async def test_what_cannot_be_entered_is_said_at_its_place(office: Office, change: dict[str, str], pointer: str, code: str) -> None:
    await account(office, "pemilik", nip=NIP)
    answer = await (await office.as_("admin")).post("/v1/accounts", json={"username": "ratna", "name": "Ratna", "office": SAMBOJA} | change)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert len(await recorded(office, "account.created")) == 1


async def test_whether_somebody_out_of_sight_has_a_nip_is_not_said(office: Office) -> None:
    """Else whoever administers one kecamatan could ask for everybody's in the country."""
    for person in (ABOVE, ELSEWHERE):
        await office.enrol(person)
    await account(office, "pemilik", who=ELSEWHERE.username, nip=NIP, office=MUARA_JAWA)
    await account(office, "lain")
    one, all_, path = await office.as_("admin"), await office.as_(ABOVE.username), f"/v1/accounts/{office.accounts['lain']}"
    new = {"username": "ratna", "name": "Ratna", "office": SAMBOJA, "nip": NIP}
    for client, code in ((one, "nip_refused"), (all_, "nip_taken")):
        for answer in (await client.post("/v1/accounts", json=new), await client.patch(path, json={"nip": NIP}, headers={"If-Match": "*"})):
            (error,) = answer.json()["errors"]
            assert (answer.status_code, error["pointer"], error["code"]) == (422, "/nip", code)
    assert "lain" not in (await one.post("/v1/accounts", json=new)).json()["errors"][0]["message"]


@pytest.mark.parametrize("who", ["camat", "auditor", "tim1"])
async def test_only_an_admin_learns_which_names_are_taken(office: Office, who: str) -> None:
    for username in ("camat", "baru"):
        answer = await (await office.as_(who)).post("/v1/accounts", json={"username": username, "name": "Ratna", "office": SAMBOJA})
        assert refused(answer) == (403, ["permission_missing"])


async def test_an_office_out_of_sight_takes_nobody(office: Office) -> None:
    admin = await office.as_("admin")
    for code in (KUTAI, MUARA_JAWA, "99"):
        answer = await admin.post("/v1/accounts", json={"username": "ratna", "name": "Ratna", "office": code})
        assert refused(answer) == (404, ["not_found"])
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/office"]
    changed = await to_account(office, "tim1", "", method="PATCH", json={"office": MUARA_JAWA}, headers={"If-Match": "*"})
    assert refused(changed) == (404, ["not_found"])


async def test_the_same_request_twice_makes_one_account(office: Office) -> None:
    admin, body = await office.as_("admin"), {"username": "ratna", "name": "Ratna Dewi", "office": SAMBOJA}
    first, second = [await admin.post("/v1/accounts", json=body, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert (made(first), second.headers["Idempotency-Replayed"]) == (made(second), "true")
    assert refused(await admin.post("/v1/accounts", json=body | {"name": "Lain"}, headers={"Idempotency-Key": "once"})) == (
        422,
        ["idempotency_key_reused"],
    )


async def test_a_change_says_what_it_was_decided_on(office: Office) -> None:
    before = await to_account(office, "tim1", "", method="GET")
    tag = {"If-Match": before.headers["ETag"]}
    assert refused(await to_account(office, "tim1", "", method="PATCH", json={"name": "Nama Baru"})) == (428, ["precondition_required"])
    changed = await to_account(office, "tim1", "", method="PATCH", json={"name": "Nama Baru"}, headers=tag)
    assert made(changed, 200)["name"] == "Nama Baru"
    assert refused(await to_account(office, "tim1", "", method="PATCH", json={"name": "Lain"}, headers=tag)) == (412, ["precondition_failed"])
    fresh = {"If-Match": changed.headers["ETag"]}
    same = await to_account(office, "tim1", "", method="PATCH", json={"name": "Nama Baru"}, headers=fresh)
    assert same.headers["ETag"] == changed.headers["ETag"]
    assert [data["changed"] for _, _, data in await recorded(office, "account.changed")] == [["name"]]


async def test_a_move_is_told_at_both_offices(office: Office) -> None:
    await office.enrol(ABOVE)
    moved = await to_account(office, "tim1", "", who=ABOVE.username, method="PATCH", json={"office": MUARA_JAWA}, headers={"If-Match": "*"})
    assert made(moved, 200)["office"]["code"] == MUARA_JAWA
    events = await recorded(office, "account.changed")
    assert [stream for stream, _, _ in events] == ["office:64.02.13", "office:64.02.14"]
    assert [data["office"] for _, _, data in events] == [MUARA_JAWA, MUARA_JAWA]


ACTS = (
    ("PATCH", "", {"json": {"name": "Lain"}, "headers": {"If-Match": "*"}}),
    ("POST", "close", {"json": {}}),
    ("POST", "reopen", {}),
    ("POST", "password-reset", {}),
    ("POST", "second-factor-removal", {}),
    ("GET", "sessions", {}),
    ("DELETE", "sessions", {}),
)


@pytest.mark.parametrize(("method", "act", "more"), ACTS, ids=[f"{method} {act}" for method, act, _ in ACTS])
async def test_nobody_administers_beyond_their_reach(office: Office, method: str, act: str, more: dict[str, Any]) -> None:
    """Neither oneself, nor who holds something above, nor without the permission, nor whom one cannot see."""
    await office.enrol(ABOVE)
    await given(office, "staf", who=ABOVE.username, office=KUTAI, role="staf", valid_from="2028-01-01")
    cases = {
        ("admin", "admin"): (403, ["not_to_yourself"]),
        ("admin", "staf"): (403, ["held_elsewhere"]),
        ("camat", "tim1"): (403, ["permission_missing"]),
        ("auditor", "tim1"): (403, ["permission_missing"]),
        ("camat.muarajawa", "tim1"): (404, ["not_found"]),
        ("admin", ABOVE.username): (404, ["not_found"]),
    }
    found = {(who, whom): refused(await to_account(office, whom, act, who=who, method=method, **more)) for who, whom in cases}
    assert {key: (status, codes[:1]) for key, (status, codes) in found.items()} == cases
    answer = await to_account(office, "staf", act, who=ABOVE.username, method=method, **more)
    assert answer.is_success or (act, refused(answer)) == ("reopen", (409, ["account_open"]))


# ── closing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_closed_account_is_out_at_the_next_request_and_keeps_what_it_held_on_record(office: Office) -> None:
    tim1 = await office.as_("tim1")
    closed = made(await to_account(office, "tim1", "close", json={"reason": "Pensiun"}), 200)
    assert (closed["active"], closed["closed_at"] is not None) == (False, True)
    assert [(p["role"], p["current"]) for p in closed["positions"]] == [("pegawai", False)]
    assert refused(await tim1.get("/v1/me")) == (401, ["session_ended"])
    assert refused(await to_account(office, "tim1", "close", json={})) == (409, ["account_closed"])
    assert refused(await to_account(office, "tim1", "password-reset")) == (409, ["account_closed"])
    assert refused(await give(office, "tim1", role="staf", valid_from="2027-01-04")) == (409, ["account_closed"])
    assert made(await to_account(office, "tim1", "reopen"), 200)["active"]
    assert refused(await tim1.get("/v1/me")) == (401, ["session_ended"])  # its sessions do not come back
    assert refused(await to_account(office, "tim1", "reopen")) == (409, ["account_open"])
    ((_, actor, data),) = await recorded(office, "account.closed")
    assert (actor["label"], data["reason_sha256"]) == ("Admin", text_hash("Pensiun"))


async def test_sessions_are_listed_and_ended_by_their_administrator(office: Office) -> None:
    one, other = [office.client(Authorization=f"Bearer {await office.token('tim1')}") for _ in range(2)]
    listed = made(await to_account(office, "tim1", "sessions", method="GET"), 200)["items"]
    assert [found["current"] for found in listed] == [False, False]
    assert (await to_account(office, "tim1", f"sessions/{listed[1]['id']}", method="DELETE")).status_code == 204
    assert refused(await to_account(office, "tim1", f"sessions/{listed[1]['id']}", method="DELETE")) == (404, ["not_found"])
    assert [(await client.get("/v1/me")).status_code for client in (one, other)] == [401, 200]
    assert (await to_account(office, "tim1", "sessions", method="DELETE")).status_code == 204
    assert (await other.get("/v1/me")).status_code == 401
    for client in (one, other):
        await client.aclose()


async def test_a_lost_telephone_is_taken_off_the_account_once(office: Office) -> None:
    async with office.database.write() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.username == "tim1").values(totp_secret="sealed", second_factor_at=office.clock()))
    assert (await shown(office, "tim1"))["second_factor"]
    tim1 = await office.as_("tim1")
    for _ in range(2):
        answer = await to_account(office, "tim1", "second-factor-removal", headers={"Idempotency-Key": "once"})
        assert made(answer, 200)["second_factor"] is False
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert refused(await tim1.get("/v1/me")) == (401, ["session_ended"])
    assert [actor["label"] for _, actor, _ in await recorded(office, "account.second_factor_removed")] == ["Admin"]


async def test_what_is_not_there_is_not_taken_off_and_not_told(office: Office) -> None:
    """No second factor, no sessions: the log records what happened."""
    tim1, before = await office.as_("tim1"), await shown(office, "tim1")
    assert made(await to_account(office, "tim1", "second-factor-removal"), 200) == before
    assert (await tim1.get("/v1/me")).status_code == 200
    for _ in range(2):
        assert (await to_account(office, "tim1", "sessions", method="DELETE")).status_code == 204
    assert await recorded(office, "account.second_factor_removed") == []
    assert len(await recorded(office, "account.sessions_ended")) == 1


async def test_taking_a_second_factor_off_is_a_change_of_the_account(office: Office) -> None:
    async with office.database.write() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.username == "tim1").values(totp_secret="sealed", second_factor_at=office.clock()))
    tag = {"If-Match": (await to_account(office, "tim1", "", method="GET")).headers["ETag"]}
    taken = await to_account(office, "tim1", "second-factor-removal", headers=tag)
    assert made(taken, 200)["second_factor"] is False
    assert refused(await to_account(office, "tim1", "second-factor-removal", headers=tag)) == (412, ["precondition_failed"])
    assert made(await to_account(office, "tim1", "close", headers={"If-Match": taken.headers["ETag"]}, json={}), 200)["active"] is False
