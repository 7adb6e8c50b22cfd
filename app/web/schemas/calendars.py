"""What calendars look like: rows as they hold at an office, and its days."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from app.domain.calendars import DayOff, DayOffKind, Layer, ReasonCode, ReportDate, Schedule, Season, Span, Week
from app.domain.calendars.calendar import OfficeDay
from app.domain.calendars.values import Hours
from app.domain.refusals import Language
from app.store.calendars import Inherited
from app.web.paging import Listing
from app.web.schemas.base import AnswerModel
from app.web.schemas.common import CalendarDay

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_INHERITED = "Berasal dari kantor di atasnya; diubah di sana. It comes from an office above, and is changed there."
_SAID_BY = "Kantor yang menetapkannya. The office that says so."


class HoursShown(AnswerModel):
    """Jam kerja menurut jam dinding kantor. Office hours by the clock on the office's wall."""

    from_: str = Field(serialization_alias="from", examples=["07:30"])
    to: str = Field(examples=["12:00"])

    @classmethod
    def of(cls, hours: Hours) -> Self:
        return cls(from_=f"{hours[0]:%H:%M}", to=f"{hours[1]:%H:%M}")


class WeekShown(AnswerModel):
    """Jam kerja setiap hari; daftar kosong: tidak bekerja. The hours of each day; an empty list: closed."""

    monday: list[HoursShown]
    tuesday: list[HoursShown]
    wednesday: list[HoursShown]
    thursday: list[HoursShown]
    friday: list[HoursShown]
    saturday: list[HoursShown]
    sunday: list[HoursShown]

    @classmethod
    def of(cls, week: Week) -> Self:
        return cls.model_validate({name: [HoursShown.of(hours) for hours in day] for name, day in zip(WEEKDAYS, week, strict=True)})


class ScheduleShown(AnswerModel):
    """Jam kerja sejak `valid_from` sampai `valid_to` (null: seterusnya). `season` null: the normal week; else the hours of that season."""

    id: UUID
    office: str = Field(description=_SAID_BY, examples=["ID"])
    inherited: bool = Field(description=_INHERITED)
    valid_from: date = Field(examples=["2023-01-01"])
    valid_to: date | None = Field(examples=[None])
    season: str | None = Field(examples=["ramadan"])
    week: WeekShown
    source: str = Field(description="Dasar aturannya. The rule behind it.", examples=["Perpres 21/2023"])

    @classmethod
    def of(cls, row: Schedule, office: str) -> Self:
        assert row.id is not None
        return cls(
            id=row.id,
            office=row.office,
            inherited=row.office != office,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            season=row.season,
            week=WeekShown.of(row.week),
            source=row.source,
        )


class SeasonShown(AnswerModel):
    """Hari-hari berlakunya jadwal dengan `season` yang sama; kedua tanggal termasuk. The dates on which that season's schedules hold."""

    id: UUID
    office: str = Field(description=_SAID_BY, examples=["ID"])
    inherited: bool = Field(description=_INHERITED)
    name: str = Field(examples=["ramadan"])
    starts_on: date = Field(examples=["2027-02-08"])
    ends_on: date = Field(examples=["2027-03-09"])
    provisional: bool = Field(description="Tanggalnya masih perkiraan. Its dates are an estimate.")
    source: str

    @classmethod
    def of(cls, row: Season, office: str) -> Self:
        assert row.id is not None
        return cls(
            id=row.id,
            office=row.office,
            inherited=row.office != office,
            name=row.name,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            provisional=row.provisional,
            source=row.source,
        )


class DayOffShown(AnswerModel):
    """Hari libur, cuti bersama, atau penutupan; `working`: kantor ini tetap bekerja. The office works although offices above have it off."""

    id: UUID
    office: str = Field(description=_SAID_BY, examples=["ID"])
    inherited: bool = Field(description=_INHERITED)
    date: CalendarDay = Field(examples=["2025-08-18"])
    kind: DayOffKind = Field(examples=["joint_leave"])
    name: str = Field(examples=["Cuti bersama Hari Kemerdekaan"])
    provisional: bool = Field(description="Tanggalnya masih perkiraan. Its date is an estimate.")
    source: str = Field(examples=["SKB Tiga Menteri"])
    decree: str | None = Field(examples=["SKB 933/2025"])

    @classmethod
    def of(cls, row: DayOff, office: str) -> Self:
        assert row.id is not None
        return cls(
            id=row.id,
            office=row.office,
            inherited=row.office != office,
            date=row.day,
            kind=row.kind,
            name=row.name,
            provisional=row.provisional,
            source=row.source,
            decree=row.decree,
        )


class ReportDateShown(AnswerModel):
    """Batas LKJIP tahun itu; peramalan yang menyisakan kurang dari `margin_days` hari kerja berisiko. Until when that year's LKJIP is due."""

    office: str = Field(description=_SAID_BY, examples=["64.02"])
    inherited: bool = Field(description=_INHERITED)
    year: int = Field(examples=[2026])
    due_on: date = Field(examples=["2027-02-15"])
    margin_days: int = Field(examples=[5])

    @classmethod
    def of(cls, row: ReportDate, office: str) -> Self:
        return cls(office=row.office, inherited=row.office != office, year=row.year, due_on=row.due_on, margin_days=row.margin_days)


