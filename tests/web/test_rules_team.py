"""Claims, changes of the team and comments over HTTP."""

from typing import Any

import pytest

from app.usecases.demo import DemoPerson
from tests.support.calendars import at
from tests.support.office import TEAM, Office, Run
from tests.support.replies import made, refused
from tests.support.shared_office import fresh


def team_of(*usernames: str) -> dict[str, Any]:
    return {"members": [{"username": username} for username in usernames]}


def claims(instance: dict[str, Any], step: int) -> dict[str, str | None]:
    return {part["role"]: part["claimed_by"] for part in instance["steps"][step - 1]["performers"]}


# ── claims ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_claim_keeps_the_others_of_the_part_out_until_it_is_released(office: Office) -> None:
    run = await fresh(office, at_step=4)
    await run.fill(4)
    claimed = made(await run.act("tim1", "claim", step=4))["instance"]
    assert claims(claimed, 4) == {"sekretaris": None, "tim_penyusun": "Bimantara Laksonojati"}
    for action in ("complete", "claim", "release"):
        assert refused(await run.act("tim2", action, step=4)) == (409, ["claimed_by_another"])
    assert refused(await run.act("tim1", "claim", step=4)) == (409, ["already_claimed"])
    assert refused(await run.act("staf", "release", step=4)) == (403, ["not_a_performer", "claimed_by_another"])
    released = made(await run.act("camat", "release", step=4))["instance"]
    assert claims(released, 4) == {"sekretaris": None, "tim_penyusun": None}
    assert refused(await run.act("tim1", "release", step=4)) == (409, ["not_claimed"])
    made(await run.act("tim2", "complete", step=4))


async def test_signing_off_and_going_back_end_a_claim(office: Office) -> None:
    run = await fresh(office, at_step=6)
    await run.fill(6)
    for username in ("sekretaris", "tim1"):
        made(await run.act(username, "claim", step=6))
    signed = made(await run.act("tim1", "complete", step=6))["instance"]
    assert claims(signed, 6) == {"sekretaris": "Sekarlintang Purnawarsa", "tim_penyusun": None}
    back = made(await run.act("tim2", "return", step=6, to_step=4, reason="Angka berubah."))["instance"]
    assert claims(back, 6) == claims(back, 4) == {"sekretaris": None, "tim_penyusun": None}


async def test_a_claim_ends_with_the_role(each_office: Office) -> None:
    """The holder's assignment runs out: who stands in is not kept waiting."""
    tomorrow = at("2027-01-05 00:00").date()
    await each_office.enrol(DemoPerson("staf2", "Wening Pramusinta", ("staf",)), valid_to=tomorrow)
    run = await (await Run.start(each_office)).until(7)
    await run.fill(7)
    made(await run.act("staf2", "claim", step=7))
    assert refused(await run.act("staf", "complete", step=7)) == (409, ["claimed_by_another"])
    assert await claimant(each_office) == "Wening Pramusinta"
    await each_office.at(at("2027-01-05 23:59"))
    assert await claimant(each_office) == "Wening Pramusinta"
    await each_office.at(at("2027-01-06 00:00"))
    assert claims(await run.get(), 7) == {"staf": None}
    assert await claimant(each_office) is None
    assert (await (await each_office.as_("staf2")).get(f"/v1/instances/{run.id}")).status_code == 404
    made(await run.act("staf", "complete", step=7))


async def claimant(office: Office) -> str | None:
    """Who holds what waits for Staf, as the worklist tells it."""
    (task,) = made(await (await office.as_("staf")).get("/v1/tasks"), 200)["items"]
    name: str | None = task["claimed_by"]
    return name


async def test_two_parts_of_one_person_are_told_apart_by_as_role(office: Office) -> None:
    run = await fresh(office, at_step=2)
    made(await run.act("sekretaris", "complete", step=2, team=team_of("sekretaris", "tim1")))
    await run.take(3)
    await run.fill(4)
    assert refused(await run.act("sekretaris", "complete", step=4, as_role="camat")) == (403, ["not_a_performer"])
    signed = made(await run.act("sekretaris", "complete", step=4, as_role="tim_penyusun"))
    assert (signed["transition"]["actor"]["role"], signed["instance"]["current_step"]) == ("tim_penyusun", 4)
    assert refused(await run.act("tim1", "complete", step=4)) == (409, ["already_signed_off"])
    signed = made(await run.act("sekretaris", "complete", step=4))
    assert (signed["transition"]["actor"]["role"], signed["instance"]["current_step"]) == ("sekretaris", 5)


