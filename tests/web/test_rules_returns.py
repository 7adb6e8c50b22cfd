"""The ways back of the shipped SOP over HTTP, 5 to 4, 6 to 4 and 7 to 6; and what documents and marks make of them."""

from typing import Any

import pytest

from tests.support.calendars import at
from tests.support.office import Office, Run
from tests.support.replies import made, refused
from tests.support.shared_office import fresh


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


def states(instance: dict[str, Any]) -> list[str]:
    return [step["state"] for step in instance["steps"]]


@pytest.mark.parametrize(
    ("step", "by", "to_step", "shown"),
    [
        (5, "camat", 4, ["completed"] * 3 + ["active", "returned", "pending", "pending"]),
        (6, "tim1", 4, ["completed"] * 3 + ["active", "pending", "returned", "pending"]),
        (7, "staf", 6, ["completed"] * 5 + ["active", "returned"]),
    ],
)
async def test_a_step_goes_back_and_comes_again(office: Office, step: int, by: str, to_step: int, shown: list[str]) -> None:
    run = await fresh(office, at_step=step)
    planned = (await run.get())["planned_end_at"]
    assert refused(await run.act(by, "return", step=step, to_step=to_step)) == (422, ["reason_missing"])
    assert refused(await run.act(by, "return", step=step, reason="Kurang.")) == (422, ["return_target_not_allowed"])
    assert refused(await run.act(by, "return", step=step, to_step=1, reason="Kurang.")) == (422, ["return_target_not_allowed"])
    taken = made(await run.act(by, "return", step=step, to_step=to_step, reason="Data belum lengkap.", comment="Lihat lampiran."))
    assert taken["transition"] | {"id": None, "actor": None, "at": None} == {
        "id": None,
        "action": "return",
        "step": step,
        "to_step": to_step,
        "decision": None,
        "actor": None,
        "at": None,
        "reason": "Data belum lengkap.",
        "late_reason": None,
        "comment": "Lihat lampiran.",
    }
    back = taken["instance"]
    assert (states(back), back["current_step"], back["planned_end_at"]) == (shown, to_step, planned)
    target = back["steps"][to_step - 1]
    assert (target["round"], [p["signed_off_by"] for p in target["performers"]]) == (2, [None] * len(target["performers"]))
    assert [member["username"] for member in back["team"]] == ["tim1", "tim2"]
    assert [slot["filled"] for slot in target["outputs"]] == [False]
    assert [slot["filled"] for slot in target["inputs"]] == [True]
    for number in range(to_step, 8):
        assert (await run.take(number))["instance"]["steps"][number - 1]["state"] == "completed"
    assert (await run.get())["state"] == "completed"


async def test_old_work_is_put_again_as_a_copy(office: Office) -> None:
    run = await fresh(office, at_step=5)
    made(await run.act("camat", "return", step=5, to_step=4, reason="Periksa angka."))
    assert refused(await run.act("tim1", "complete", step=4)) == (409, ["output_missing"])
    client = await office.as_("tim2")
    path = f"/v1/instances/{run.id}/documents"
    first = made(await client.get(path), 200)["items"]
    data = {"slot": (None, "konsep_laporan"), "copy_of": (None, "1"), "note": (None, "Sudah benar.")}
    copy = made(await client.post(path, files=data))
    before = next(d for d in first if d["slot"] == "konsep_laporan")["versions"][0]
    assert (copy["version"], copy["copy_of"], copy["sha256"], copy["round"]) == (2, 1, before["sha256"], 2)
    content = await client.get(f"/v1/documents/{copy['id']}/versions/2/content")
    assert content.content == b"%PDF-1.7 konsep_laporan"
    for username in ("sekretaris", "tim2"):
        made(await run.act(username, "complete", step=4))
    assert (await run.get())["current_step"] == 5