class ScheduleList(Listing[ScheduleShown]):
    """Yang terdekat berlaku, lalu yang terbaru. The nearest office's hold; of these the newest first."""


class SeasonList(Listing[SeasonShown]):
    """Menurut tanggal. By date."""


class DayOffList(Listing[DayOffShown]):
    """Menurut tanggal. By date."""


class ReportDateList(Listing[ReportDateShown]):
    """Menurut tahun; yang tidak ada di sini: akhir Februari. By year; one not named: the last day of February of the year after."""


class CalendarCounts(AnswerModel):
    """Banyaknya baris yang ditetapkan kantor ini sendiri. How many rows the office itself says."""

    schedules: int = Field(examples=[0])
    seasons: int = Field(examples=[0])
    days_off: int = Field(examples=[1])
    report_dates: int = Field(examples=[0])


class CalendarShown(AnswerModel):
    """Kalender yang berlaku di satu kantor, sendiri dan dari atas. The calendar in force at an office, its own rows and those from above."""

    office: str = Field(examples=["64.02.13"])
    time_zone: str = Field(examples=["Asia/Makassar"])
    version: int = Field(examples=[2])
    recomputing: bool = Field(description="Ada tenggat yang belum dihitung ulang. Some deadlines are still to be recomputed.")
    covered_years: list[int] = Field(
        description="Tahun yang hari liburnya diketahui. The years whose public holidays are known.", examples=[[2026, 2027]]
    )
    schedules: list[ScheduleShown] = Field(description="Yang berlaku hari ini atau nanti. Those of today and later.")
    seasons: list[SeasonShown] = Field(description="Yang berlangsung atau akan datang. Those under way and to come.")
    own: CalendarCounts


class WorkingInterval(AnswerModel):
    from_: datetime = Field(serialization_alias="from", examples=["2027-03-01T08:00:00+08:00"])
    to: datetime = Field(examples=["2027-03-01T12:00:00+08:00"])

    @classmethod
    def of(cls, span: Span) -> Self:
        return cls(from_=span[0], to=span[1])


class OffShown(AnswerModel):
    """Mengapa hari ini tanpa jam kerja. Why the day has no office hours."""

    code: ReasonCode = Field(examples=["joint_leave"])
    reason: str = Field(examples=["Cuti bersama Natal"])


class OfficeDayShown(AnswerModel):
    """Satu hari kantor: jam kerjanya, atau sebabnya libur. One day of an office: its working intervals, or why it has none."""

    date: CalendarDay = Field(examples=["2027-03-01"])
    weekday: Weekday = Field(examples=["monday"])
    intervals: list[WorkingInterval]
    off: OffShown | None
    season: str | None = Field(description="Musim yang jadwalnya berlaku. The season whose hours hold.", examples=["ramadan"])
    schedule_id: UUID | None = Field(description="Jadwal yang berlaku pada hari ini. The schedule that holds on the day.")
    warnings: list[Literal["calendar_not_covered", "provisional_day", "provisional_season"]]

    @classmethod
    def of(cls, found: OfficeDay, zone: ZoneInfo, language: Language) -> Self:
        off = found.off and OffShown(code=found.off.code, reason=found.off.english if language == "en" else found.off.reason)
        hours = found.schedule
        return cls.model_validate(
            {
                "date": found.day,
                "weekday": WEEKDAYS[found.day.weekday()],
                "intervals": [WorkingInterval(from_=since.astimezone(zone), to=to.astimezone(zone)) for since, to in found.spans],
                "off": off,
                "season": hours and hours.season,
                "schedule_id": hours and hours.id,
                "warnings": found.warnings,
            }
        )


class OfficeDayList(Listing[OfficeDayShown]):
    """Setiap hari, semuanya dalam satu halaman. Each day, all of them on one page."""


def show_calendar(found: Inherited, office: str, now: datetime, *, recomputing: bool) -> CalendarShown:
    """As it holds today, where the office stands now, and what is to come."""
    calendar = found.calendar()
    today = calendar.local_date(now)
    holding, own = calendar.on(today), found.own()
    return CalendarShown(
        office=office,
        time_zone=found.zone,
        version=found.version,
        recomputing=recomputing,
        covered_years=sorted(holding.covered_years),
        schedules=[ScheduleShown.of(row, office) for row in holding.schedules if row.valid_to is None or row.valid_to >= today],
        seasons=[SeasonShown.of(row, office) for row in holding.seasons if row.ends_on >= today],
        own=CalendarCounts(schedules=len(own.schedules), seasons=len(own.seasons), days_off=len(own.days_off), report_dates=len(own.report_dates)),
    )


class CalendarRows(AnswerModel):
    """Baris kalender menurut jenisnya. Rows of a calendar by their kind."""

    schedules: list[ScheduleShown]
    seasons: list[SeasonShown]
    days_off: list[DayOffShown]
    report_dates: list[ReportDateShown]

    @classmethod
    def of(cls, layer: Layer, office: str) -> Self:
        return cls(
            schedules=[ScheduleShown.of(row, office) for row in layer.schedules],
            seasons=[SeasonShown.of(row, office) for row in layer.seasons],
            days_off=[DayOffShown.of(row, office) for row in layer.days_off],
            report_dates=[ReportDateShown.of(row, office) for row in layer.report_dates],
        )
