"""One instance on the ground floor, moved act by act without a database: for table tests of the rules.

`case.codes(…)` says what a transition would be refused with, `case.take(…)` takes it. `case.now` is moved by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID, uuid4, uuid5

from app.domain.documents import MarkRequest, StoredFile, Upload, mark_refusals, put, put_mark, upload_refusals
from app.domain.events import Head, NewEvent
from app.domain.instances import Instance, MarkName, Office, Period, Person, StepRound
from app.domain.people import EMPLOYEE, Actor, Capacity, Holding
from app.domain.permissions import PERMISSIONS
from app.domain.procedure_checks import parse
from app.domain.refusals import Refusal, in_order
from app.domain.starting import StartRequest, start, start_refusals
from app.domain.transitions import Attempt, AvailableAction, Situation, Taken, TeamRequest, TransitionRequest, available, refusals, take
from app.domain.waiting import WaitingFor, tasks, waiting_for
from tests.support.calendars import at, samboja
from tests.support.course import COURSE, SAMBOJA
from tests.support.drafts import OTHER, SHIPPED, changed

STAFF: dict[str, tuple[str, ...]] = {
    "camat": ("camat", EMPLOYEE),
    "sekretaris": ("sekretaris", EMPLOYEE),
    "tim1": (EMPLOYEE,),
    "tim2": (EMPLOYEE,),
    "tim3": (EMPLOYEE,),
    "staf": ("staf", EMPLOYEE),
    "admin": ("admin",),
    "auditor": ("auditor",),
}
OTHER_STAFF: dict[str, tuple[str, ...]] = {
    "loket": ("petugas_loket",),
    "verif": ("verifikator",),
    "lurah": ("lurah",),
    "kasi": ("kasi_pelayanan",),
    "sekkel": ("sekretaris_kelurahan",),
    "tim1": (EMPLOYEE,),
    "tim2": (EMPLOYEE,),
    "tim3": (EMPLOYEE,),
}
OFFICE = Office(SAMBOJA, "Kecamatan Samboja", "Asia/Makassar", 1)
TEAM = TeamRequest(("tim1", "tim2"))
_NAMES = UUID("00000000-0000-4000-8000-00000000a1a2")
_GIVEN = {"return": {"reason": "Data belum lengkap."}, "suspend": {"reason": "Banjir."}, "cancel": {"reason": "Salah periode."}}


def account(username: str) -> UUID:
    return uuid5(_NAMES, username)


class Case:
    """An instance of the shipped SOP at step 1, on Monday 2027-01-04 07:30. `changes` are those of `tests.support.drafts.changed`."""

    def __init__(self, changes: Mapping[str, Any] | None = None, *, draft: Any = SHIPPED, staff: Mapping[str, tuple[str, ...]] = STAFF) -> None:
        self.procedure = parse(changed(draft, dict(changes or {})))
        self.staff = dict(staff)
        self.capacities: dict[str, Capacity] = {}
        self.last_days: dict[str, date] = {}
        self.now = at("2027-01-04 07:30")
        self.calendar = samboja()
        self.events: list[NewEvent] = []
        starter = next(name for name, roles in self.staff.items() if self.procedure.steps[0].performers[0] in roles)
        assert start_refusals(self.start_request(), self.actor(starter)) == ()
        course = start(self.start_request(), self.actor(starter), instance_id=uuid4(), calendar=self.calendar, now=self.now)
        self.instance = replace(course.instance, head=Head(len(course.events), "0" * 64, self.now))
        self.events.extend(course.events)

    @classmethod
    def other(cls, changes: Mapping[str, Any] | None = None) -> Self:
        """An instance of the other SOP (tests/support/other_sop.yaml)."""
        return cls(changes, draft=OTHER, staff=OTHER_STAFF)

    def start_request(self, already_open: UUID | None = None) -> StartRequest:
        return StartRequest(
            procedure=self.procedure, procedure_version=1, office=OFFICE, period=Period(2026, 4), title="Data kinerja", already_open=already_open
        )

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def actor(self, username: str) -> Actor:
        held = tuple(Holding(SAMBOJA, role, self.capacities.get(username, "definitive"), frozenset({SAMBOJA})) for role in self.staff[username])
        return Actor(account(username), uuid4(), username, username.title(), held)

    @property
    def people(self) -> tuple[Person, ...]:
        since = date(2024, 1, 1)
        return tuple(
            Person(account(name), name, name.title(), role, "definitive", since, self.last_days.get(name))
            for name, roles in self.staff.items()
            for role in roles
        )

    def situation(self, username: str) -> Situation:
        return Situation(self.instance, self.actor(username), self.people, self.now)

    # ── transitions ─────────────────────────────────────────────────────────────────────────────────────────────────

    def attempt(self, username: str, action: Any, **request: Any) -> Attempt:
        """At the active step unless `step` says otherwise; a reason is given where none is said (`reason=None` leaves it out)."""
        given = {"step": self.instance.current_step, **_GIVEN.get(action, {}), **request}
        return Attempt(self.situation(username), TransitionRequest(action=action, **given))

    def codes(self, username: str, action: Any, **request: Any) -> list[str]:
        return codes(refusals(self.attempt(username, action, **request)))

    def take(self, username: str, action: Any, **request: Any) -> Taken:
        attempt = self.attempt(username, action, **request)
        assert refusals(attempt) == ()
        taken = take(attempt, self.calendar)
        self._advance(taken.instance, taken.events)
        return taken

    def sign(self, *usernames: str, **request: Any) -> None:
        """Each signs off the active step."""
        for username in usernames:
            self.take(username, "complete", **request)

    def offered(self, username: str) -> dict[str, AvailableAction]:
        return {found.action: found for found in available(self.situation(username))}

    # ── documents ───────────────────────────────────────────────────────────────────────────────────────────────────

    def upload_codes(self, username: str, slot: str, *, copy_of: int | None = None) -> list[str]:
        return codes(upload_refusals(self.situation(username), _upload(slot, copy_of)))

    def upload(self, username: str, *slots: str, copy_of: int | None = None) -> None:
        for slot in slots:
            assert self.upload_codes(username, slot, copy_of=copy_of) == []
            situation = self.situation(username)
            assert situation.step is not None
            actor = situation.as_role(situation.parts_of(situation.step)[0])
            instance, _, event = put(situation, _upload(slot, copy_of), document_id=uuid4(), actor=actor)
            self._advance(instance, (event,))

    def mark_codes(self, username: str, slot: str, mark: MarkName, version: int | None = None) -> list[str]:
        return codes(mark_refusals(self.situation(username), self._mark(slot, mark, version)))

    def mark(self, username: str, slot: str, mark: MarkName) -> None:
        assert self.mark_codes(username, slot, mark) == []
        instance, _, _, event = put_mark(self.situation(username), self._mark(slot, mark, None), mark_id=uuid4())
        self._advance(instance, (event,))

    def _mark(self, slot: str, mark: MarkName, version: int | None) -> MarkRequest:
        latest = self.instance.latest(slot)
        assert latest is not None
        return MarkRequest(latest.document_id, version or latest.version, mark, "hierarchical" if mark == "initial" else "wet")

    # ── the shipped SOP ─────────────────────────────────────────────────────────────────────────────────────────────

    def fill(self, *, marks: bool = True) -> Self:
        """Everything the active step's gate asks for, except the sign-offs."""
        step = self.instance.current_step or 0
        slots, performers = COURSE[step]
        self.upload(performers[0], *slots)
        if step == 7 and marks:
            self.mark("sekretaris", "laporan_final", "initial")
            self.mark("camat", "laporan_ditandatangani", "signature")
        return self

    def until(self, step: int) -> Self:
        """Every step before that one taken."""
        while (number := self.instance.current_step or 99) < step:
            self.fill().sign(*COURSE[number][1], team=TEAM if number == 2 else None)
        return self

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def active(self) -> StepRound:
        found = self.instance.active
        assert found is not None
        return found

    def at(self, moment: str) -> Self:
        self.now = at(moment)
        return self

    def states(self) -> list[str]:
        """Of each step, as the API shows it."""
        shown = (self.instance.current_round(step.number) for step in self.procedure.steps)
        return ["pending" if found is None else found.state for found in shown]

    def waiting(self) -> list[WaitingFor]:
        return list(waiting_for(self.instance, self.people, self.situation(next(iter(self.staff))).today))

    def tasks_of(self, username: str) -> list[tuple[str, str]]:
        """Kind and role of what waits for that person, as the worklist finds it."""
        roles = {role for role in self.staff[username] if role not in PERMISSIONS}
        mine = [t for t in tasks(self.instance) if t.account_id == account(username) or (t.account_id is None and t.role in roles)]
        return [(task.kind, task.role) for task in mine]

    def _advance(self, instance: Instance, events: Sequence[NewEvent]) -> None:
        """As the store does: one version on, and the stream's head moves with the events."""
        head = self.instance.head
        moment: datetime = self.now if head.at is None else max(self.now, head.at)
        self.instance = replace(instance, version=instance.version + 1, head=Head(head.sequence + len(events), head.hash, moment))
        self.events.extend(events)


def codes(found: Sequence[Refusal]) -> list[str]:
    return [refusal.code for refusal in in_order(found)]


def _upload(slot: str, copy_of: int | None) -> Upload:
    if copy_of is not None:
        return Upload(slot=slot, copy_of=copy_of)
    file = StoredFile(storage_key=uuid4().hex, sha256=uuid4().hex * 2, size=8, media_type="application/pdf", filename=f"{slot}.pdf")
    return Upload(slot=slot, file=file)
