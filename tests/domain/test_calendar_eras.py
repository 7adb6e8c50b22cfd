"""A calendar of an office that changes its parent: what is listed is what holds where it stands on each day."""

from datetime import date

from app.domain.calendars import DayOff, Layer, Standing, merge_standing

MOVE = date(2027, 7, 1)


def off(month: int, name: str) -> DayOff:
    return DayOff(date(2027, month, 10), "local", name)


OLD, NEW = (Layer(days_off=tuple(off(month, name) for month in (6, 8))) for name in ("old", "new"))
CALENDAR = merge_standing(
    [Standing(Layer(days_off=(off(5, "own"),)), 0), Standing(OLD, 1, until=MOVE), Standing(NEW, 1, since=MOVE)], zone="Asia/Makassar", version=1
)


def test_days_off_are_those_of_whoever_stands_above_on_the_day() -> None:
    assert [(row.day.month, row.name) for row in CALENDAR.effective_days_off()] == [(5, "own"), (6, "old"), (8, "new")]


def test_the_calendar_of_a_day_is_that_of_its_parents() -> None:
    assert CALENDAR.on(MOVE) is CALENDAR
    assert {row.name for row in CALENDAR.on(date(2027, 6, 30)).days_off} == {"own", "old"}
    assert {row.name for row in CALENDAR.days_off} == {"own", "new"}
