"""Random people, assignments, dates and acts: nobody ever acts without an assignment valid at that moment, and the log has the capacity held.

The oracle below knows a list of assignments and a clock. It imports nothing of the application's own judgement.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from anyio import from_thread, to_thread
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from uuid_utils.compat import uuid7

from app.domain.assignments import Position
from app.store.assignments import ASSIGNMENT, add_assignment
from app.usecases.demo import DemoPerson
from tests.support.office import COURSE, MONDAY, MUARA_JAWA, SAMBOJA, WITA, Office, Run
from tests.support.shared_office import fresh

EXAMPLES = int(os.environ.get("ALUR_TEST_FUZZ", "12"))
"""The suite takes the same few each time; set it higher to go looking."""
MORE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == 12,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

PEOPLE = ("orang0", "orang1", "orang2")
ROLES = ("camat", "sekretaris", "staf", "pegawai")
PERMISSIONS = ("admin", "auditor")
OFFICES = (SAMBOJA, SAMBOJA, SAMBOJA, SAMBOJA, SAMBOJA, MUARA_JAWA)
RANK = ("definitive", "pj", "plt", "plh")
PREFIX = {"definitive": "", "pj": "Pj. ", "plt": "Plt. ", "plh": "Plh. "}
EVERYTHING: dict[str, Any] = {
    "roles": [f"{office}:{role}" for office in set(OFFICES) for role in ROLES],
    "permissions": [f"{office}:{name}" for office in set(OFFICES) for name in PERMISSIONS],
}
"""A token that claims all there is: what is left of it is the assignments alone."""


@dataclass
class Given:
    who: str
    office: str
    role: str
    capacity: str
    since: date
    until: date | None
    revoked: bool = False
    id: UUID = field(default_factory=uuid7)


@dataclass
class Oracle:
    assignments: list[Given]

    def held(self, who: str, now: datetime, office: str = SAMBOJA) -> dict[str, str]:
        """Role → the capacity in which it is held now at exactly that office."""
        today = now.astimezone(WITA).date()
        found: dict[str, str] = {}
        for given_ in self.assignments:
            in_time = given_.since <= today and (given_.until is None or today <= given_.until)
            if in_time and not given_.revoked and (given_.who, given_.office) == (who, office):
                found[given_.role] = min(found.get(given_.role, "plh"), given_.capacity, key=RANK.index)
        return found

    def positions(self, who: str, now: datetime) -> dict[str, str]:
        return {role: capacity for role, capacity in self.held(who, now).items() if role not in PERMISSIONS}


DAY = timedelta(days=1)


@st.composite
def assignments(draw: Any) -> list[Given]:
    found = []
    for _ in range(draw(st.integers(6, 14))):
        role = draw(st.sampled_from((*ROLES, *ROLES[:2], *ROLES[:2], *PERMISSIONS)))
        since = MONDAY.date() + draw(st.integers(-2, 3)) * DAY
        until = None if draw(st.booleans()) else since + draw(st.integers(0, 4)) * DAY
        capacity = "definitive" if role in PERMISSIONS else draw(st.sampled_from(RANK))
        found.append(Given(draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(OFFICES)), role, capacity, since, until))
    return found


ACTS = ("upload", "upload", "complete", "complete", "suspend", "resume", "comment", "claim", "return", "mark", "revoke", "start")
acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from(PEOPLE), st.sampled_from((0, 0, 5, 300, 1440)), st.integers(0, 50)), min_size=10, max_size=20
)


class Walk:
    """One instance walked by whoever is drawn; each answer and each event is held against the oracle."""

    def __init__(self, office: Office, oracle: Oracle, run: Run) -> None:
        self.office, self.oracle, self.run = office, oracle, run
        self.who = ""

    async def act(self, act: str, who: str, minutes: int, number: int) -> None:
        await self.office.at(self.office.clock.now + timedelta(minutes=minutes))
        if act == "revoke":
            await self._revoke(self.oracle.assignments[number % len(self.oracle.assignments)])
            return
        before, self.who = await self._log(), who
        async with self.office.client(Authorization=f"Bearer {await self.office.token(who, **EVERYTHING)}") as client:
            answer: httpx.Response | None = await getattr(self, f"_{act}")(client, number)
        if answer is None:
            return
        assert answer.status_code < 500, answer.text
        self._judge(act, who, answer)
        for kind, actor in (await self._log())[len(before) :]:
            assert answer.is_success, "A refused act left an event."
            self._check(who, actor, kind)

    def _judge(self, act: str, who: str, answer: httpx.Response) -> None:
        now = self.office.clock.now
        mine = self.oracle.positions(who, now)
        if answer.is_success:
            assert mine, f"{who} holds nothing at the office, and yet: {act}"
            self._check(who, _actor_in(answer.json()), act)
        elif not self.oracle.held(who, now):
            assert answer.status_code == 404, f"{who} sees nothing there: {answer.text}"
        elif act in {"suspend", "resume"} and not mine.keys() & {"camat", "sekretaris"}:
            assert answer.status_code == 403, answer.text
        elif act in {"suspend", "resume"}:
            assert answer.status_code == 409, f"{who} is in control as {mine}: {answer.text}"

    def _check(self, who: str, actor: dict[str, Any] | None, told: str) -> None:
        if actor is None:
            return
        mine = self.oracle.positions(who, self.office.clock.now)
        assert (actor["account_id"], actor["office"]) == (str(self.office.accounts[who]), SAMBOJA), told
        if actor["role"] == "tim_penyusun":
            assert mine, f"{who} is none of the office's people any more: {told}"
            return
        assert mine.get(actor["role"]) == actor["capacity"], f"{told} as {actor}, held is {mine}"
        assert actor["label"].startswith(PREFIX[actor["capacity"]]), actor

    async def _log(self) -> list[tuple[str, dict[str, Any] | None]]:
        listed = (await (await self.office.as_("auditor")).get(f"/v1/instances/{self.run.id}/events", params={"limit": 200})).json()["items"]
        return [(event["type"], event["actor"]) for event in listed]

    async def _revoke(self, given_: Given) -> None:
        async with self.office.database.write() as connection:
            await connection.execute(update(ASSIGNMENT).where(ASSIGNMENT.c.id == given_.id).values(revoked_at=self.office.clock()))
        given_.revoked = True

    async def _shown(self) -> dict[str, Any]:
        found: dict[str, Any] = (await (await self.office.as_("auditor")).get(f"/v1/instances/{self.run.id}")).json()
        return found

    async def _take(self, client: httpx.AsyncClient, action: str, **body: Any) -> httpx.Response:
        return await client.post(f"/v1/instances/{self.run.id}/transitions", json={"action": action, **body})

    async def _upload(self, client: httpx.AsyncClient, number: int) -> httpx.Response:
        slots = COURSE[(await self._shown())["current_step"] or 7][0] or ("draf_tim",)
        files = {"file": ("isi.pdf", b"%PDF-1.7", "application/pdf")}
        return await client.post(f"/v1/instances/{self.run.id}/documents", data={"slot": slots[number % len(slots)]}, files=files)

    async def _complete(self, client: httpx.AsyncClient, _: int) -> httpx.Response:
        team = {"members": [{"username": who} for who in PEOPLE if self.oracle.positions(who, self.office.clock.now)] or [{"username": "tim1"}]}
        step = (await self._shown())["current_step"] or 7
        return await self._take(client, "complete", step=step, late_reason="Banjir.", team=team)

    async def _return(self, client: httpx.AsyncClient, _: int) -> httpx.Response:
        return await self._take(client, "return", step=(await self._shown())["current_step"] or 7, to_step=4, reason="Belum lengkap.")

    async def _claim(self, client: httpx.AsyncClient, _: int) -> httpx.Response:
        return await self._take(client, "claim", step=(await self._shown())["current_step"] or 7)

    async def _suspend(self, client: httpx.AsyncClient, _: int) -> httpx.Response:
        return await self._take(client, "suspend", reason="Rapat.")

    async def _resume(self, client: httpx.AsyncClient, _: int) -> httpx.Response:
        return await self._take(client, "resume")

    async def _comment(self, client: httpx.AsyncClient, _: int) -> httpx.Response:
        return await client.post(f"/v1/instances/{self.run.id}/comments", json={"body": "Sudah?"})

    async def _mark(self, client: httpx.AsyncClient, number: int) -> httpx.Response | None:
        listed = (await (await self.office.as_("auditor")).get(f"/v1/instances/{self.run.id}/documents")).json()["items"]
        if not listed:
            return None
        mark, kind = (("initials", "hierarchical"), ("signatures", "wet"))[number % 2]
        document = listed[number % len(listed)]
        return await client.post(f"/v1/documents/{document['id']}/versions/{document['versions'][-1]['version']}/{mark}", json={"kind": kind})

    async def _start(self, client: httpx.AsyncClient, _: int) -> None:
        """Another instance, for a period of its own: who starts it holds a role of step 1 now, and the log says as what."""
        period = next(self.office.periods)
        body = {"procedure": "pengumpulan-data-kinerja", "office": SAMBOJA, "period": {"year": 2000 + period // 4, "quarter": period % 4 + 1}}
        answer = await client.post("/v1/instances", json=body)
        mine = self.oracle.held(self.who, self.office.clock.now)
        assert answer.status_code == (201 if "camat" in mine else 403 if mine else 404), (mine, answer.text)
        if answer.is_success:
            path = f"/v1/instances/{answer.json()['id']}/events"
            for event in (await (await self.office.as_("auditor")).get(path)).json()["items"]:
                self._check(self.who, event["actor"], event["type"])


def _actor_in(body: dict[str, Any]) -> dict[str, Any] | None:
    """Of a transition, a mark or a comment, and of an upload (whose answer is the whole document)."""
    found: dict[str, Any] | None = body.get("transition", body).get("actor") or body.get("uploaded_by")
    return found


@pytest.fixture(scope="module")
async def crowd(office: Office) -> Office:
    for who in PEOPLE:
        await office.enrol(DemoPerson(who, f"Orang {who[-1]}", ()))
    return office


async def walk(office: Office, drawn: Sequence[Given], step: int, course: Sequence[tuple[str, str, int, int]]) -> None:
    await office.at(MONDAY)
    async with office.database.write() as connection:
        mine = [office.accounts[who] for who in PEOPLE]
        await connection.execute(update(ASSIGNMENT).where(ASSIGNMENT.c.account_id.in_(mine)).values(revoked_at=office.clock()))
        for given_ in drawn:
            position = Position(given_.office, given_.role, given_.since, given_.until, given_.capacity)  # type: ignore[arg-type]
            await add_assignment(connection, office.clock(), given_.id, account_id=office.accounts[given_.who], position=position)
    walking = Walk(office, Oracle(list(drawn)), await fresh(office, at_step=step))
    for act in course:
        await walking.act(*act)


async def test_nobody_acts_but_by_what_they_hold_at_that_moment(crowd: Office) -> None:
    @MORE
    @given(assignments(), st.sampled_from((1, 1, 2, 4, 5, 7)), acts)
    def one(drawn: list[Given], step: int, course: list[tuple[str, str, int, int]]) -> None:
        from_thread.run(walk, crowd, drawn, step, course)

    await to_thread.run_sync(one)
    verdict = (await (await crowd.as_("auditor")).get("/v1/audit/verify")).json()
    assert [broken for broken in verdict["broken"] if broken["stream"].startswith("instance:")] == []
