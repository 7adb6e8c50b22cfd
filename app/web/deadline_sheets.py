"""Deadlines as tables: the moments at the office's own clock, the zone in the heading."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.domain.deadlines import deadline_state, standing_of
from app.domain.instances import StepRound
from app.domain.wordings import Language
from app.render.sheets import Cell
from app.store.listings import DeadlineLine
from app.usecases.acts import View
from app.web.exports import Table, duration_as_text, word_of
from app.web.schemas.common import local, local_or_none
from app.web.schemas.listing_view import Procedures

_COLUMNS = (
    ("Kode kantor", "Office code"),
    ("Kantor", "Office"),
    ("Prosedur", "Procedure"),
    ("Pelaksanaan", "Instance"),
    ("Periode", "Period"),
    ("Langkah", "Step"),
    ("Putaran", "Round"),
    ("Kegiatan", "Activity"),
    ("Pelaksana", "Performers"),
    ("Mulai ({zone})", "Started ({zone})"),
    ("Segera jatuh tempo ({zone})", "Due soon from ({zone})"),
    ("Tenggat ({zone})", "Due ({zone})"),
    ("Keadaan", "State"),
    ("Zona waktu", "Time zone"),
)
_OF_AN_INSTANCE = (
    ("Langkah", "Step"),
    ("Putaran", "Round"),
    ("Kegiatan", "Activity"),
    ("Waktu menurut SOP", "Allowance"),
    ("Mulai ({zone})", "Started ({zone})"),
    ("Segera jatuh tempo ({zone})", "Due soon from ({zone})"),
    ("Tenggat ({zone})", "Due ({zone})"),
    ("Selesai ({zone})", "Completed ({zone})"),
    ("Keadaan", "State"),
    ("Terlambat (menit kantor)", "Late (office minutes)"),
    ("Terlambat (hari kerja)", "Late (working days)"),
    ("Sebab terlambat", "Why late"),
)
_STATES: dict[str, tuple[str, str]] = {
    "on_time": ("Dalam waktu", "On time"),
    "due_soon": ("Segera jatuh tempo", "Due soon"),
    "overdue": ("Lewat tenggat", "Overdue"),
    "paused": ("Ditangguhkan", "Suspended"),
    "met": ("Selesai tepat waktu", "Completed in time"),
    "missed": ("Selesai terlambat", "Completed late"),
}
_SEVERAL_ZONES = ("waktu setempat", "local time")


def deadline_table(lines: Sequence[DeadlineLine], procedures: Procedures, now: datetime, *, language: Language) -> Table:
    word = word_of(language)
    zones = {_zone_name(line.due_at, line.about.time_zone) for line in lines}
    zone = zones.pop() if len(zones) == 1 else _SEVERAL_ZONES[word]
    rows = [_row(line, procedures, now, word=word) for line in lines]
    today = local(now, ZoneInfo(lines[0].about.time_zone)).date() if lines else now.date()
    return Table(f"{('Tenggat', 'Deadlines')[word]} {today}", _headings(_COLUMNS, zone, word), rows)


def instance_table(view: View, *, language: Language) -> Table:
    word, instance = word_of(language), view.instance
    zone = _zone_name(instance.started_at, instance.office.zone.key)
    rows = [_round_row(view, found, word) for found in sorted(instance.rounds, key=lambda r: (r.step, r.round))]
    return Table(f"{('Tenggat', 'Deadlines')[word]} {instance.title}", _headings(_OF_AN_INSTANCE, zone, word), rows)


def _round_row(view: View, found: StepRound, word: int) -> list[Cell]:
    instance, zone = view.instance, view.instance.office.zone
    step = instance.procedure.step(found.step)
    standing = standing_of(found, view.situation.now)
    late = [s.late_reason for s in instance.sign_offs if (s.step, s.round) == (found.step, found.round) and s.late_reason]
    return [
        found.step,
        found.round,
        step.activity.label,
        duration_as_text(step.duration.value, step.duration.unit, word),
        local_or_none(found.started_at, zone),
        local_or_none(found.due_soon_at, zone),
        local_or_none(found.due_at, zone),
        local_or_none(found.completed_at, zone),
        _state(standing, word),
        found.late_minutes,
        found.late_days,
        "\n".join(late) or None,
    ]


def _row(line: DeadlineLine, procedures: Procedures, now: datetime, *, word: int) -> list[Cell]:
    about, zone = line.about, ZoneInfo(line.about.time_zone)
    procedure = procedures[about.procedure_key, about.procedure_version]
    step = procedure.step(line.step)
    standing = deadline_state(state="active", due_at=line.due_at, due_soon_at=line.due_soon_at, completed_at=None, paused_at=line.paused_at, now=now)
    return [
        about.office_code,
        about.office_name,
        procedure.title,
        about.title,
        about.period_key,
        line.step,
        line.round,
        step.activity.label,
        ", ".join(procedure.roles[role].label for role in step.performers),
        local(line.step_started_at, zone),
        local(line.due_soon_at, zone),
        local(line.due_at, zone),
        _state(standing, word),
        about.time_zone,
    ]


def _headings(columns: Iterable[tuple[str, str]], zone: str, word: int) -> list[str]:
    return [column[word].format(zone=zone) for column in columns]


def _state(state: str | None, word: int) -> str | None:
    return None if state is None else _STATES[state][word]


def _zone_name(moment: datetime, zone: str) -> str:
    """WIB, WITA, WIT; elsewhere what the zone calls itself then."""
    return local(moment, ZoneInfo(zone)).tzname() or zone