# ── the team ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("team", "found"),
    [
        (None, ["team_missing"]),
        (team_of(), ["team_missing"]),
        (team_of("tim1", "tidak-ada"), ["unknown_member"]),
        (team_of("camat.muarajawa"), ["unknown_member"]),
        (team_of("auditor"), ["unknown_member"]),
        (team_of("admin", "tim1"), ["unknown_member"]),
    ],
)
async def test_a_team_is_made_of_the_offices_people(office: Office, team: dict[str, Any] | None, found: list[str]) -> None:
    run = await fresh(office, at_step=2)
    given = {} if team is None else {"team": team}
    assert refused(await run.act("sekretaris", "complete", step=2, **given)) == (422, found)
    made(await run.act("sekretaris", "complete", step=2, team=TEAM))
    assert refused(await run.act("sekretaris", "change_team", reason="Mutasi.", **given)) == (422, found)


async def test_an_unknown_name_and_one_from_elsewhere_get_the_same_answer(office: Office) -> None:
    run = await fresh(office, at_step=2)
    answers = [await run.act("sekretaris", "complete", step=2, team=team_of(name)) for name in ("tidak-ada", "camat.muarajawa")]
    shown = [answer.text.replace("camat.muarajawa", "tidak-ada") for answer in answers]
    request_ids = [answer.json()["request_id"] for answer in answers]
    assert shown[0].replace(request_ids[0], "") == shown[1].replace(request_ids[1], "")


async def test_a_changed_team_performs_at_once_and_sign_offs_stand(office: Office) -> None:
    run = await fresh(office, at_step=4)
    await run.fill(4)
    made(await run.act("tim1", "complete", step=4))
    assert refused(await run.act("camat", "change_team", team=team_of("tim3"), reason="Mutasi.")) == (403, ["not_in_control"])
    assert refused(await run.act("sekretaris", "change_team", team=team_of("tim3"))) == (422, ["reason_missing"])
    decree = {"number": "188.45/20/2027", "date": "2027-01-04"}
    changed = made(await run.act("sekretaris", "change_team", team=team_of("tim3") | {"instrument": decree}, reason="Mutasi."))
    assert changed["transition"]["reason"] == "Mutasi."
    assert [member["username"] for member in changed["instance"]["team"]] == ["tim3"]
    assert changed["instance"]["team_instrument"] == decree
    assert changed["instance"]["steps"][3]["performers"][1]["signed_off_by"] == "Bimantara Laksonojati"
    made(await run.act("sekretaris", "complete", step=4))
    await run.take(5)
    assert refused(await run.upload("tim1", "laporan_final")) == (403, ["not_a_performer"])
    made(await run.upload("tim3", "laporan_final"))
    assert refused(await run.act("tim1", "complete", step=6)) == (403, ["not_a_performer"])
    made(await run.act("tim3", "complete", step=6))


async def test_there_is_no_team_to_change_before_it_is_formed(office: Office) -> None:
    run = await fresh(office, at_step=2)
    assert refused(await run.act("sekretaris", "change_team", team=TEAM, reason="Mutasi.")) == (409, ["team_not_formed"])


# ── comments ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_who_works_here_comments_in_any_state_and_auditors_read(office: Office) -> None:
    run = await fresh(office, at_step=3)
    path = f"/v1/instances/{run.id}/comments"
    made(await (await office.as_("tim3")).post(path, json={"body": "Data seksi pelayanan menyusul."}))
    assert refused(await (await office.as_("auditor")).post(path, json={"body": "Catatan."})) == (403, ["may_not_comment"])
    assert refused(await (await office.as_("camat.muarajawa")).post(path, json={"body": "Halo."})) == (404, ["not_found"])
    made(await run.act("camat", "suspend", reason="Banjir."))
    made(await (await office.as_("tim1")).post(path, json={"body": "Kapan lanjut?"}))
    made(await run.act("camat", "cancel", reason="Salah."))
    made(await (await office.as_("staf")).post(path, json={"body": "Baik."}))
    listed = made(await (await office.as_("auditor")).get(path), 200)["items"]
    assert [(c["body"], c["actor"]["role"]) for c in listed] == [
        ("Data seksi pelayanan menyusul.", "pegawai"),
        ("Kapan lanjut?", "tim_penyusun"),
        ("Baik.", "staf"),
    ]


async def test_comments_are_paged_oldest_first(office: Office) -> None:
    run = await fresh(office)
    client = await office.as_("staf")
    path = f"/v1/instances/{run.id}/comments"
    for number in range(3):
        made(await client.post(path, json={"body": f"Catatan {number}"}))
    found, page = list[str](), f"{path}?limit=1"
    while page:
        answer = await client.get(page)
        found += [comment["body"] for comment in made(answer, 200)["items"]]
        page = answer.links["next"]["url"] if "next" in answer.links else ""
    assert found == ["Catatan 0", "Catatan 1", "Catatan 2"]


@pytest.mark.parametrize("body", [{}, {"body": ""}, {"body": "x" * 10_001}, {"body": "Halo.", "as": "camat"}])
async def test_a_comment_is_some_words_and_nothing_else(office: Office, body: dict[str, str]) -> None:
    run = await fresh(office)
    answer = await (await office.as_("staf")).post(f"/v1/instances/{run.id}/comments", json=body)
    assert refused(answer) == (422, ["invalid_request"])
