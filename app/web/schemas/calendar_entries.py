"""What an administrator enters about a calendar: one row, a year's list, or a whole file."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from app.domain.calendars import DayOff, DayOffKind, ReportDate
from app.domain.calendars.changes import MOST_AT_ONCE, Import
from app.domain.calendars.entries import FIRST_YEAR, LAST_YEAR, MOST_INTERVALS, MOST_MARGIN_DAYS, ScheduleEntry, SeasonEntry, WeekText
from app.web.patterns import NOT_BLANK, TIME_OF_DAY
from app.web.schemas.base import Day, RequestModel, Whole, mistake
from app.web.schemas.calendars import WEEKDAYS


def _in_order(hours: "list[HoursRequest]") -> "list[HoursRequest]":
    edges = [edge for interval in hours for edge in interval.asked()]
    if edges != sorted(edges):
        raise mistake(
            "hours_overlap",
            indonesian="Jam kerja sehari ditulis berurutan dan tidak bertumpukan.",
            english="The hours of a day follow each other without overlap.",
        )
    return hours


Name = Annotated[str, Field(min_length=1, max_length=200, pattern=NOT_BLANK)]
SeasonName = Annotated[str, Field(min_length=1, max_length=40, pattern=NOT_BLANK)]
Source = Annotated[str, Field(max_length=400, description="Dasar aturannya. The rule behind it.")]
Decree = Annotated[str, Field(min_length=1, max_length=200, pattern=NOT_BLANK)]
TimeOfDay = Annotated[str, Field(pattern=TIME_OF_DAY, examples=["07:30"])]
_DECREE = "Nomor surat keputusannya. The number of what decrees it."
_PROVISIONAL = "Masih perkiraan, sampai ditetapkan. An estimate until it is decreed."


class HoursRequest(RequestModel):
    """Dari dan sampai, menurut jam dinding kantor. From and to, by the clock on the office's wall."""

    from_: TimeOfDay = Field(alias="from", examples=["07:30"])
    to: TimeOfDay = Field(examples=["12:00"])

    @field_validator("to")
    @classmethod
    def _later(cls, to: str, info: ValidationInfo) -> str:
        if to <= info.data.get("from_", ""):
            raise mistake("not_after_from", indonesian="Harus sesudah from.", english="Must be later than from.")
        return to

    def asked(self) -> tuple[str, str]:
        return self.from_, self.to


DayHours = Annotated[list[HoursRequest], Field(max_length=MOST_INTERVALS), AfterValidator(_in_order)]


class WeekRequest(RequestModel):
    """Jam kerja ketujuh hari; daftar kosong: tidak bekerja. The hours of all seven days; an empty list: closed."""

    monday: DayHours
    tuesday: DayHours
    wednesday: DayHours
    thursday: DayHours
    friday: DayHours
    saturday: DayHours
    sunday: DayHours

    def asked(self) -> WeekText:
        return tuple(tuple(hours.asked() for hours in getattr(self, name)) for name in WEEKDAYS)


_WORKDAY = [{"from": "07:30", "to": "12:00"}, {"from": "13:00", "to": "16:00"}]
_FRIDAY = [{"from": "07:30", "to": "11:30"}, {"from": "13:00", "to": "16:30"}]
WEEK_EXAMPLE = {
    "monday": _WORKDAY,
    "tuesday": _WORKDAY,
    "wednesday": _WORKDAY,
    "thursday": _WORKDAY,
    "friday": _FRIDAY,
    "saturday": [],
    "sunday": [],
}
"""The national schedule."""


class DayOffCreation(RequestModel):
    """Hari libur atau penutupan. `working`: this office works on that day although offices above have it off."""

    date: Day = Field(examples=["2025-08-18"])
    kind: DayOffKind = Field(examples=["joint_leave"])
    name: Name = Field(examples=["Cuti bersama Hari Kemerdekaan"])
    provisional: bool = Field(default=False, strict=True, description=_PROVISIONAL)
    source: Source = Field(default="", examples=["SKB Tiga Menteri"])
    decree: Decree | None = Field(default=None, description=_DECREE, examples=["SKB 933/2025"])

    def asked(self) -> DayOff:
        return DayOff(self.date, self.kind, self.name, self.provisional, self.source, self.decree)


class SeasonCreation(RequestModel):
    """Musim: hari-hari berlakunya jadwal dengan `season` yang sama, kedua tanggal termasuk. Both days are inside."""

    name: SeasonName = Field(examples=["ramadan"])
    starts_on: Day = Field(examples=["2027-02-08"])
    ends_on: Day = Field(examples=["2027-03-09"])
    provisional: bool = Field(default=False, strict=True, description=_PROVISIONAL)
    source: Source = Field(default="", examples=["Penetapan Kementerian Agama"])

    def asked(self) -> SeasonEntry:
        return SeasonEntry(self.name, self.starts_on, self.ends_on, self.provisional, self.source)


class ScheduleCreation(RequestModel):
    """Jam kerja sejak satu tanggal. Tanpa `season`: the normal week; tanpa `valid_to`: on and on."""

    valid_from: Day = Field(examples=["2023-01-01"])
    valid_to: Day | None = Field(default=None, description="Hari terakhir. The last day, which is inside.")
    season: SeasonName | None = Field(default=None, examples=["ramadan"])
    week: WeekRequest = Field(examples=[WEEK_EXAMPLE])
    source: Source = Field(default="", examples=["Perpres 21/2023"])

    def asked(self) -> ScheduleEntry:
        return ScheduleEntry(self.valid_from, self.season, self.week.asked(), self.source, self.valid_to)


