"""What the database itself says after a race: the log replayed event by event, and the rows beside it. No code of the application judges here."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.store.database import Database
from tests.support.office import Office, Run

PARTS: dict[int, set[str]] = {
    1: {"camat"},
    2: {"sekretaris"},
    3: {"tim_penyusun"},
    4: {"sekretaris", "tim_penyusun"},
    5: {"camat"},
    6: {"sekretaris", "tim_penyusun"},
    7: {"staf"},
}
OUTPUTS: dict[int, str] = {
    1: "draf_tim",
    3: "rencana_kegiatan",
    4: "konsep_laporan",
    5: "konsep_laporan_diperiksa",
    6: "laporan_final",
    7: "laporan_ditandatangani",
}
MARKS: dict[int, set[tuple[str, str]]] = {7: {("laporan_final", "initial"), ("laporan_ditandatangani", "signature")}}
"""The SOP as the paper has it: who signs off, what each step puts out, what must be marked before step 7 ends."""


@dataclass
class Replay:
    """One instance as its log tells it. `faults` names each event that should not have been possible when it came."""

    sequence: int = 0
    signed: dict[tuple[int, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    latest: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    marked: set[tuple[str, int, str]] = field(default_factory=set)
    completed: list[tuple[int, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def read(self, sequence: int, kind: str, data: dict[str, Any]) -> None:
        if sequence != self.sequence + 1:
            self.faults.append(f"event {sequence} follows {self.sequence}")
        self.sequence = sequence
        told = getattr(self, f"_{kind.replace('.', '_')}", None)
        if told is not None:
            told(data)

    def _document_uploaded(self, data: dict[str, Any]) -> None:
        opened = (data["step"], data["round"])
        voided = {sign_off["role"] for sign_off in data["voided_sign_offs"]}
        self._expect(voided == self.signed[opened], f"the upload voids {voided}, signed were {self.signed[opened]}")
        self._expect(opened not in self.completed, f"uploaded into step {opened} after it was completed")
        self._expect(data["version"] == self.latest.get(data["slot"], (0, 0, 0))[0] + 1, f"version {data['version']} of {data['slot']}")
        self.signed[opened].clear()
        self.latest[data["slot"]] = (data["version"], *opened)

    def _document_initialed(self, data: dict[str, Any]) -> None:
        self._mark(data, "initial")

    def _document_signed(self, data: dict[str, Any]) -> None:
        self._mark(data, "signature")

    def _mark(self, data: dict[str, Any], mark: str) -> None:
        put = (data["slot"], data["version"], mark)
        self._expect(data["version"] == self.latest[data["slot"]][0], f"{put} on a version that is not the latest")
        self._expect(put not in self.marked, f"{put} twice")
        self.marked.add(put)

    def _step_signed_off(self, data: dict[str, Any]) -> None:
        opened = (data["step"], data["round"])
        self._expect(opened not in self.completed, f"signed off {opened} after it was completed")
        self._expect(data["role"] not in self.signed[opened], f"{data['role']} signed off {opened} twice")
        self.signed[opened].add(data["role"])

    def _step_completed(self, data: dict[str, Any]) -> None:
        step, opened = data["step"], (data["step"], data["round"])
        self._expect(opened not in self.completed, f"{opened} completed twice")
        self._expect(self.signed[opened] == PARTS[step], f"{opened} completed with {self.signed[opened]}")
        if step in OUTPUTS:
            self._expect(self.latest.get(OUTPUTS[step], (0, 0, 0))[1:] == opened, f"{opened} completed without its output")
        for slot, mark in MARKS.get(step, set()):
            self._expect((slot, self.latest[slot][0], mark) in self.marked, f"{opened} completed without the {mark} on {slot}")
        self.completed.append(opened)

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.faults.append(otherwise)


async def replay(database: Database, runs: Sequence[Run]) -> dict[str, Replay]:
    """The log of each instance, told from its start."""
    told = {run.id: Replay() for run in runs}
    async with database.read() as connection:
        events = await connection.execute(
            text("SELECT instance_id, sequence, type, data FROM event WHERE instance_id = ANY(:ids) ORDER BY instance_id, sequence"),
            {"ids": [UUID(run.id) for run in runs]},
        )
        for instance_id, sequence, kind, data in events:
            told[str(instance_id)].read(sequence, kind, data)
    return told


async def faults(office: Office, runs: Sequence[Run]) -> list[str]:
    """Everything that is wrong with these instances: in their logs, in their rows, between the two, and in the hash chains."""
    told = await replay(office.database, runs)
    found = [f"{run.id}: {fault}" for run in runs for fault in told[run.id].faults]
    found += [line async for line in _row_faults(office.database, runs, told)]
    verdict = (await (await office.as_("auditor")).get("/v1/audit/verify")).json()
    return found + [f"audit: {broken}" for broken in verdict["broken"]]


async def _row_faults(database: Database, runs: Sequence[Run], told: dict[str, Replay]) -> Any:
    ids = {"ids": [UUID(run.id) for run in runs]}
    async with database.read() as connection:
        for question in (_HEADS, _SIGN_OFFS, _ROUNDS, _TASKS):
            rows = list((await connection.execute(text(question), ids)).mappings())
            for line in _CHECKS[question](rows, told):
                yield line


_HEADS = "SELECT id, event_sequence, state, current_step FROM instance WHERE id = ANY(:ids)"
_SIGN_OFFS = (
    "SELECT s.instance_id AS id, s.step, s.round, s.role, count(*) AS given FROM sign_off s"
    " WHERE s.instance_id = ANY(:ids) AND s.voided_at IS NULL GROUP BY 1, 2, 3, 4"
)
_ROUNDS = (
    "SELECT r.instance_id AS id, r.step, r.round, r.state,"
    " (SELECT count(*) FROM sign_off s WHERE s.instance_id = r.instance_id AND s.step = r.step AND s.round = r.round AND s.voided_at IS NULL)"
    " AS signed, (SELECT count(*) FROM step_round a WHERE a.instance_id = r.instance_id AND a.state = 'active') AS active"
    " FROM step_round r WHERE r.instance_id = ANY(:ids)"
)
_TASKS = (
    "SELECT t.instance_id AS id, t.step, i.current_step, count(*) AS waiting FROM task t JOIN instance i ON i.id = t.instance_id"
    " WHERE t.instance_id = ANY(:ids) GROUP BY 1, 2, 3"
)

Rows = Iterable[Any]


def _heads(rows: Rows, told: dict[str, Replay]) -> Iterator[str]:
    for row in rows:
        replayed = told[str(row["id"])]
        if row["event_sequence"] != replayed.sequence:
            yield f"{row['id']}: the head says {row['event_sequence']}, the log ends at {replayed.sequence}"
        if (row["state"] == "completed") != any(step == 7 for step, _ in replayed.completed):
            yield f"{row['id']}: {row['state']}, completed {replayed.completed}"


def _sign_offs(rows: Rows, told: dict[str, Replay]) -> Iterator[str]:
    for row in rows:
        if row["given"] != 1 or row["role"] not in told[str(row["id"])].signed[row["step"], row["round"]]:
            yield f"{row['id']}: {row['given']} sign-offs by {row['role']} in step {row['step']}, round {row['round']}"


def _rounds(rows: Rows, told: dict[str, Replay]) -> Iterator[str]:
    for row in rows:
        opened, replayed = (row["step"], row["round"]), told[str(row["id"])]
        if (row["state"] == "completed") != (opened in replayed.completed):
            yield f"{row['id']}: round {opened} is {row['state']}, the log completed {replayed.completed}"
        if row["state"] == "completed" and row["signed"] != len(PARTS[row["step"]]):
            yield f"{row['id']}: round {opened} is completed with {row['signed']} sign-offs that count"
        is_closed = any(step == 7 for step, _ in replayed.completed)
        if row["active"] != (0 if is_closed else 1):
            yield f"{row['id']}: {row['active']} active rounds"


def _tasks(rows: Rows, _: dict[str, Replay]) -> Iterator[str]:
    for row in rows:
        if row["step"] != row["current_step"]:
            yield f"{row['id']}: {row['waiting']} tasks for step {row['step']}, the instance is at {row['current_step']}"


_CHECKS = {_HEADS: _heads, _SIGN_OFFS: _sign_offs, _ROUNDS: _rounds, _TASKS: _tasks}
