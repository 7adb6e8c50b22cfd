"""The people of an office over HTTP: who is shown how much of whom, and what an administrator enters."""

from typing import Any

import pytest

from app.domain.events import text_hash
from app.usecases.demo import DemoPerson
from tests.support.administering import ABOVE, KUTAI, NIP, account, give, given, recorded, shown, to_account
from tests.support.machines import let_in, machine
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.replies import made, refused
from tests.support.statements import sent

MASKED = "***************004"
DETAILS = ("nip", "external", "second_factor", "password_changed_at", "created_at", "closed_at")


@pytest.fixture
async def office(own_office: Office) -> Office:
    return own_office


async def usernames(office: Office, who: str = "admin", /, **filters: Any) -> list[str]:
    answer = made(await (await office.as_(who)).get("/v1/accounts", params=filters), 200)
    return [found["username"] for found in answer["items"]]


# ── who is there ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_colleagues_see_names_and_positions_and_nothing_more(office: Office) -> None:
    await account(office, nip=NIP)
    await given(office, "ratna", role="camat", capacity="plh", valid_from="2027-01-05", valid_to="2027-01-07")
    seen = await shown(office, "ratna", who="tim1")
    assert {name: seen[name] for name in DETAILS} == dict.fromkeys(DETAILS)
    assert (seen["username"], seen["name"], seen["office"]) == ("ratna", "Ratna Dewi", {"code": SAMBOJA, "name": "Kecamatan Samboja"})
    (position,) = seen["positions"]
    assert position.pop("id")
    assert position == {
        "role": "camat",
        "label": "Plh. Camat",
        "capacity": "plh",
        "office": {"code": SAMBOJA, "name": "Kecamatan Samboja"},
        "valid_from": "2027-01-05",
        "valid_to": "2027-01-07",
        "current": False,
    }


@pytest.mark.parametrize("who", ["admin", "auditor", "ratna"])
async def test_the_rest_is_for_the_person_and_who_administers_or_inspects(office: Office, who: str) -> None:
    await office.enrol(DemoPerson("ratna", "Ratna Dewi", ("pegawai",)))
    made(await to_account(office, "ratna", "", method="PATCH", json={"nip": NIP}, headers={"If-Match": "*"}), 200)
    seen = await shown(office, "ratna", who=who)
    assert (seen["nip"], seen["second_factor"], seen["external"], seen["closed_at"]) == (MASKED, False, False, None)
    assert seen["created_at"]


async def test_the_whole_number_is_told_to_few(office: Office) -> None:
    await office.enrol(DemoPerson("ratna", "Ratna Dewi", ("pegawai",)))
    made(await to_account(office, "ratna", "", method="PATCH", json={"nip": NIP}, headers={"If-Match": "*"}), 200)
    for who in ("admin", "ratna"):
        answer = await to_account(office, "ratna", "nip", who=who, method="GET")
        assert (made(answer, 200), answer.headers["Cache-Control"]) == ({"nip": NIP}, "no-store")
        assert "ETag" not in answer.headers
    for who in ("auditor", "camat"):
        assert refused(await to_account(office, "ratna", "nip", who=who, method="GET")) == (403, ["permission_missing"])
    assert refused(await to_account(office, "ratna", "nip", who="camat.muarajawa", method="GET")) == (404, ["not_found"])


async def test_no_event_and_no_list_holds_a_number(office: Office) -> None:
    made_account = await account(office, nip=NIP)
    made(await to_account(office, "ratna", "", method="PATCH", json={"nip": None}, headers={"If-Match": "*"}), 200)
    assert made_account["nip"] == MASKED
    listed = await (await office.as_("admin")).get("/v1/accounts")
    events = await recorded(office, "account.created") + await recorded(office, "account.changed")
    assert len(events) == 2
    for text in (listed.text, str(events)):
        assert NIP not in text
        assert str(text_hash(NIP)) not in text


async def test_another_kecamatan_sees_nobody_here(office: Office) -> None:
    neighbour = await office.as_("camat.muarajawa")
    assert await usernames(office, "camat.muarajawa") == ["camat.muarajawa"]
    assert refused(await neighbour.get(f"/v1/accounts/{office.accounts['camat']}")) == (404, ["not_found"])
    assert refused(await neighbour.get("/v1/accounts", params={"office": SAMBOJA})) == (404, ["not_found"])
    assert refused(await neighbour.get("/v1/accounts", params={"office": "99"})) == (404, ["not_found"])


async def test_what_somebody_holds_out_of_sight_is_not_shown(office: Office) -> None:
    """Tim1 helps out at Muara Jawa: each office sees its own part, the kabupaten both."""
    await office.enrol(ABOVE)
    await given(office, "tim1", who="admin.kabupaten", office=MUARA_JAWA, role="staf", capacity="plt", valid_from="2027-01-04")
    offices = {
        who: [p["office"]["code"] for p in (await shown(office, "tim1", who=who))["positions"]]
        for who in ("camat", "camat.muarajawa", ABOVE.username)
    }
    assert offices == {"camat": [SAMBOJA], "camat.muarajawa": [MUARA_JAWA], ABOVE.username: [SAMBOJA, MUARA_JAWA]}


