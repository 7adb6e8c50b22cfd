"""People who press every button in any order: no answer that the document does not know, and a log that stays intact."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from httpx import Response

from tests.support.contract import check_answer
from tests.support.office import COURSE, Office, Run, open_office

STEPS = 100
PEOPLE = ("camat", "sekretaris", "tim1", "tim2", "tim3", "staf", "auditor")
MEMBERS = ("tim1", "tim2", "tim3", "staf", "camat", "tidak.ada")
SLOTS = (
    ("struktur_organisasi", "draf_tim"), ("tim_penyusun", "draf_tim"), ("rencana_kegiatan",), ("data_kinerja", "konsep_laporan"),
    ("konsep_laporan_diperiksa",), ("laporan_final",), ("laporan_ditandatangani",),
)  # fmt: skip


class Wanderer:
    """Draws one act after the other; most of them fit the active step."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office = office
        self.random = Random(seed)
        self.started = 0

    async def begin(self) -> None:
        self.started += 1
        self.run = await Run.start(self.office, year=2000 + self.started)
        self.shown = await self.run.get()

    async def act(self) -> Response:
        if self.shown["state"] == "suspended" and self.random.random() < 0.5:
            return await self.run.act("camat", "resume")
        draw = self.random.choices(("upload", "sign", "move", "mark", "steer", "talk"), (35, 35, 6, 10, 6, 3))[0]
        answer: Response = await getattr(self, draw)()
        if self.random.random() < 0.1:
            await self.office.at(self.office.clock.now + timedelta(minutes=self.random.choice((1, 5, 40, 600, 5000))))
        return answer

    def who(self) -> str:
        """Mostly somebody who performs the active step."""
        fitting = [*COURSE[self.shown["current_step"] or 7][1], *(member["username"] for member in self.shown["team"])]
        return self.random.choice(fitting if self.random.random() < 0.8 else PEOPLE)

    def step(self) -> int:
        return self.shown["current_step"] or 7 if self.random.random() < 0.9 else self.random.randint(1, 9)

    def team(self) -> dict[str, Any]:
        members = [{"username": name} for name in self.random.choices(MEMBERS[: self.random.choice((3, 3, 3, 6))], k=self.random.randint(0, 4))]
        return {"members": members} | self.random.choice(({}, {"instrument": None}, {"instrument": {"date": "2027-01-04"}}))

    async def take(self, action: str, **body: Any) -> Response:
        dry = {"dry_run": True} if self.random.random() < 0.2 else {}
        answer = await self.run.act(self.who(), action, **{name: value for name, value in body.items() if self.random.random() < 0.95}, **dry)
        check_answer("takeTransition", answer)
        return answer

    async def sign(self) -> Response:
        return await self.take(
            "complete", step=self.step(), team=self.team(), late_reason="Banjir.", decision=self.random.choice(("yes", "no", None))
        )

    async def move(self) -> Response:
        action = self.random.choice(("claim", "release", "return", "return"))
        more = {"to_step": self.random.choice((4, 6, 1)), "reason": "Belum lengkap."} if action == "return" else {}
        return await self.take(action, step=self.step(), **more)

    async def steer(self) -> Response:
        action = self.random.choices(("suspend", "resume", "change_team", "cancel"), (3, 9, 4, 0.3))[0]
        return await self.take(
            action, **({} if action == "resume" else {"reason": "Mendesak."}), **({"team": self.team()} if action == "change_team" else {})
        )

    async def upload(self) -> Response:
        fitting = SLOTS[(self.shown["current_step"] or 1) - 1]
        slot = self.random.choice(fitting if self.random.random() < 0.9 else ("laporan_final", "x"))
        copy = {"copy_of": str(self.random.randint(1, 3))} if self.random.random() < 0.2 else {}
        if copy:
            client = await self.office.as_(self.who())
            path = f"/v1/instances/{self.run.id}/documents"
            answer = await client.post(path, files={name: (None, value) for name, value in ({"slot": slot} | copy).items()})
        else:
            answer = await self.run.upload(self.who(), slot, b"%PDF-1.7 " + self.random.randbytes(20))
        check_answer("uploadDocument", answer)
        return answer

    async def mark(self) -> Response:
        client = await self.office.as_(self.who())
        listed = await client.get(f"/v1/instances/{self.run.id}/documents")
        check_answer("listDocuments", listed)
        if not listed.json()["items"]:
            return listed
        document = self.random.choice(listed.json()["items"][-2:])
        version = self.random.choice(document["versions"])["version"]
        kind, operation = self.random.choice((("hierarchical", "initialDocument"), ("wet", "signDocument")))
        if self.random.random() < 0.7:
            client = await self.office.as_("sekretaris" if kind == "hierarchical" else "camat")
        path = f"/v1/documents/{document['id']}/versions/{version}/{'initials' if kind == 'hierarchical' else 'signatures'}"
        answer = await client.post(path, json={"kind": kind})
        check_answer(operation, answer)
        return answer

    async def talk(self) -> Response:
        answer = await (await self.office.as_(self.who())).post(f"/v1/instances/{self.run.id}/comments", json={"body": "Sudah?"})
        check_answer("addComment", answer)
        return answer

    async def look(self) -> None:
        client = await self.office.as_(self.who())
        found = await client.get(f"/v1/instances/{self.run.id}")
        check_answer("getInstance", found)
        self.shown = found.json()

    async def look_at_everything(self) -> None:
        client = await self.office.as_(self.who())
        for path, operation in (("deadlines", "getInstanceDeadlines"), ("events", "listInstanceEvents"), ("transitions", "listTransitions")):
            check_answer(operation, await client.get(f"/v1/instances/{self.run.id}/{path}"))
        for path, operation in (("tasks", "listTasks"), ("deadlines", "listDeadlines"), ("instances", "listInstances")):
            check_answer(operation, await client.get(f"/v1/{path}"))


@pytest.mark.parametrize("seed", [7])
async def test_any_order_of_acts_keeps_the_contract_and_the_log(office_url: str, tmp_path: Path, seed: int) -> None:
    async with open_office(office_url, tmp_path) as office:
        wanderer = Wanderer(office, seed)
        await wanderer.begin()
        done = 0
        for _ in range(STEPS):
            done += (await wanderer.act()).status_code == 201
            await wanderer.look()
            if done % 5 == 0:
                await wanderer.look_at_everything()
            if wanderer.shown["state"] in {"completed", "cancelled"}:
                await wanderer.begin()
        verdict = await (await office.as_("auditor")).get("/v1/audit/verify")
        check_answer("verifyAudit", verdict)
        assert verdict.json()["intact"] is True
        assert done > STEPS / 4