# What a change does not name keeps its value: the defaults here are never read.


def _any_day() -> date:
    return date.min


def given(amendment: "DayOffAmendment | SeasonAmendment | ScheduleAmendment") -> dict[str, Any]:
    """What it names, by the names of the entry's fields."""
    said = {_FIELDS.get(name, name): getattr(amendment, name) for name in amendment.model_fields_set}
    return said | ({"week": said["week"].asked()} if "week" in said else {})


_FIELDS = {"date": "day"}


class DayOffAmendment(RequestModel):
    """Hanya yang disebut yang berubah. Only what is named changes; `decree: null` takes it away."""

    date: Day = Field(default_factory=_any_day, examples=["2025-08-18"])
    kind: DayOffKind = Field(default_factory=lambda: "local", examples=["joint_leave"])
    name: Name = Field(default_factory=str, examples=["Cuti bersama Hari Kemerdekaan"])
    provisional: bool = Field(default_factory=bool, strict=True, description=_PROVISIONAL)
    source: Source = Field(default_factory=str, examples=["SKB Tiga Menteri"])
    decree: Decree | None = Field(default=None, description=_DECREE, examples=["SKB 933/2025"])


class SeasonAmendment(RequestModel):
    """Hanya yang disebut yang berubah. Only what is named changes."""

    name: SeasonName = Field(default_factory=str, examples=["ramadan"])
    starts_on: Day = Field(default_factory=_any_day, examples=["2027-02-09"])
    ends_on: Day = Field(default_factory=_any_day, examples=["2027-03-10"])
    provisional: bool = Field(default_factory=bool, strict=True, description=_PROVISIONAL)
    source: Source = Field(default_factory=str, examples=["Penetapan Kementerian Agama"])


class ScheduleAmendment(RequestModel):
    """Hanya yang disebut yang berubah. Only what is named changes; `valid_to: null`: on and on, `season: null`: the normal week."""

    valid_from: Day = Field(default_factory=_any_day, examples=["2023-01-01"])
    valid_to: Day | None = Field(default=None, description="Hari terakhir. The last day, which is inside.")
    season: SeasonName | None = Field(default=None, examples=["ramadan"])
    week: WeekRequest = Field(default_factory=lambda: WeekRequest.model_validate(WEEK_EXAMPLE), examples=[WEEK_EXAMPLE])
    source: Source = Field(default_factory=str, examples=["Perpres 21/2023"])


class YearDay(RequestModel):
    """Satu hari dalam SKB tahun itu. One day of the year's joint decree."""

    date: Day = Field(examples=["2026-03-18"])
    kind: Literal["public", "joint_leave"] = Field(examples=["joint_leave"])
    name: Name = Field(examples=["Cuti bersama Hari Suci Nyepi"])
    provisional: bool = Field(default=False, strict=True, description=_PROVISIONAL)


class CalendarYearEntry(RequestModel):
    """Daftar hari libur nasional dan cuti bersama setahun (SKB). A year's public holidays and joint leave, as decreed."""

    decree: Decree | None = Field(default=None, description=_DECREE, examples=["SKB 933/2025"])
    source: Source = Field(default="", examples=["SKB Tiga Menteri"])
    days: list[YearDay] = Field(min_length=1, max_length=200)

    def asked(self) -> list[tuple[str, DayOff]]:
        """Each with the pointer to it."""
        rows = (DayOff(row.date, row.kind, row.name, row.provisional, self.source, self.decree) for row in self.days)
        return [(f"/days/{number}", row) for number, row in enumerate(rows)]


class ReportDateEntry(RequestModel):
    """Batas LKJIP satu tahun. Until when the LKJIP about a year is due."""

    due_on: Day = Field(examples=["2027-02-15"])
    margin_days: Whole = Field(
        default=5, ge=0, le=MOST_MARGIN_DAYS, description="Hari kerja yang harus tersisa. Working days to be left.", examples=[5]
    )

    def asked(self, year: int) -> ReportDate:
        return ReportDate(year, self.due_on, self.margin_days)


class ReportDateRowEntry(RequestModel):
    """Batas LKJIP di dalam impor. One within an import."""

    year: Whole = Field(ge=FIRST_YEAR, le=LAST_YEAR, examples=[2026])
    due_on: Day = Field(examples=["2027-02-15"])
    margin_days: Whole = Field(default=5, ge=0, le=MOST_MARGIN_DAYS, description="Hari kerja yang harus tersisa. Working days to be left.")

    def asked(self) -> ReportDate:
        return ReportDate(self.year, self.due_on, self.margin_days)


class CalendarImport(RequestModel):
    """Baris-baris sekaligus, dalam satu perubahan. Rows of every kind, in one change."""

    days_off: list[DayOffCreation] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    seasons: list[SeasonCreation] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    schedules: list[ScheduleCreation] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    report_dates: list[ReportDateRowEntry] = Field(default_factory=list, max_length=MOST_AT_ONCE)

    def asked(self) -> Import:
        return Import(
            _placed("days_off", self.days_off),
            _placed("seasons", self.seasons),
            _placed("schedules", self.schedules),
            _placed("report_dates", self.report_dates),
        )


def _placed(name: str, rows: Sequence[Any]) -> list[tuple[str, Any]]:
    return [(f"/{name}/{number}", row.asked()) for number, row in enumerate(rows)]
