"""Service accounts over HTTP: who creates them, their secret, the token they get, and when it stops."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from app.domain.service_accounts import SECRET_PREFIX
from app.store.events import EVENT
from app.store.sessions import SERVICE_ACCOUNT
from app.usecases.demo import DemoPerson
from tests.support.contract import check_answer
from tests.support.machines import Machine
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.people import KUTAI
from tests.support.shared_office import nothing_saved
from tests.web.test_frame_errors import problem

NEW: dict[str, Any] = {
    "name": "Dasbor kabupaten",
    "offices": [SAMBOJA],
    "scopes": ["instances:read", "deadlines:read"],
    "expires_at": "2027-11-22T00:00:00+08:00",
}
PATH = "/v1/service-accounts"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(scope="module", autouse=True)
async def people(office: Office) -> None:
    await office.enrol(DemoPerson("kukar", "Admin Kabupaten", ("admin",), KUTAI))
    await office.enrol(DemoPerson("admin.muarajawa", "Admin Muara Jawa", ("admin",), MUARA_JAWA))


async def created(office: Office, **changes: Any) -> dict[str, Any]:
    answer = await (await office.as_("kukar")).post(PATH, json=NEW | changes)
    check_answer("createServiceAccount", answer)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def with_secret(office: Office, **changes: Any) -> Machine:
    made = await created(office, **changes)
    answer = await (await office.as_("kukar")).post(f"{PATH}/{made['id']}/secret")
    check_answer("issueServiceAccountSecret", answer)
    assert answer.status_code == 201, answer.text
    return Machine(UUID(made["id"]), answer.json()["client_id"], answer.json()["client_secret"])


async def test_an_administrator_creates_one_and_asks_for_its_secret(office: Office) -> None:
    admin = await office.as_("admin")
    answer = await admin.post(PATH, json=NEW)
    check_answer("createServiceAccount", answer)
    made = answer.json()
    assert answer.headers["location"] == f"{PATH}/{made['id']}"
    assert made["client_id"].startswith("svc-dasbor-kabupaten-")
    assert made["offices"] == [{"code": SAMBOJA, "name": "Kecamatan Samboja"}]
    assert (made["scopes"], made["active"], made["has_secret"], made["last_used_at"]) == (["deadlines:read", "instances:read"], True, False, None)
    secret = await admin.post(f"{PATH}/{made['id']}/secret")
    assert secret.headers["cache-control"] == "no-store"
    assert secret.json()["client_secret"].startswith(SECRET_PREFIX)
    again = await admin.get(f"{PATH}/{made['id']}")
    check_answer("getServiceAccount", again)
    assert again.json()["has_secret"] is True
    assert secret.json()["client_secret"] not in again.text
    assert again.headers["etag"] != answer.headers["etag"]


async def test_only_the_hash_of_a_secret_is_kept_and_the_log_knows_nothing_of_it(office: Office) -> None:
    known = await with_secret(office)
    async with office.database.read() as connection:
        kept = await connection.scalar(select(SERVICE_ACCOUNT.c.secret_hash).where(SERVICE_ACCOUNT.c.account_id == known.id))
        told = (await connection.execute(select(EVENT.c.type, EVENT.c.data, EVENT.c.actor, EVENT.c.stream))).all()
    assert kept is not None
    assert len(kept) == 64
    mine = [row for row in told if row.data.get("account_id") == str(known.id)]
    assert [row.type for row in mine] == ["account.created", "service_account.created", "assignment.created", "service_account.secret_issued"]
    assert {row.stream for row in mine} == {f"office:{SAMBOJA}"}
    assert {row.actor["role"] for row in mine} == {"admin"}
    assert known.secret not in str(told)
    assert kept not in str(told)


@pytest.mark.parametrize(
    ("who", "offices", "status"),
    [
        ("admin", [SAMBOJA], 201),
        ("kukar", [SAMBOJA, MUARA_JAWA], 201),
        ("kukar", [KUTAI], 201),
        ("admin", [MUARA_JAWA], 404),
        ("admin", [SAMBOJA, MUARA_JAWA], 404),
        ("admin", [KUTAI], 404),
        ("admin", ["99.99"], 404),
        ("admin", ["x" * 41], 422),
        ("admin", [], 422),
        ("auditor", [SAMBOJA], 403),
        ("camat", [SAMBOJA], 403),
        ("camat", [MUARA_JAWA], 404),
        ("admin.muarajawa", [SAMBOJA], 404),
    ],
)
async def test_it_takes_admin_over_every_office_named(office: Office, who: str, offices: list[str], status: int) -> None:
    answer = await (await office.as_(who)).post(PATH, json=NEW | {"offices": offices})
    check_answer("createServiceAccount", answer)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"expires_at": "2027-01-01T00:00:00+08:00"}, "/expires_at"),
        ({"expires_at": "2028-02-01T00:00:00+08:00"}, "/expires_at"),
        ({"scopes": ["instances:write"]}, "/scopes/0"),
        ({"scopes": []}, "/scopes"),
        ({"name": " "}, "/name"),
        ({"secret": "pilihan-saya"}, "/secret"),
    ],
)
async def test_what_cannot_be_entered(office: Office, changes: dict[str, Any], pointer: str) -> None:
    admin = await office.as_("admin")
    async with nothing_saved(office):
        answer = await admin.post(PATH, json=NEW | changes)
    assert problem(answer, 422, "invalid_request")["errors"][0]["pointer"] == pointer  # type: ignore[index]


async def test_a_repetition_creates_no_second_one_and_gives_no_secret_twice(office: Office) -> None:
    admin, key = await office.as_("admin"), {"Idempotency-Key": str(uuid4())}
    first, again = [await admin.post(PATH, json=NEW, headers=key) for _ in range(2)]
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    path, key = f"{PATH}/{first.json()['id']}/secret", {"Idempotency-Key": str(uuid4())}
    one, other = [await admin.post(path, headers=key) for _ in range(2)]
    assert one.json()["client_secret"] != other.json()["client_secret"]
    stale = await admin.post(path.replace("secret", "revoke"), headers={"If-Match": first.headers["etag"]})
    problem(stale, 412, "precondition_failed")


async def test_one_that_reads_elsewhere_too_is_administered_by_who_has_admin_everywhere(office: Office) -> None:
    """Or whoever administers one of its offices could ask for a secret, and read at the other."""
    made = await created(office, offices=[SAMBOJA, MUARA_JAWA])
    for who, own in (("admin", SAMBOJA), ("admin.muarajawa", MUARA_JAWA)):
        client = await office.as_(who)
        shown = await client.get(f"{PATH}/{made['id']}")
        assert [place["code"] for place in shown.json()["offices"]] == [own]
        for act in ("secret", "revoke"):
            problem(await client.post(f"{PATH}/{made['id']}/{act}"), 403, "held_elsewhere")
    assert (await (await office.as_("kukar")).post(f"{PATH}/{made['id']}/revoke")).status_code == 200


@pytest.mark.parametrize("who", ["camat", "admin.muarajawa", "camat.muarajawa", "tim1"])
async def test_to_others_it_does_not_exist(office: Office, who: str) -> None:
    made, client = await created(office), await office.as_(who)
    for answer in (
        await client.get(f"{PATH}/{made['id']}"),
        await client.post(f"{PATH}/{made['id']}/secret"),
        await client.post(f"{PATH}/{made['id']}/revoke"),
        await client.post(f"{PATH}/{made['id']}/revoke", headers={"Idempotency-Key": "x" * 300}),
    ):
        problem(answer, 404, "not_found")


async def test_who_inspects_reads_and_changes_nothing(office: Office) -> None:
    made, auditor = await created(office), await office.as_("auditor")
    assert (await auditor.get(f"{PATH}/{made['id']}")).status_code == 200
    problem(await auditor.post(f"{PATH}/{made['id']}/secret"), 403, "permission_missing")


async def test_the_list_shows_what_the_caller_administers_page_by_page(office: Office) -> None:
    mine = [(await created(office))["id"] for _ in range(3)]
    other = (await created(office, offices=[MUARA_JAWA]))["id"]
    both = (await created(office, offices=[MUARA_JAWA, SAMBOJA]))["id"]
    admin, neighbour, above = [await office.as_(who) for who in ("admin", "admin.muarajawa", "kukar")]

    async def ids(client: httpx.AsyncClient, **filters: Any) -> list[str]:
        found, cursor = [], ""
        while cursor is not None:
            answer = await client.get(PATH, params=filters | {"limit": 2} | ({"cursor": cursor} if cursor else {}))
            check_answer("listServiceAccounts", answer)
            found += [line["id"] for line in answer.json()["items"]]
            cursor = answer.json()["page"]["next_cursor"]
        return found

    assert [one for one in await ids(admin) if one in {*mine, other, both}] == [*mine, both]
    assert set(await ids(neighbour)) & {*mine, other, both} == {other, both}
    assert {*mine, other, both} <= set(await ids(above))
    assert set(await ids(above, office=MUARA_JAWA)) & {*mine, other, both} == {other, both}
    assert (await above.post(f"{PATH}/{mine[0]}/revoke")).status_code == 200
    assert mine[0] not in await ids(admin, active=True)
    assert mine[0] in await ids(admin, active=False)
    assert mine[1] not in await ids(admin, active=False)


async def test_the_list_is_for_administrators_and_auditors(office: Office) -> None:
    for who, params, status in (
        ("auditor", {}, 200),
        ("auditor", {"office": SAMBOJA}, 200),
        ("camat", {}, 403),
        ("camat", {"office": SAMBOJA}, 403),
        ("camat", {"office": MUARA_JAWA}, 404),
        ("admin", {"office": MUARA_JAWA}, 404),
        ("admin", {"office": "99"}, 404),
    ):
        answer = await (await office.as_(who)).get(PATH, params=params)
        check_answer("listServiceAccounts", answer)
        assert answer.status_code == status, (who, params)


async def test_what_is_done_to_people_is_not_done_to_machines(office: Office) -> None:
    """No password, no positions: a machine that could be given either would be a person whom nobody knows."""
    made, admin = await created(office), await office.as_("kukar")
    path = f"/v1/accounts/{made['id']}"
    for answer in (
        await admin.get(path),
        await admin.patch(path, json={"name": "Ratna"}, headers={"If-Match": "*"}),
        await admin.post(f"{path}/password-reset"),
        await admin.post(f"{path}/second-factor-removal"),
        await admin.post(f"{path}/close", json={}),
        await admin.post(f"{path}/reopen"),
    ):
        problem(answer, 404, "not_found")
    for whom in ({"account_id": made["id"]}, {"username": made["client_id"]}):
        answer = await admin.post("/v1/assignments", json={**whom, "office": SAMBOJA, "role": "camat", "valid_from": "2027-02-01"})
        assert answer.status_code in {404, 422}, answer.text
    assert made["client_id"] not in (await admin.get("/v1/accounts", params={"office": SAMBOJA, "limit": 200})).text
