"""Calendars over a tree that changes: each day is that of the offices standing above on it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from app.domain.calendars import Calendar, DayOff, Layer, Schedule, Season, Standing, due, first_day, merge, merge_standing
from app.domain.offices import AT_FOUNDING, CircleOfOffices, Parent, covers, parent_at
from tests.support.calendars import WITA, at, samboja, span

MOVE = date(2027, 1, 13)
"""A Wednesday."""


def week(opening: int, closing: int) -> tuple[tuple[tuple[time, time], ...], ...]:
    return (((time(opening), time(closing)),),) * 5 + ((), ())


NATION = Layer((Schedule(date(2000, 1, 1), None, week(8, 16)),), (), (DayOff(date(2027, 1, 1), "public", "Tahun Baru"),))
OLD = Layer(
    (), (Season("ramadan", date(2027, 1, 11), date(2027, 1, 15)),), (DayOff(date(2027, 1, 12), "local", "A"), DayOff(date(2027, 1, 14), "local", "B"))
)
NEW = Layer((Schedule(date(2026, 1, 1), None, week(9, 15)),), (), (DayOff(date(2027, 1, 12), "local", "C"), DayOff(date(2027, 1, 15), "local", "D")))


def moved(*own: Standing) -> Calendar:
    above = (*own, Standing(OLD, 1, None, MOVE), Standing(NEW, 1, MOVE, None), Standing(NATION, 2))
    return merge_standing(above, zone="Asia/Makassar", version=7)


def test_what_an_office_above_says_counts_while_it_stands_there() -> None:
    calendar = moved(Standing(Layer(), 0))
    reasons = {day.day: found.reason for day in calendar.days_between(date(2027, 1, 11), date(2027, 1, 15)) if (found := day.off)}
    assert reasons == {date(2027, 1, 12): "A", date(2027, 1, 15): "D"}  # neither B nor C
    assert calendar.closing(date(2027, 1, 11)) == at("2027-01-11 16:00")
    assert calendar.closing(MOVE) == at("2027-01-13 15:00")  # the new parent's hours are old, but count from the move on
    assert (calendar.zone, calendar.version) == ("Asia/Makassar", 7)


def test_a_deadline_runs_through_a_move() -> None:
    assert due(moved(), at("2027-01-11 15:00"), span("2 hour")) == at("2027-01-13 10:00")
    assert due(moved(), at("2027-01-08 08:00"), span("3 working_day")) == at("2027-01-14 15:00")


def test_what_the_office_says_itself_stays_nearest() -> None:
    calendar = moved(Standing(Layer(days_off=(DayOff(date(2027, 1, 15), "local", "Sendiri"),)), 0))
    off = calendar.reason(date(2027, 1, 15))
    assert off is not None
    assert off.reason == "Sendiri"


def test_without_a_move_it_is_the_same_value() -> None:
    assert merge_standing([Standing(NATION, 1), Standing(OLD, 0)], zone="Asia/Makassar", version=1) == merge(
        [OLD, NATION], zone="Asia/Makassar", version=1
    )
    layer = Layer(samboja().schedules, samboja().seasons, samboja().days_off)
    assert merge_standing([Standing(layer, 3)], zone="Asia/Makassar", version=1) == samboja()


def test_a_move_between_offices_that_say_nothing_changes_nothing() -> None:
    above = (Standing(Layer(), 1, None, MOVE), Standing(Layer(), 1, MOVE), Standing(NATION, 2, None, MOVE), Standing(NATION, 2, MOVE))
    assert merge_standing(above, zone="Asia/Makassar", version=1) == merge([NATION], zone="Asia/Makassar", version=1)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2027-01-13T00:00:00+08:00", MOVE),
        ("2027-01-13T00:00:00+07:00", MOVE),  # 01:00 here
        ("2027-01-13T00:00:00+09:00", MOVE),  # 23:00 the day before
        ("2027-01-13T12:00:00+08:00", MOVE),
        ("2027-01-13T12:00:01+08:00", date(2027, 1, 14)),
    ],
)
def test_a_day_belongs_to_whoever_stands_at_its_noon(moment: str, expected: date) -> None:
    assert first_day(datetime.fromisoformat(moment), WITA) == expected


# ── against a walk up the tree, day by day ──────────────────────────────────────────────────────────────────────────

CODES = ("o", "a", "b", "c", "d", "r")
START = date(2027, 1, 1)
DAYS = 60


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    def day() -> date:
        return START + timedelta(days=draw(st.integers(-5, DAYS + 5)))

    def season() -> Season:
        first = day()
        return Season(draw(st.sampled_from(["ramadan", "other"])), first, first + timedelta(days=draw(st.integers(0, 20))))

    def schedule() -> Schedule:
        opening = draw(st.integers(6, 10))
        return Schedule(day(), draw(st.sampled_from([None, None, "ramadan", "other"])), week(opening, opening + draw(st.integers(1, 8))))

    kinds = st.sampled_from(["public", "joint_leave", "local"])
    off = tuple(DayOff(day(), draw(kinds), draw(st.sampled_from("xyz"))) for _ in range(draw(st.integers(0, 8))))
    return Layer(
        tuple(schedule() for _ in range(draw(st.integers(0, 2)))),
        tuple(season() for _ in range(draw(st.integers(0, 2)))),
        off,
    )


@st.composite
def trees(draw: st.DrawFn) -> dict[str, tuple[Parent, ...]]:
    """Each office but the root begins under one of those behind it, and moves up to three times, at midnights of three zones."""
    found = {}
    for place, code in enumerate(CODES[:-1]):
        later = sorted(draw(st.lists(st.integers(0, DAYS), max_size=3, unique=True)))
        zone = ZoneInfo(draw(st.sampled_from(["Asia/Makassar", "Asia/Jakarta", "Asia/Jayapura"])))
        history = [Parent(draw(st.sampled_from(CODES[place + 1 :])), AT_FOUNDING)]
        for number in later:
            day = START + timedelta(days=number)
            history.append(Parent(draw(st.sampled_from((*CODES[place + 1 :] * 6, *CODES))), datetime.combine(day, time(0), zone), day))
        found[code] = tuple(history)
    return found


def above_at(code: str, parents: dict[str, tuple[Parent, ...]], now: datetime) -> list[str]:
    """The office and all above it at that moment, nearest first."""
    found = [code]
    while (parent := parent_at(parents.get(found[-1], ()), now)) is not None:
        found.append(parent.code)
    return found


@settings(max_examples=300, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(trees(), st.lists(layers(), min_size=len(CODES), max_size=len(CODES)))
def test_each_day_is_that_of_the_layers_standing_on_it(parents: dict[str, tuple[Parent, ...]], said: list[Layer]) -> None:
    says = dict(zip(CODES, said, strict=True))
    try:
        found = covers("o", parents)
    except CircleOfOffices:
        event("a circle")
        return
    event(f"{len(found)} covers")

    def day_of(moment: datetime | None) -> date | None:
        return None if moment is None or moment == AT_FOUNDING else first_day(moment, WITA)

    above = [Standing(says[row.ancestor], row.depth, day_of(row.from_at), day_of(row.until_at)) for row in found]
    calendar = merge_standing(above, zone="Asia/Makassar", version=1)
    for number in range(-5, DAYS + 6):
        day = START + timedelta(days=number)
        noon = datetime.combine(day, time(12), WITA).astimezone(UTC)
        expected = merge([says[code] for code in above_at("o", parents, noon)], zone="Asia/Makassar", version=1)
        assert calendar.day(day) == expected.day(day), day
