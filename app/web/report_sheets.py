"""The timeliness report as a table: one column for each thing a line says, and only the dimensions it is grouped by."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from app.domain.timeliness import Dimension
from app.domain.wordings import Language
from app.render.sheets import Cell
from app.web.exports import Table, duration_as_text, word_of
from app.web.schemas.common import DurationShown
from app.web.schemas.reports import MedianAndNinth, TimelinessLine, TimelinessReport

Column = tuple[str, str, Callable[[Any], Cell]]
"""Its heading in Indonesian and in English, and what of a line stands in it."""

_OF: Mapping[Dimension, tuple[Column, ...]] = {
    "procedure": (
        ("Kunci prosedur", "Procedure key", lambda line: line.procedure.key),
        ("Prosedur", "Procedure", lambda line: line.procedure.title),
    ),
    "step": (("Langkah", "Step", lambda line: line.step), ("Kegiatan", "Activity", lambda line: line.activity)),
    "role": (("Pelaksana", "Performer", lambda line: line.role_label),),
    "office": (("Kode kantor", "Office code", lambda line: line.office.code), ("Kantor", "Office", lambda line: line.office.name)),
    "period": (("Periode", "Period", lambda line: f"{line.period.year}" + (f"-Q{line.period.quarter}" if line.period.quarter else "")),),
}
_COUNTED: tuple[Column, ...] = (
    ("Selesai", "Finished", lambda line: line.finished),
    ("Tepat waktu", "On time", lambda line: line.on_time),
    ("Terlambat", "Late", lambda line: line.late),
    ("Tepat waktu (%)", "On time (%)", lambda line: _number(line.on_time_percent)),
    ("Dikembalikan", "Returned", lambda line: line.returned),
    ("Tidak terukur", "Unmeasured", lambda line: line.unmeasured),
)
_TAKEN: tuple[Column, ...] = (
    ("Terpakai, median (menit kantor)", "Used, median (office minutes)", lambda line: _median(line.used.office_minutes)),
    ("Terpakai, P90 (menit kantor)", "Used, P90 (office minutes)", lambda line: _p90(line.used.office_minutes)),
    ("Terpakai, median (hari kerja)", "Used, median (working days)", lambda line: _median(line.used.working_days)),
    ("Terpakai, P90 (hari kerja)", "Used, P90 (working days)", lambda line: _p90(line.used.working_days)),
    ("Terlambat, median (menit kantor)", "Late, median (office minutes)", lambda line: _median(line.lateness.office_minutes)),
    ("Terlambat, P90 (menit kantor)", "Late, P90 (office minutes)", lambda line: _p90(line.lateness.office_minutes)),
    ("Terlambat, median (hari kerja)", "Late, median (working days)", lambda line: _median(line.lateness.working_days)),
    ("Terlambat, P90 (hari kerja)", "Late, P90 (working days)", lambda line: _p90(line.lateness.working_days)),
)
_OPEN: tuple[Column, ...] = (
    ("Masih berjalan", "Still open", lambda line: line.still_open),
    ("Di antaranya lewat tenggat", "Of these overdue", lambda line: line.still_open_overdue),
)


def timeliness_table(report: TimelinessReport, *, language: Language) -> Table:
    word = word_of(language)
    allowance: Column = ("Waktu menurut SOP", "Allowance", lambda line: _duration(line.allowance, word))
    columns = [*(column for name in report.group_by for column in _OF[name]), allowance, *_COUNTED, *_TAKEN, *_OPEN]
    title = ("Ketepatan waktu", "Timeliness")[word]
    headings = [english if word else indonesian for indonesian, english, _ in columns]
    return Table(f"{title} {report.from_} - {report.to}", headings, [_row(columns, line) for line in report.items])


def _row(columns: list[Column], line: TimelinessLine) -> list[Cell]:
    return [say(line) for _, _, say in columns]


def _duration(allowance: DurationShown | None, word: int) -> str | None:
    return None if allowance is None else duration_as_text(allowance.value, allowance.unit, word)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _median(found: MedianAndNinth | None) -> Decimal | None:
    return None if found is None else Decimal(found.median)


def _p90(found: MedianAndNinth | None) -> Decimal | None:
    return None if found is None else Decimal(found.p90)
