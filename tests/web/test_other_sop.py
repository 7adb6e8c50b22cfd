"""Another SOP, which shares nothing with the shipped one, runs from its YAML file alone: decisions, a quorum, an `any` step, other marks."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.people import EMPLOYEE
from app.domain.procedure_checks import parse
from app.outside import catalog
from app.usecases.demo import DemoPerson
from app.usecases.procedures import publish
from tests.support.drafts import OTHER, OTHER_FILE
from tests.support.office import SAMBOJA, Office, Run, open_office

STAFF = {"loket": "petugas_loket", "verif": "verifikator", "lurah": "lurah", "kasi": "kasi_pelayanan", "sekkel": "sekretaris_kelurahan"}


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_url, tmp_path) as office:
        for username, role in STAFF.items():
            await office.enrol(DemoPerson(username, username.title(), (role, EMPLOYEE)))
        async with office.database.write() as connection:
            await publish(connection, parse(catalog.read(OTHER_FILE).value), office.clock())
        yield office


class Service(Run):
    """One application for a letter. Each method is one thing that somebody does; it fails when it is refused."""

    @classmethod
    async def opened(cls, office: Office, quarter: int = 1) -> "Service":
        body = {"procedure": OTHER["key"], "office": SAMBOJA, "period": {"year": 2027, "quarter": quarter}, "title": "Domisili"}
        answer = await (await office.as_("loket")).post("/v1/instances", json=body)
        assert answer.status_code == 201, answer.text
        return cls(office, answer.json())

    async def fill_slots(self, username: str, *slots: str) -> None:
        for slot in slots:
            assert_made(await self.upload(username, slot))

    async def sign(self, username: str, step: int, **body: Any) -> dict[str, Any]:
        return assert_made(await self.act(username, "complete", step=step, **body))["instance"]  # type: ignore[no-any-return]

    async def apply(self) -> None:
        await self.fill_slots("loket", "surat_pengantar", "berkas_permohonan")
        await self.sign("loket", 1)
        await self.fill_slots("verif", "lembar_periksa")

    async def form(self) -> None:
        members = [{"username": name} for name in ("tim1", "tim2", "tim3")]
        await self.sign("lurah", 3, team={"members": members})

    async def survey(self) -> dict[str, Any]:
        """Two of three members sign: the quorum."""
        await self.fill_slots("tim1", "berita_acara")
        assert (await self.sign("tim3", 4))["current_step"] == 4
        return await self.sign("tim1", 4)


def assert_made(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def states(instance: dict[str, Any]) -> list[str]:
    return [step["state"] for step in instance["steps"]]


async def test_it_runs_to_its_end_past_a_skipped_step(office: Office) -> None:
    run = await Service.opened(office)
    await run.apply()
    await run.sign("verif", 2, decision="yes")
    await run.form()
    assert (await run.survey())["current_step"] == 5
    await run.fill_slots("verif", "lembar_penilaian")
    judged = await run.sign("verif", 5, decision="yes")
    assert judged["current_step"] == 7
    assert states(judged)[5] == "skipped"
    await run.fill_slots("kasi", "konsep_surat")
    assert (await run.sign("sekkel", 7))["current_step"] == 8  # any one of the two
    for username in ("kasi", "sekkel"):
        assert_made(await run.mark(username, "konsep_surat", "initials"))
    await run.fill_slots("loket", "surat_keterangan")
    early = await run.act("loket", "complete", step=8)
    assert [refusal["code"] for refusal in early.json()["refusals"]] == ["signature_missing"]
    assert_made(await run.mark("lurah", "surat_keterangan", "signatures"))
    done = await run.sign("loket", 8)
    assert (done["state"], done["current_step"]) == ("completed", None)


async def test_no_leads_back_to_new_work(office: Office) -> None:
    run = await Service.opened(office)
    await run.apply()
    await run.sign("verif", 2, decision="yes")
    await run.form()
    await run.survey()
    await run.fill_slots("verif", "lembar_penilaian")
    back = await run.sign("verif", 5, decision="no")
    assert (back["current_step"], back["steps"][3]["round"]) == (4, 2)
    missing = await run.act("tim2", "complete", step=4)
    assert [refusal["code"] for refusal in missing.json()["refusals"]] == ["output_missing"]
    assert (await run.survey())["current_step"] == 5


async def test_a_decision_leads_aside_and_can_end_it_all(office: Office) -> None:
    run = await Service.opened(office)
    await run.apply()
    undecided = await run.act("verif", "complete", step=2)
    assert [refusal["code"] for refusal in undecided.json()["refusals"]] == ["decision_missing"]
    aside = await run.sign("verif", 2, decision="no")
    assert aside["current_step"] == 6
    await run.fill_slots("loket", "catatan_kekurangan")
    assert (await run.sign("loket", 6, decision="yes"))["current_step"] == 3

    other = await Service.opened(office, quarter=2)
    await other.apply()
    await other.sign("verif", 2, decision="no")
    await other.fill_slots("loket", "catatan_kekurangan")
    assert (await other.sign("loket", 6, decision="no"))["state"] == "completed"


async def test_its_plan_follows_yes_in_its_own_units(office: Office) -> None:
    client = await office.as_("kasi")
    body = {"office": SAMBOJA, "starts_at": "2027-01-04T07:30:00+08:00"}
    plan = (await client.post(f"/v1/procedures/{OTHER['key']}/plan", json=body)).json()
    assert [(step["number"], step["due_at"]) for step in plan["steps"]] == [
        (1, "2027-01-04T07:45:00+08:00"),
        (2, "2027-01-04T08:45:00+08:00"),
        (3, "2027-01-04T10:45:00+08:00"),
        (4, "2027-01-07T16:00:00+08:00"),
        (5, "2027-01-08T16:30:00+08:00"),  # a Friday
        (7, "2027-01-11T08:15:00+08:00"),
        (8, "2027-01-11T08:45:00+08:00"),
    ]


async def test_nobody_of_the_other_sop_may_act_here(office: Office) -> None:
    run = await Service.opened(office)
    for username in ("camat", "sekretaris", "staf", "verif", "lurah"):
        answer = await run.act(username, "complete", step=1)
        assert (answer.status_code, answer.json()["refusals"][0]["code"]) == (403, "not_a_performer")
