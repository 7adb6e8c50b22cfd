"""Bodies of reports."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field

from app.domain.instances import Period
from app.domain.procedures import Procedure
from app.domain.timeliness import Dimension, Line, Quantiles, TimeTaken
from app.store.timeliness import Place
from app.usecases.timeliness import Report
from app.web.schemas.base import AnswerModel
from app.web.schemas.common import DurationShown, OfficeRef, PeriodShown, ProcedureRef


class MedianAndNinth(AnswerModel):
    """Separuhnya paling banyak `median`, sembilan dari sepuluh paling banyak `p90`; tepat sampai persepuluhan.

    Linear between the two neighbours (PERCENTILE.INC of a spreadsheet, R-7); of whole numbers that has one decimal place, nothing is rounded.
    """

    median: str = Field(examples=["420.0"])
    p90: str = Field(examples=["912.6"])

    @classmethod
    def of(cls, found: Quantiles | None) -> Self | None:
        return None if found is None else cls(median=str(found.median), p90=str(found.p90))


class OfficeTimeTaken(AnswerModel):
    """Dalam menit kantor dan dalam hari kerja; null bila tidak ada yang terukur. Null where nothing was measured."""

    office_minutes: MedianAndNinth | None
    working_days: MedianAndNinth | None

    @classmethod
    def of(cls, found: TimeTaken) -> Self:
        return cls(office_minutes=MedianAndNinth.of(found.minutes), working_days=MedianAndNinth.of(found.days))


class TimelinessLine(AnswerModel):
    """Satu kelompok. What it is not grouped by is null.

    `procedure` and the labels are those of the newest version in the group. `activity` and `allowance` are null where they differ in it.
    """

    procedure: ProcedureRef | None
    step: int | None
    activity: str | None
    role: str | None = Field(examples=["sekretaris"])
    role_label: str | None = Field(examples=["Sekretaris"])
    office: OfficeRef | None
    period: PeriodShown | None
    allowance: DurationShown | None
    finished: int = Field(description="on_time + late.")
    on_time: int
    late: int
    returned: int = Field(description="Di antaranya yang dikembalikan. Those among the finished that were returned.")
    on_time_percent: str | None = Field(
        description="Dua angka, dibulatkan ke bawah. Rounded down; null of nothing.", pattern=r"^\d{1,3}\.\d\d$", examples=["93.75"]
    )
    unmeasured: int = Field(
        description="Selesai sebelum waktu kantornya diukur: dihitung, tetapi tidak di `used` dan `lateness`. Counted, and in no percentile."
    )
    used: OfficeTimeTaken
    lateness: OfficeTimeTaken = Field(description="Hanya yang terlambat. Of the late ones alone.")
    still_open: int = Field(description="Yang masih berjalan sekarang, kapan pun dimulai. Under way now, whenever it began.")
    still_open_overdue: int

    @classmethod
    def of(cls, line: Line, report: Report) -> Self:
        named = dict(zip(report.question.group_by, line.key, strict=True))
        keys = {key for key, _, _ in line.works}
        newest, step = max(line.works), named.get("step")
        procedure = report.procedures[newest[:2]]
        role = named.get("role")
        return cls(
            procedure=ProcedureRef(key=newest[0], version=newest[1], title=procedure.title) if "procedure" in named else None,
            step=step,
            activity=procedure.step(newest[2]).activity.label if step is not None and len(keys) == 1 else None,
            role=role,
            role_label=None if role is None else _role_label(str(role), line, report.procedures),
            office=_office(named.get("office"), report.places),
            period=PeriodShown.of(Period.parse(str(named["period"]))) if "period" in named else None,
            allowance=_allowance(line, report.procedures),
            on_time_percent=_text(line.on_time_percent),
            used=OfficeTimeTaken.of(line.used),
            lateness=OfficeTimeTaken.of(line.lateness),
            **{name: getattr(line, name) for name in _COUNTS},
        )


_COUNTS = ("finished", "on_time", "late", "returned", "unmeasured", "still_open", "still_open_overdue")


class TimelinessReport(AnswerModel):
    """Berapa langkah (atau bagian pelaksana) selesai tepat waktu. How many steps, or performers' parts, were finished in time."""

    from_: date = Field(serialization_alias="from", description="Hari pertama. The first day, in each office's own zone.")
    to: date = Field(description="Hari terakhir, termasuk. The last day, inside.")
    unit: Literal["step", "part"] = Field(description="`part`: setiap bagian pelaksana yang diparipurnakan. Each sign-off of a performer.")
    group_by: list[Dimension]
    judged_at: datetime = Field(description="Saat `still_open` dinilai. When `still_open…` was judged.")
    items: list[TimelinessLine]

    @classmethod
    def of(cls, report: Report) -> Self:
        return cls(
            from_=report.since,
            to=report.until,
            unit="part" if report.question.of_parts else "step",
            group_by=list(report.question.group_by),
            judged_at=report.judged_at,
            items=[TimelinessLine.of(line, report) for line in report.lines],
        )


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _office(code: str | int | None, places: Mapping[str, Place]) -> OfficeRef | None:
    return None if code is None else OfficeRef(code=str(code), name=places[str(code)].name)


def _role_label(role: str, line: Line, procedures: Mapping[tuple[str, int], Procedure]) -> str:
    """As the newest version in the group that has the role says it."""
    named = (procedures[key, version].roles.get(role) for key, version, _ in sorted(line.works, reverse=True))
    return next(found.label for found in named if found is not None)


def _allowance(line: Line, procedures: Mapping[tuple[str, int], Procedure]) -> DurationShown | None:
    found = {procedures[key, version].step(step).duration for key, version, step in line.works}
    only = next(iter(found))
    return DurationShown(value=only.value, unit=only.unit) if len(found) == 1 else None
