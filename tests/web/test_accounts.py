"""The people of an office over HTTP: who is shown how much of whom."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.domain.events import text_hash
from app.store.accounts import ACCOUNT
from app.usecases.demo import DemoPerson
from tests.support.administering import ABOVE, NIP, account, given, recorded, shown, to_account
from tests.support.machines import let_in, machine
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.replies import made, refused
from tests.support.statements import sent

MASKED = "***************004"
DETAILS = ("nip", "external", "second_factor", "password_set", "one_time_secret_until", "password_changed_at", "created_at", "closed_at")


@pytest.fixture
async def office(own_office: Office) -> Office:
    return own_office


async def usernames(office: Office, who: str = "admin", /, **filters: Any) -> list[str]:
    answer = made(await (await office.as_(who)).get("/v1/accounts", params=filters), 200)
    return [found["username"] for found in answer["items"]]


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


async def test_who_still_has_no_password_is_seen_by_who_helps_them(office: Office) -> None:
    await account(office)
    assert ((await shown(office, "ratna"))["password_set"], (await shown(office, "ratna"))["one_time_secret_until"]) == (False, None)
    issued = made(await to_account(office, "ratna", "password-reset"), 200)
    assert datetime.fromisoformat((await shown(office, "ratna"))["one_time_secret_until"]) == datetime.fromisoformat(issued["expires_at"])
    assert (await shown(office, "ratna", who="tim1"))["one_time_secret_until"] is None
    await office.at(office.clock.now + timedelta(hours=24))
    assert (await shown(office, "ratna"))["one_time_secret_until"] is None
    async with office.database.write() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.username == "ratna").values(password_hash="$argon2id$"))
    assert [(await shown(office, "ratna", who=who))["password_set"] for who in ("auditor", "tim1")] == [True, None]


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
    assert await usernames(office, "tim1", office=SAMBOJA, role="pegawai") == everyone
    made(await to_account(office, "tim3", "close", json={}), 200)
    for active in ({}, {"active": "true"}):
        assert await usernames(office, "tim1", office=SAMBOJA, role="pegawai", **active) == everyone[:-1]
    assert await usernames(office, "tim1", office=SAMBOJA, role="pegawai", active="false") == ["tim3"]
    assert "tim3" in await usernames(office, "tim1", office=SAMBOJA)


async def test_what_a_closed_account_holds_is_not_current(office: Office) -> None:
    admin, of_tim3 = await office.as_("admin"), {"account": str(office.accounts["tim3"]), "role": "pegawai"}
    for act, current in (("", True), ("close", False), ("reopen", True)):
        if act:
            made(await to_account(office, "tim3", act, json={}), 200)
        (found,) = made(await admin.get("/v1/assignments", params=of_tim3), 200)["items"]
        assert (found["current"], (await shown(office, "tim3"))["positions"][0]["current"]) == (current, current)


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