async def test_of_whom_a_team_can_be_formed(office: Office) -> None:
    """By the people's own list, without asking an administrator."""
    await office.enrol(DemoPerson("bekas", "Bekas Pegawai", ("pegawai",)), valid_to=office.clock.now.date().replace(year=2026))
    await office.enrol(DemoPerson("calon", "Calon Pegawai", ("pegawai",)), valid_from=office.clock.now.date().replace(year=2028))
    everyone = ["camat", "sekretaris", "staf", "tim1", "tim2", "tim3"]
    assert await usernames(office, "tim1", office=SAMBOJA, role="pegawai", active="true") == everyone
    made(await to_account(office, "tim3", "close", json={}), 200)
    assert await usernames(office, "tim1", office=SAMBOJA, role="pegawai", active="true") == everyone[:-1]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"q": "TIM"}, ["tim1", "tim2", "tim3"]),
        ({"q": "laksono"}, ["tim1"]),
        ({"q": "%"}, []),
        ({"q": "_"}, []),
        ({"role": "camat"}, ["camat"]),
        ({"role": "admin"}, ["admin"]),
        ({"role": "lurah"}, []),
        ({"active": "false"}, []),
        ({"office": SAMBOJA}, ["admin", "auditor", "camat", "sekretaris", "staf", "tim1", "tim2", "tim3"]),
        ({"office": SAMBOJA, "role": "sekretaris", "q": "sekar"}, ["sekretaris"]),
    ],
)
async def test_the_list_is_narrowed(office: Office, filters: dict[str, str], found: list[str]) -> None:
    assert await usernames(office, **filters) == found


async def test_a_role_is_held_by_the_office_s_own_calendar_day(office: Office) -> None:
    """It is still Monday in Jakarta when Tuesday begins in Samboja."""
    await office.enrol(DemoPerson("plh", "Pengganti Sehari", ("camat",)), capacity="plh", valid_from=office.clock.now.date().replace(day=5))
    await office.at(office.clock.now.replace(hour=23, minute=59))
    assert await usernames(office, role="camat") == ["camat"]
    office.clock.forward(minutes=2)
    await office.at(office.clock.now)
    assert await usernames(office, role="camat") == ["camat", "plh"]


async def test_pages_follow_each_other_and_cost_the_same_whatever_they_hold(office: Office) -> None:
    admin = await office.as_("admin")
    seen: list[str] = []
    url, statements = "/v1/accounts?limit=3", set()
    while url:
        with sent(office.database) as found:
            answer = await admin.get(url)
        statements.add(len(found))
        seen += [item["username"] for item in made(answer, 200)["items"]]
        url = answer.links.get("next", {}).get("url", "")
    assert seen == sorted(seen) == await usernames(office)
    assert statements == {4}  # who calls; the page; what its people hold; which roles there are


async def test_machines_read_it_with_their_scope_and_are_not_in_it(office: Office) -> None:
    known, other = await machine(office, scopes=["people:read"]), await machine(office, scopes=["instances:read"])
    async with await let_in(office, known) as client:
        listed = made(await client.get("/v1/accounts"), 200)["items"]
        assert "camat" in {found["username"] for found in listed}
        assert not [found for found in listed if found["username"].startswith("svc")]
        assert {found["nip"] for found in listed} == {None}
        assert (await client.get("/v1/roles")).status_code == 200
        assert refused(await client.get(f"/v1/accounts/{office.accounts['camat']}/nip")) == (403, ["not_for_machines"])
        assert refused(await client.post("/v1/accounts", json={}))[0] == 403
    async with await let_in(office, other) as client:
        assert refused(await client.get("/v1/accounts")) == (403, ["scope_missing"])
    assert refused(await to_account_of(office, known.id)) == (404, ["not_found"])


async def to_account_of(office: Office, account_id: object) -> Any:
    return await (await office.as_("admin")).get(f"/v1/accounts/{account_id}")


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
    ],
)
async def test_what_cannot_be_entered_is_said_at_its_place(office: Office, change: dict[str, str], pointer: str, code: str) -> None:
    await account(office, "pemilik", nip=NIP)
    answer = await (await office.as_("admin")).post("/v1/accounts", json={"username": "ratna", "name": "Ratna", "office": SAMBOJA} | change)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert len(await recorded(office, "account.created")) == 1


@pytest.mark.parametrize("who", ["camat", "auditor", "tim1"])
async def test_only_an_admin_learns_which_names_are_taken(office: Office, who: str) -> None:
    for username in ("camat", "baru"):
        answer = await (await office.as_(who)).post("/v1/accounts", json={"username": username, "name": "Ratna", "office": SAMBOJA})
        assert refused(answer) == (403, ["permission_missing"])


async def test_an_office_out_of_sight_takes_nobody(office: Office) -> None:
    admin = await office.as_("admin")
    for code in (KUTAI, MUARA_JAWA, "99"):
        assert refused(await admin.post("/v1/accounts", json={"username": "ratna", "name": "Ratna", "office": code})) == (404, ["not_found"])
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