async def test_a_new_version_voids_the_sign_offs_of_this_round(office: Office) -> None:
    run = await fresh(office, at_step=4)
    await run.fill(4)
    made(await run.act("sekretaris", "complete", step=4))
    made(await run.upload("tim1", "konsep_laporan", content=b"%PDF-1.7 lebih baik"))
    performers = (await run.get())["steps"][3]["performers"]
    assert [(p["role"], p["signed_off_by"]) for p in performers] == [("sekretaris", None), ("tim_penyusun", None)]
    events = made(await (await office.as_("auditor")).get(f"/v1/instances/{run.id}/events"), 200)["items"]
    assert [void["role"] for void in events[-1]["data"]["voided_sign_offs"]] == ["sekretaris"]
    made(await run.act("tim2", "complete", step=4))
    assert (await run.get())["current_step"] == 4
    made(await run.act("sekretaris", "complete", step=4))
    assert (await run.get())["current_step"] == 5


async def test_step_seven_waits_for_paraf_and_signature_on_the_latest_versions(office: Office) -> None:
    run = await fresh(office, at_step=7)
    assert refused(await run.act("staf", "complete", step=7)) == (409, ["output_missing", "initial_missing", "signature_missing"])
    await run.fill(7)
    made(await run.upload("staf", "laporan_ditandatangani", content=b"%PDF-1.7 pindaian ulang"))
    assert refused(await run.act("staf", "complete", step=7)) == (409, ["signature_missing"])
    client = await office.as_("camat")
    documents = {d["slot"]: d for d in made(await client.get(f"/v1/instances/{run.id}/documents"), 200)["items"]}
    signed = documents["laporan_ditandatangani"]
    assert [[mark["mark"] for mark in version["marks"]] for version in signed["versions"]] == [["signature"], []]
    old = await client.post(f"/v1/documents/{signed['id']}/versions/1/signatures", json={"kind": "wet"})
    assert refused(old) == (409, ["version_superseded", "already_marked"])
    mark = made(await client.post(f"/v1/documents/{signed['id']}/versions/2/signatures", json={"kind": "wet"}))
    assert (mark["sha256"], mark["role"], mark["actor"]["label"]) == (signed["versions"][1]["sha256"], "camat", "Camat")
    assert refused(await run.upload("staf", "laporan_final")) == (409, ["slot_closed"])
    made(await run.act("staf", "complete", step=7))
    for version in (1, 2):
        late = await client.post(f"/v1/documents/{signed['id']}/versions/{version}/signatures", json={"kind": "wet"})
        assert late.status_code == 409


async def test_the_timeline_keeps_what_a_return_made_void(office: Office) -> None:
    run = await fresh(office, at_step=5)
    made(await run.act("camat", "return", step=5, to_step=4, reason="Kurang."))
    client = await office.as_("auditor")
    types = [event["type"] for event in made(await client.get(f"/v1/instances/{run.id}/events"), 200)["items"]]
    assert types[-2:] == ["step.returned", "step.activated"]
    assert types.count("step.signed_off") == 5
    taken = made(await client.get(f"/v1/instances/{run.id}/transitions"), 200)["items"]
    assert [t["action"] for t in taken] == ["complete"] * 5 + ["return"]


async def test_a_new_round_has_a_fresh_allowance_and_the_round_left_keeps_its_lateness(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(5)
    await own_office.at(at("2027-01-18 10:00"))  # step 5 was due on the 7th
    back = made(await run.act("camat", "return", step=5, to_step=4, reason="Kurang."))["instance"]
    target, left = back["steps"][3], back["steps"][4]
    assert (target["started_at"], target["due_at"]) == ("2027-01-18T10:00:00+08:00", "2027-01-20T16:00:00+08:00")
    assert (left["state"], left["deadline_state"], left["completed_at"]) == ("returned", "missed", "2027-01-18T10:00:00+08:00")
    client = await own_office.as_("auditor")
    rounds = made(await client.get(f"/v1/instances/{run.id}/deadlines"), 200)["items"]
    found = [(r["step"], r["round"], r["state"], r["deadline_state"]) for r in rounds if r["step"] > 3]
    assert found == [(4, 1, "completed", "met"), (4, 2, "active", "on_time"), (5, 1, "returned", "missed")]
