"""Why a day has no office hours, in words a person reads."""

from datetime import date
from typing import Literal, NamedTuple

from app.domain.calendars.values import DayOff

ReasonCode = Literal["public", "joint_leave", "local", "weekend", "closed", "no_schedule", "paused"]

_WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_ENGLISH_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENGLISH: dict[ReasonCode, str] = {
    "public": "Public holiday: {reason}",
    "joint_leave": "Joint leave: {reason}",
    "local": "Local closure: {reason}",
    "weekend": "{weekday}",
    "closed": "{weekday}, no office hours",
    "no_schedule": "No schedule for this day",
    "paused": "Suspended",
}
_BY_KIND: dict[str, ReasonCode] = {"public": "public", "joint_leave": "joint_leave", "local": "local"}
"""The weightiest first."""


class Skipped(NamedTuple):
    """A date that a deadline passed over: `reason` in Indonesian, `code` for programs."""

    day: date
    code: ReasonCode
    reason: str

    @property
    def english(self) -> str:
        return _ENGLISH[self.code].format(reason=self.reason, weekday=_ENGLISH_WEEKDAYS[self.day.weekday()])


def off_by(rows: tuple[DayOff, ...]) -> Skipped:
    """The reason of a day with several rows: firm before estimated, public before joint leave before local."""
    row = min(rows, key=lambda off: (off.provisional, list(_BY_KIND).index(off.kind)))
    return Skipped(row.day, _BY_KIND[row.kind], f"{row.name} (perkiraan)" if row.provisional else row.name)


def off_by_week(day: date) -> Skipped:
    weekday = _WEEKDAYS[day.weekday()]
    return Skipped(day, "weekend", weekday) if day.weekday() >= 5 else Skipped(day, "closed", f"{weekday}, tidak ada jam kerja")


def off_without_schedule(day: date) -> Skipped:
    return Skipped(day, "no_schedule", "Belum ada jadwal kerja")


def off_by_pause(day: date) -> Skipped:
    return Skipped(day, "paused", "Ditangguhkan")
