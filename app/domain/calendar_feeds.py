"""iCalendar feeds as values: what a calendar program shows of deadlines. `app.render` writes them.

All of it comes from what is stored and nothing from the clock, so a feed is the same to the letter until something has changed.
The words are Indonesian whatever a program says that it prefers: it asks for nobody in particular.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from app.domain.procedures import Procedure

MOST_FEEDS = 20
"""Living feeds of one person."""

MOST_ENTRIES = 1000
"""What one feed shows at most, those due first; it says so where there is more."""

Waiting = Literal["step", "initial", "signature"]
_ASKED = {"initial": "paraf", "signature": "tanda tangan"}


@dataclass(frozen=True, slots=True)
class About:
    """The instance that an entry speaks of. `version` rises whenever somebody, or the calendar, changed it: so with each due time that moves."""

    instance_id: UUID
    title: str
    office: str
    version: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is due: the round of a step, or a mark on a document that it needs. `since`: from when it has been waited for.

    `role` names whose mark or part it is, `slot` what is to be marked; both empty where the step as a whole is meant.
    """

    kind: Waiting = "step"
    step: int
    round: int
    role: str = ""
    slot: str = ""
    since: datetime
    due_soon_at: datetime
    due_at: datetime
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """`uid` stays while it is the same thing that is due; `sequence` rises with what is said of it. Alarms where the clock runs."""

    uid: UUID
    sequence: int
    created_at: datetime
    changed_at: datetime
    due_soon_at: datetime
    due_at: datetime
    paused: bool
    summary: str
    description: str


@dataclass(frozen=True, slots=True)
class Feed:
    name: str
    description: str
    entries: tuple[Entry, ...]


def entry_of(about: About, due: Due, procedure: Procedure) -> Entry:
    return Entry(
        uid=uuid5(about.instance_id, "/".join((due.kind, str(due.step), str(due.round), due.role, due.slot))),
        sequence=about.version,
        created_at=due.since,
        changed_at=max(about.changed_at, due.since),
        due_soon_at=due.due_soon_at,
        due_at=due.due_at,
        paused=due.paused,
        summary=_summary(about, due, procedure),
        description="\n".join(_description(about, due, procedure)),
    )


def feed_of(name: str, description: str, entries: tuple[Entry, ...]) -> Feed:
    """As much as a feed shows: whoever gives more than that is told so in its description."""
    if len(entries) <= MOST_ENTRIES:
        return Feed(name, description, entries)
    cut = f"{description} Hanya {MOST_ENTRIES} tenggat terdekat yang ditampilkan; masih ada yang lain."
    return Feed(name, cut, entries[:MOST_ENTRIES])


def personal(entries: tuple[Entry, ...]) -> Feed:
    return feed_of("Alur: menunggu saya", "Langkah, paraf, dan tanda tangan yang menunggu Anda.", entries)


def of_office(office: str, entries: tuple[Entry, ...]) -> Feed:
    return feed_of(f"Alur: tenggat {office}", f"Tenggat langkah yang sedang berjalan di {office}.", entries)


def _summary(about: About, due: Due, procedure: Procedure) -> str:
    asked = procedure.step(due.step).activity.label
    if due.kind != "step":
        asked = f"{_ASKED[due.kind]} {procedure.slots[due.slot].label}"
    standing = "Ditangguhkan: tenggat" if due.paused else "Tenggat"
    return f"{standing} langkah {due.step}: {asked} ({about.title})"


def _description(about: About, due: Due, procedure: Procedure) -> list[str]:
    step = procedure.step(due.step)
    performers = (due.role,) if due.role else step.performers
    lines = [
        about.title,
        f"Kantor: {about.office}",
        f"Prosedur: {procedure.title}",
        f"Langkah {due.step}: {step.activity.label}",
        f"Pelaksana: {', '.join(procedure.roles[role].label for role in performers)}",
        f"Waktu menurut SOP: {step.duration_text}",
    ]
    return lines if due.round == 1 else [*lines, f"Putaran: {due.round}"]
