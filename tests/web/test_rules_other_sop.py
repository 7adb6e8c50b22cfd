"""Another SOP from its YAML file alone: published over HTTP, then taken the long way, through `no` and then `yes`, to its end."""

from collections.abc import Sequence
from typing import Any

from app.usecases.demo import DemoPerson
from tests.support.buttons import judged
from tests.support.drafts import OTHER, changed
from tests.support.office import SAMBOJA, Office, Run
from tests.support.replies import codes, made, refused

STAFF = {"loket": "petugas_loket", "verif": "verifikator", "lurah": "lurah", "kasi": "kasi_pelayanan", "sekkel": "sekretaris_kelurahan"}
MEMBERS = {"members": [{"username": name} for name in ("tim1", "tim2", "tim3")]}
EVERYONE = (*STAFF, "tim1", "auditor")
STEPS = {
    1: ("loket", ["surat_pengantar", "berkas_permohonan"]),
    2: ("verif", ["lembar_periksa"]),
    3: ("lurah", []),
    4: ("tim2", ["berita_acara"]),
    5: ("verif", ["lembar_penilaian"]),
    6: ("loket", ["catatan_kekurangan"]),
    7: ("kasi", ["konsep_surat"]),
    8: ("loket", ["surat_keterangan"]),
}


async def published(office: Office, draft: Any = OTHER) -> None:
    """By the administrator of the office above all, whose procedures serve every office."""
    if "pusat" not in office.accounts:
        await office.enrol(DemoPerson("pusat", "Nirmala Adhikara", ("admin",), "ID"))
        for username, role in STAFF.items():
            await office.enrol(DemoPerson(username, username.title(), (role,)))
    made(await (await office.as_("pusat")).post("/v1/procedures", json=draft))


async def started(office: Office, quarter: int = 1) -> Run:
    body = {"procedure": OTHER["key"], "office": SAMBOJA, "period": {"year": 2027, "quarter": quarter}}
    return Run(office, made(await (await office.as_("loket")).post("/v1/instances", json=body)))


async def take(run: Run, step: int, signers: Sequence[str], **body: Any) -> dict[str, Any]:
    """The step, whole; everyone's buttons are put to the test when its documents are there."""
    by, slots = STEPS[step]
    for slot in slots:
        made(await run.upload(by, slot))
    for username in EVERYONE:
        await judged(run, username)
    taken: dict[str, Any] = {}
    for username in signers:
        taken = made(await run.act(username, "complete", step=step, **body))["instance"]
    return taken


async def waiting(run: Run) -> list[tuple[str, str]]:
    return [(line["kind"], line["role"]) for line in (await run.get("auditor"))["waiting_for"]]


async def test_it_runs_through_no_and_then_yes_to_its_end(own_office: Office) -> None:
    await published(own_office)
    run = await started(own_office)
    assert (await take(run, 1, ["loket"]))["current_step"] == 2

    aside = await take(run, 2, ["verif"], decision="no")
    assert [step["state"] for step in aside["steps"]] == ["completed"] * 2 + ["skipped"] * 3 + ["active"] + ["pending"] * 2
    back = await take(run, 6, ["loket"], decision="yes")
    assert [step["state"] for step in back["steps"]] == ["completed"] * 2 + ["active"] + ["pending"] * 5

    assert (await take(run, 3, ["lurah"], team=MEMBERS))["current_step"] == 4
    assert (await take(run, 4, ["tim3"]))["current_step"] == 4
    assert codes(await run.act("tim3", "complete", step=4)) == ["already_signed_off"]
    line = (await run.get("auditor"))["waiting_for"]
    assert [(found["role"], found["people"]) for found in line] == [("regu_survei", ["Bimantara Laksonojati", "Melatirini Kusumawijana"])]
    made(await run.act("tim1", "complete", step=4))

    again = await take(run, 5, ["verif"], decision="no")
    assert (again["current_step"], again["steps"][3]["round"]) == (4, 3)  # passed by once, taken once
    assert codes(await run.act("tim1", "complete", step=4)) == ["output_missing"]
    await take(run, 4, ["tim1", "tim2"])
    on = await take(run, 5, ["verif"], decision="yes")
    assert (on["current_step"], on["steps"][5]["state"]) == (7, "skipped")

    assert await waiting(run) == [("step", "kasi_pelayanan"), ("step", "sekretaris_kelurahan")]
    assert (await take(run, 7, ["sekkel"]))["current_step"] == 8
    expected = [("step", "petugas_loket"), ("initial", "kasi_pelayanan"), ("signature", "lurah")]  # the other initial comes after that
    assert await waiting(run) == expected
    await take(run, 8, [])
    assert codes(await run.act("loket", "complete", step=8)) == ["initial_missing", "initial_missing", "signature_missing"]
    for username in ("kasi", "sekkel"):
        made(await run.mark(username, "konsep_surat", "initials"))
    made(await run.mark("lurah", "surat_keterangan", "signatures"))
    done = made(await run.act("loket", "complete", step=8))["instance"]
    assert (done["state"], done["current_step"]) == ("completed", None)
    verdict = made(await (await own_office.as_("auditor")).get("/v1/audit/verify"), 200)
    assert (verdict["intact"], verdict["instances"]) == (True, 1)


async def test_no_may_end_it_and_leaves_no_step_pending(own_office: Office) -> None:
    await published(own_office)
    run = await started(own_office)
    await take(run, 1, ["loket"])
    await take(run, 2, ["verif"], decision="no")
    ended = await take(run, 6, ["loket"], decision="no")
    assert (ended["state"], ended["current_step"]) == ("completed", None)
    assert [step["state"] for step in ended["steps"]] == ["completed"] * 2 + ["skipped"] * 3 + ["completed"] + ["skipped"] * 2
    deadlines = made(await (await own_office.as_("auditor")).get(f"/v1/instances/{run.id}/deadlines"), 200)["items"]
    assert {item["deadline_state"] for item in deadlines if item["state"] == "skipped"} == {None}


async def test_a_running_instance_keeps_the_version_it_started_with(own_office: Office) -> None:
    await published(own_office)
    old = await started(own_office, 1)
    await published(own_office, changed(OTHER, {"/steps/0/duration/value": 90, "/steps/0/duration_text": "90 menit"}))
    new = await started(own_office, 2)
    shown = [await run.get("loket") for run in (old, new)]
    assert [found["procedure"]["version"] for found in shown] == [1, 2]
    assert [found["steps"][0]["due_at"][11:16] for found in shown] == ["07:45", "09:00"]
    taken = await take(old, 1, ["loket"])
    assert taken["procedure"]["version"] == 1


async def test_only_the_administrator_above_all_publishes(own_office: Office) -> None:
    for username in ("admin", "camat", "auditor"):
        answer = await (await own_office.as_(username)).post("/v1/procedures", json=OTHER)
        assert refused(answer) == (403, ["permission_missing"]), username
