"""Positions over HTTP: given, changed, revoked; and what is said about odd ones."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.events import text_hash
from app.domain.permissions import FOR_PEOPLE
from app.usecases.demo import DemoPerson
from tests.support.administering import ABOVE, KUTAI, LETTER, PLH, account, give, given, recorded
from tests.support.machines import machine
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, Run
from tests.support.replies import made, refused


@pytest.fixture
async def office(own_office: Office) -> Office:
    return own_office


async def amend(office: Office, assignment: dict[str, Any], *, who: str = "admin", tag: str | None = "*", **body: Any) -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    return await (await office.as_(who)).patch(f"/v1/assignments/{assignment['id']}", json=body, headers=headers)


async def revoke(office: Office, assignment: dict[str, Any], *, who: str = "admin", **more: Any) -> Any:
    return await (await office.as_(who)).post(f"/v1/assignments/{assignment['id']}/revoke", **({"json": {}} | more))


async def held(office: Office, username: str, *, who: str = "admin", **filters: Any) -> list[dict[str, Any]]:
    params = {"account": str(office.accounts[username])} | filters
    found: list[dict[str, Any]] = made(await (await office.as_(who)).get("/v1/assignments", params=params), 200)["items"]
    return found


# ── giving ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_stand_in_is_given_by_date_and_recorded_with_who_gave_it(office: Office) -> None:
    answer = await give(office, "sekretaris", **PLH)
    found = made(answer)
    assert answer.headers["Location"] == f"/v1/assignments/{found['id']}"
    assert (found["label"], found["current"], found["warnings"]) == ("Plh. Camat", False, [])
    assert (found["valid_from"], found["valid_to"], found["instrument"]) == ("2027-01-05", "2027-01-07", LETTER)
    assert found["account"] == {"id": str(office.accounts["sekretaris"]), "username": "sekretaris", "name": "Sekarlintang Purnawarsa"}
    ((stream, actor, data),) = await recorded(office, "assignment.created")
    assert (stream, actor["label"]) == ("office:64.02.13", "Admin")
    assert (data["capacity"], data["instrument_number_sha256"]) == ("plh", text_hash(LETTER["number"]))
    assert LETTER["number"] not in str(data)


@pytest.mark.parametrize(
    ("username", "position", "status", "codes"),
    [
        ("tim1", {"role": "camat", "valid_from": "2027-02-01"}, 409, ["role_already_held"]),
        ("tim1", {"role": "camat", "valid_from": "2020-01-01", "valid_to": "2023-12-31"}, 201, []),
        ("tim1", {"role": "camat", "valid_from": "2020-01-01", "valid_to": "2024-01-01"}, 409, ["role_already_held"]),
        ("tim1", {"role": "staf", "valid_from": "2027-02-01"}, 201, []),
        ("camat", {"role": "camat", "valid_from": "2027-02-01"}, 409, ["already_assigned"]),
        ("camat", {"role": "camat", "valid_from": "2027-02-01", "capacity": "pj"}, 201, []),
        ("tim1", {"role": "integration", "valid_from": "2027-02-01"}, 422, ["invalid_request"]),
        ("tim1", {"role": "Camat", "valid_from": "2027-02-01"}, 422, ["invalid_request"]),
        ("tim1", {"role": "staf", "valid_from": "2027-02-01", "valid_to": "2027-01-31"}, 422, ["invalid_request"]),
        ("tiada", {"role": "staf", "valid_from": "2027-02-01"}, 404, ["not_found"]),
        ("camat.muarajawa", {"role": "staf", "valid_from": "2027-02-01"}, 404, ["not_found"]),
        ("tim1", {"role": "staf", "valid_from": "2027-02-01", "office": MUARA_JAWA}, 404, ["not_found"]),
        ("tim1", {"role": "staf", "valid_from": "2027-02-01", "office": "99"}, 404, ["not_found"]),
        ("admin", {"role": "staf", "valid_from": "2027-02-01"}, 403, ["not_to_yourself"]),
    ],
)
async def test_what_can_be_given_and_what_cannot(office: Office, username: str, position: dict[str, Any], status: int, codes: list[str]) -> None:
    answer = await give(office, username, **position)
    if status == 201:
        assert made(answer)["role"] == position["role"]
    else:
        assert refused(answer) == (status, codes)
        assert await recorded(office, "assignment.created") == []


async def test_a_refusal_says_who_holds_the_role(office: Office) -> None:
    answer = await give(office, "tim1", role="camat", valid_from="2027-02-01")
    assert "Wiraja Tanumaheswara" in answer.json()["refusals"][0]["message"]


async def test_integration_is_for_machines_only(office: Office) -> None:
    answer = await give(office, "tim1", role="integration", valid_from="2027-02-01")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/role", "for_machines_only")]
    known = await machine(office)
    body = {"account_id": str(known.id), "office": SAMBOJA, "role": "camat", "valid_from": "2027-02-01"}
    assert refused(await (await office.as_("admin")).post("/v1/assignments", json=body)) == (404, ["not_found"])


@pytest.mark.parametrize("who", [{}, {"username": "tim1", "account_id": "019aab3e-0000-7000-8000-000000000001"}])
async def test_one_person_is_named(office: Office, who: dict[str, str]) -> None:
    body = who | {"office": SAMBOJA, "role": "staf", "valid_from": "2027-02-01"}
    answer = await (await office.as_("admin")).post("/v1/assignments", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "account_ambiguous")


@pytest.mark.parametrize("who", ["camat", "auditor", "tim2"])
async def test_who_does_not_administer_gives_nothing(office: Office, who: str) -> None:
    assert refused(await give(office, "tim1", who=who, role="staf", valid_from="2027-02-01")) == (403, ["permission_missing"])
    (own,) = await held(office, "tim1")
    assert refused(await amend(office, own, who=who, valid_to="2027-12-31")) == (403, ["permission_missing"])
    assert refused(await revoke(office, own, who=who)) == (403, ["permission_missing"])


@pytest.mark.parametrize(
    ("position", "warnings"),
    [
        ({"role": "camat", "capacity": "plt", "valid_from": "2027-01-04", "valid_to": "2027-04-03"}, []),
        ({"role": "camat", "capacity": "plt", "valid_from": "2027-01-04", "valid_to": "2027-04-04"}, ["plt_over_three_months"]),
        ({"role": "camat", "capacity": "plt", "valid_from": "2027-01-04", "valid_to": "2027-12-31"}, ["plt_over_six_months"]),
        ({"role": "camat", "capacity": "plh", "valid_from": "2027-01-04"}, ["acting_without_end"]),
        ({"role": "camat", "capacity": "plh", "valid_from": "2027-01-04", "instrument": None}, ["instrument_missing", "acting_without_end"]),
        ({"role": "auditor", "valid_from": "2027-01-04"}, ["holder_is_admin"]),
    ],
)
async def test_what_is_odd_is_said_and_given(office: Office, position: dict[str, Any], warnings: list[str]) -> None:
    found = await given(office, "tim1", **position)
    assert [warning["code"] for warning in found["warnings"]] == warnings
    assert all(warning["message"] for warning in found["warnings"])


async def test_two_terms_of_a_plt_are_counted_together(office: Office) -> None:
    first = {"role": "camat", "capacity": "plt", "valid_from": "2027-01-04", "valid_to": "2027-04-03"}
    assert (await given(office, "tim1", **first))["warnings"] == []
    extended = await given(office, "tim1", **first | {"valid_from": "2027-04-04", "valid_to": "2027-07-03"})
    assert [warning["code"] for warning in extended["warnings"]] == ["plt_over_three_months"]
    third = await given(office, "tim1", **first | {"valid_from": "2027-07-04", "valid_to": "2027-07-31"})
    assert [warning["code"] for warning in third["warnings"]] == ["plt_over_six_months"]


async def test_the_same_request_twice_gives_one_position(office: Office) -> None:
    key = {"Idempotency-Key": "once"}
    first, second = [await give(office, "sekretaris", headers=key, **PLH) for _ in range(2)]
    assert (made(first), second.headers["Idempotency-Replayed"]) == (made(second), "true")
    assert len(await recorded(office, "assignment.created")) == 1


# ── changing and revoking ───────────────────────────────────────────────────────────────────────────────────────────


async def test_a_stand_in_who_is_back_early_ends_early(office: Office) -> None:
    plh = await given(office, "sekretaris", **PLH)
    admin = await office.as_("admin")
    tag = (await admin.get(f"/v1/assignments/{plh['id']}")).headers["ETag"]
    assert refused(await amend(office, plh, tag=None, valid_to="2027-01-06")) == (428, ["precondition_required"])
    changed = made(await amend(office, plh, tag=tag, valid_to="2027-01-06"), 200)
    assert (changed["valid_to"], changed["instrument"]) == ("2027-01-06", LETTER)
    assert refused(await amend(office, plh, tag=tag, valid_to="2027-01-07")) == (412, ["precondition_failed"])
    ((_, actor, data),) = await recorded(office, "assignment.changed")
    assert (actor["label"], data["assignment_id"], data["valid_to"]) == ("Admin", plh["id"], "2027-01-06")


async def test_the_last_day_is_yesterday_at_the_earliest(office: Office) -> None:
    plh = await given(office, "sekretaris", **PLH)
    await office.at(office.clock.now + timedelta(days=3))  # Thursday, its last day
    answer = await amend(office, plh, valid_to="2027-01-05")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/valid_to", "in_the_past")]
    assert [error["code"] for error in (await amend(office, plh, valid_to="2027-01-04")).json()["errors"]] == ["before_valid_from"]
    ended = made(await amend(office, plh, valid_to="2027-01-06"), 200)
    assert not ended["current"]
    await office.at(office.clock.now + timedelta(days=1))
    assert refused(await amend(office, plh, valid_to="2027-01-31")) == (409, ["assignment_over"])
    late_letter = made(await amend(office, plh, instrument={"number": "800/9"}), 200)
    assert late_letter["instrument"] == {"number": "800/9", "date": None}


async def test_a_longer_term_meets_the_same_rules(office: Office) -> None:
    """The Camat retires with January, another follows; then the first cannot stay on."""
    (own, _) = sorted(await held(office, "camat"), key=lambda found: found["role"])
    made(await amend(office, own, valid_to="2027-01-31"), 200)
    assert made(await give(office, "sekretaris", role="camat", valid_from="2027-02-01"))["label"] == "Camat"
    assert refused(await amend(office, own, valid_to="2027-02-01")) == (409, ["role_already_held"])
    assert refused(await amend(office, own, valid_to=None)) == (409, ["role_already_held"])
    plt = await given(office, "tim1", role="staf", capacity="plt", valid_from="2027-01-04", valid_to="2027-01-31")
    longer = made(await amend(office, plt, valid_to="2027-05-31"), 200)
    assert [warning["code"] for warning in longer["warnings"]] == ["plt_over_three_months"]


async def test_what_is_revoked_is_gone_at_the_next_request(office: Office) -> None:
    run, camat = await Run.start(office), await office.as_("camat")
    (camat_role,) = await held(office, "camat", role="camat")
    revoked = made(await revoke(office, camat_role, json={"reason": "Mutasi"}), 200)
    assert (revoked["current"], revoked["revoked_at"] is not None) == (False, True)
    assert refused(await run.act("camat", "complete", step=1))[1][0] == "not_a_performer"
    assert "camat" not in {p["role"] for p in made(await camat.get("/v1/me"), 200)["positions"]}
    assert (await run.get("sekretaris"))["waiting_for"][0]["people"] == []
    assert refused(await revoke(office, camat_role)) == (409, ["assignment_revoked"])
    assert refused(await amend(office, camat_role, valid_to="2027-12-31")) == (409, ["assignment_revoked"])
    assert (await held(office, "camat", role="camat"), len(await held(office, "camat", role="camat", include_revoked="true"))) == ([], 1)
    ((_, _, data),) = await recorded(office, "assignment.revoked")
    assert (data["role"], data["reason_sha256"]) == ("camat", text_hash("Mutasi"))
    assert made(await give(office, "tim1", role="camat", valid_from="2027-01-04"))["current"]


async def test_a_claim_ends_with_the_role(office: Office) -> None:
    run = await Run.start(office)
    await office.enrol(DemoPerson("plh", "Pengganti Camat", ("camat",)), capacity="plh", valid_from=office.clock.now.date())
    assert (await run.act("plh", "claim", step=1)).status_code == 201
    assert "claimed_by_another" in refused(await run.act("camat", "complete", step=1))[1]
    (theirs,) = await held(office, "plh")
    made(await revoke(office, theirs), 200)
    assert "claimed_by_another" not in refused(await run.act("camat", "complete", step=1))[1]


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_list_is_narrowed_and_paged(office: Office) -> None:
    plh = await given(office, "sekretaris", **PLH)
    admin = await office.as_("admin")

    async def ids(**filters: Any) -> list[str]:
        return [
            found["id"] for found in made(await admin.get("/v1/assignments", params={"office": SAMBOJA, "role": "camat", **filters}), 200)["items"]
        ]

    (newest, oldest) = await ids()
    assert newest == plh["id"]
    assert await ids(valid_on="2027-01-04") == [oldest]
    assert await ids(valid_on="2027-01-05") == await ids(valid_on="2027-01-07") == [newest, oldest]
    assert await ids(valid_on="2027-01-08") == [oldest]
    assert await ids(account=str(office.accounts["sekretaris"])) == [newest]
    page = await admin.get("/v1/assignments", params={"limit": 1, "role": "camat"})
    following = made(await admin.get(page.links["next"]["url"]), 200)
    assert [found["id"] for found in following["items"]] == [oldest]
    assert refused(await admin.get("/v1/assignments", params={"office": MUARA_JAWA})) == (404, ["not_found"])
    elsewhere = str(office.accounts["camat.muarajawa"])
    assert refused(await admin.get("/v1/assignments", params={"account": elsewhere})) == (404, ["not_found"])


async def test_who_sees_the_office_sees_its_positions_and_no_other(office: Office) -> None:
    plh = await given(office, "sekretaris", **PLH)
    assert made(await (await office.as_("tim1")).get(f"/v1/assignments/{plh['id']}"), 200)["label"] == "Plh. Camat"
    neighbour = await office.as_("camat.muarajawa")
    assert refused(await neighbour.get(f"/v1/assignments/{plh['id']}")) == (404, ["not_found"])
    assert {found["office"]["code"] for found in made(await neighbour.get("/v1/assignments"), 200)["items"]} == {MUARA_JAWA}
    assert refused(await amend(office, plh, who="camat.muarajawa", valid_to=None)) == (404, ["not_found"])


async def test_who_holds_something_above_is_given_something_here_and_is_then_beyond_the_admin_here(office: Office) -> None:
    await office.enrol(ABOVE)
    await account(office, "bupati.staf", who=ABOVE.username, office=KUTAI)
    assert refused(await give(office, "bupati.staf", role="staf", valid_from="2027-01-04")) == (404, ["not_found"])
    helping = await given(office, "bupati.staf", who=ABOVE.username, role="staf", valid_from="2027-01-04")
    admin = await office.as_("admin")
    path = f"/v1/accounts/{office.accounts['bupati.staf']}"
    assert made(await admin.get(path), 200)["nip"] is None
    assert refused(await admin.post(f"{path}/password-reset")) == (403, ["held_elsewhere"])
    assert made(await revoke(office, helping), 200)["revoked_at"]  # what it holds here is the admin's to take back


async def test_roles_are_those_of_published_procedures(office: Office) -> None:
    found = made(await (await office.as_("tim1")).get("/v1/roles", headers={"Accept-Language": "en"}), 200)
    roles = {role["role"]: role for role in found["roles"]}
    assert set(roles) == {"pegawai", "camat", "sekretaris", "staf"}
    assert roles["camat"] == {"role": "camat", "label": "Camat", "single_holder": True, "signs": True, "needs_second_factor": True}
    assert (roles["staf"]["single_holder"], roles["staf"]["needs_second_factor"]) == (False, False)
    permissions = {permission["permission"]: permission for permission in found["permissions"]}
    assert set(permissions) == set(FOR_PEOPLE)
    assert permissions["admin"]["needs_second_factor"]
    assert "administers" in permissions["admin"]["meaning"]
