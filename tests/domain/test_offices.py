"""Who stands above whom at which time, and which moves can be."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.offices import (
    AT_FOUNDING,
    FARTHEST_MOVE,
    FOUNDED,
    CircleOfOffices,
    Move,
    NewOffice,
    Parent,
    code_mistakes,
    covers,
    earliest_move,
    move_refusals,
    moved,
    office_mistakes,
    parent_at,
    parent_on,
)

WITA = ZoneInfo("Asia/Makassar")
NOW = datetime(2027, 1, 4, 7, 30, tzinfo=WITA)


def midnight(year: int) -> datetime:
    """The first moment of that year in Samboja."""
    return datetime(year, 1, 1, tzinfo=WITA)


def tree(**histories: str) -> dict[str, tuple[Parent, ...]]:
    """`a="b 2028:c"`: under b from the beginning, under c from 2028 on."""
    found = {}
    for code, words in histories.items():
        first, *later = words.split()
        moves = [(int(year), parent) for year, _, parent in (word.partition(":") for word in later)]
        found[code] = (Parent(first, AT_FOUNDING), *(Parent(parent, midnight(year), date(year, 1, 1)) for year, parent in moves))
    return found


def shown(code: str, parents: dict[str, tuple[Parent, ...]]) -> list[str]:
    """Each cover as `ancestor depth from..until`, in order of time."""

    def year(at: datetime | None) -> str:
        return "" if at is None or at == AT_FOUNDING else str(at.astimezone(WITA).year)

    rows = sorted(covers(code, parents), key=lambda row: (row.from_at, row.depth))
    return [f"{row.ancestor} {row.depth} {year(row.from_at)}..{year(row.until_at)}" for row in rows]


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        ({}, ["a 0 .."]),
        ({"a": "b"}, ["a 0 ..", "b 1 .."]),
        ({"a": "b", "b": "c", "c": "d"}, ["a 0 ..", "b 1 ..", "c 2 ..", "d 3 .."]),
        ({"a": "b 2028:c"}, ["a 0 ..", "b 1 ..2028", "c 1 2028.."]),
        ({"a": "b 2028:c", "b": "r", "c": "r"}, ["a 0 ..", "b 1 ..2028", "r 2 ..2028", "c 1 2028..", "r 2 2028.."]),
        ({"a": "b 2028:c", "b": "r"}, ["a 0 ..", "b 1 ..2028", "r 2 ..2028", "c 1 2028.."]),
        ({"a": "b", "b": "c 2028:d"}, ["a 0 ..", "b 1 ..", "c 2 ..2028", "d 2 2028.."]),  # the parent itself moves
        ({"a": "b 2028:c", "b": "x 2027:y 2029:z"}, ["a 0 ..", "b 1 ..2028", "x 2 ..2027", "y 2 2027..2028", "c 1 2028.."]),
        ({"a": "b 2028:c", "c": "x 2027:y 2029:z"}, ["a 0 ..", "b 1 ..2028", "c 1 2028..", "y 2 2028..2029", "z 2 2029.."]),
        ({"a": "b 2028:c 2029:b"}, ["a 0 ..", "b 1 ..2028", "c 1 2028..2029", "b 1 2029.."]),  # it goes and comes back
        ({"a": "b 2028:c", "b": "c", "c": "r"}, ["a 0 ..", "b 1 ..2028", "c 2 ..2028", "r 3 ..2028", "c 1 2028..", "r 2 2028.."]),  # up by one
        ({"a": "b 2028:c", "c": "b", "b": "r"}, ["a 0 ..", "b 1 ..2028", "r 2 ..2028", "c 1 2028..", "b 2 2028..", "r 3 2028.."]),  # and down
        ({"a": "b 2028:c", "b": "c 2028:a", "c": "r"}, ["a 0 ..", "b 1 ..2028", "c 2 ..2028", "r 3 ..2028", "c 1 2028..", "r 2 2028.."]),  # they swap
    ],
)
def test_who_stands_above_when(parents: dict[str, str], expected: list[str]) -> None:
    assert shown("a", tree(**parents)) == expected


@pytest.mark.parametrize(
    "parents",
    [
        {"a": "a"},
        {"a": "b", "b": "a"},
        {"a": "b", "b": "c", "c": "a"},
        {"a": "r 2028:b", "b": "a"},
        {"a": "r 2028:b", "b": "r 2030:a"},  # only from 2030 on
        {"a": "r 2028:b 2031:r", "b": "r 2030:a"},  # only for a year
    ],
)
def test_nothing_stands_under_itself_at_any_time(parents: dict[str, str]) -> None:
    with pytest.raises(CircleOfOffices):
        covers("a", tree(**parents))


def test_offices_that_stand_under_each_other_one_after_the_other_are_no_circle() -> None:
    assert covers("a", tree(a="r 2028:b 2030:r", b="r 2030:a"))


def test_no_two_covers_of_one_ancestor_begin_at_once() -> None:
    found = covers("a", tree(a="b 2028:c 2029:b", b="r 2028:s", c="r 2029:s", r="x", s="x"))
    assert len({(row.ancestor, row.from_at) for row in found}) == len(found)


# ── moves ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TODAY, TOMORROW = date(2027, 1, 4), date(2027, 1, 5)


def under(day: date, parent: str) -> Parent:
    return Parent(parent, datetime(day.year, day.month, day.day, tzinfo=WITA), day)


FIRST = Parent("b", AT_FOUNDING)


@pytest.mark.parametrize(
    ("history", "earliest"),
    [
        ((FIRST,), TODAY),
        ((FIRST, under(date(2026, 12, 1), "c")), TODAY),
        ((FIRST, under(date(2027, 1, 3), "c")), TODAY),
        ((FIRST, under(TODAY, "c")), TOMORROW),  # it stands already: that was decided
        ((FIRST, under(date(2027, 2, 1), "c")), date(2027, 2, 1)),  # still to come: may be replaced
    ],
)
def test_history_is_not_rewritten(history: tuple[Parent, ...], earliest: date) -> None:
    assert earliest_move(history, NOW, WITA) == earliest


def test_today_is_today_at_the_office() -> None:
    late = datetime(2027, 1, 3, 16, 30, tzinfo=UTC)  # 00:30 on the fourth in Samboja
    assert earliest_move((FIRST,), late, WITA) == TODAY
    assert earliest_move((FIRST,), late, ZoneInfo("Asia/Jakarta")) == date(2027, 1, 3)


@pytest.mark.parametrize(
    ("history", "move", "expected"),
    [
        ((FIRST,), ("c", TODAY), (FIRST, under(TODAY, "c"))),
        ((FIRST, under(date(2026, 1, 1), "c")), ("d", TODAY), (FIRST, under(date(2026, 1, 1), "c"), under(TODAY, "d"))),
        ((FIRST, under(TOMORROW, "c")), ("d", TOMORROW), (FIRST, under(TOMORROW, "d"))),  # in place of the one that was to come
        ((FIRST, under(TOMORROW, "c")), ("b", TOMORROW), (FIRST,)),  # and so it is undone
        ((FIRST, under(TOMORROW, "c")), ("b", date(2027, 2, 1)), (FIRST, under(TOMORROW, "c"), under(date(2027, 2, 1), "b"))),
    ],
)
def test_a_move_is_added_or_takes_the_place_of_one_to_come(history: tuple[Parent, ...], move: tuple[str, date], expected: tuple[Parent, ...]) -> None:
    assert moved(history, Move("a", *move), WITA) == expected


def test_a_move_begins_at_midnight_in_the_offices_own_zone() -> None:
    (_, there) = moved((FIRST,), Move("a", "c", TOMORROW, "12/2026", TODAY), ZoneInfo("Asia/Jayapura"))
    assert there == Parent("c", datetime(2027, 1, 4, 15, 0, tzinfo=UTC), TOMORROW, "12/2026", TODAY)


TREE = tree(a="b", b="r", c="r", d="a", e="r 2028:d", z="y 2028:x")


@pytest.mark.parametrize(
    ("move", "codes"),
    [
        (Move("a", "c", TODAY), []),
        (Move("a", "r", TODAY), []),
        (Move("d", "c", TODAY + FARTHEST_MOVE), []),
        (Move("d", "c", TODAY + FARTHEST_MOVE + timedelta(days=1)), ["valid_from_too_late"]),
        (Move("d", "c", date(9999, 12, 31)), ["valid_from_too_late"]),
        (Move("r", "a", TODAY), ["national_office_stays"]),
        (Move("a", "b", TODAY), ["already_its_parent"]),
        (Move("a", "b", date(2030, 1, 1)), ["already_its_parent"]),
        (Move("z", "x", date(2028, 1, 1)), ["already_its_parent"]),
        (Move("z", "y", date(2028, 1, 1)), []),  # takes back what was to come
        (Move("z", "y", date(2027, 6, 1)), ["valid_from_too_early"]),
        (Move("a", "c", date(2027, 1, 3)), ["valid_from_too_early"]),
        (Move("a", "c", date(1, 1, 1)), ["valid_from_too_early"]),
        (Move("a", "c", FOUNDED), ["valid_from_too_early"]),
        (Move("a", "a", TODAY), ["office_cycle"]),
        (Move("a", "d", TODAY), ["office_cycle"]),
        (Move("b", "d", TODAY), ["office_cycle"]),
        (Move("a", "e", TODAY), ["office_cycle"]),  # e comes under d, which is under a, in 2028
        (Move("a", "e", date(2030, 1, 1)), ["office_cycle"]),
    ],
)
def test_what_speaks_against_a_move(move: Move, codes: list[str]) -> None:
    assert [refusal.code for refusal in move_refusals(move, TREE, zone=WITA, now=NOW)] == codes


def test_every_refusal_says_it_in_words() -> None:
    moves = (Move("r", "a", TODAY), Move("a", "b", TODAY), Move("a", "c", FOUNDED), Move("a", "a", TODAY))
    for move in moves:
        for refusal in move_refusals(move, TREE, zone=WITA, now=NOW):
            assert "{" not in refusal.message("id") + refusal.message("en")


@pytest.mark.parametrize(
    ("zone", "is_one"),
    [
        ("Asia/Makassar", True),
        ("UTC", True),
        ("America/Argentina/Ushuaia", True),
        *(
            (name, False)
            for name in ("localtime", "Factory", "posixrules", "right/UTC", "posix/Asia/Makassar", "Asia", "WITA", "../UTC", "", "asia/makassar")
        ),
    ],
)
def test_a_time_zone_is_a_place_that_means_the_same_on_every_machine(zone: str, is_one: bool) -> None:
    codes = [mistake.code for mistake in office_mistakes(NewOffice("64.02.13", "Samboja", "64.02", zone))]
    assert codes == ([] if is_one else ["unknown_time_zone"])


@pytest.mark.parametrize(
    ("code", "fits"), [("64.02.13.1", True), ("64.02.13", False), ("64.02.131", False), ("64.02.13-1", False), ("31", False), ("id", False)]
)
def test_a_code_begins_with_that_of_the_office_above(code: str, fits: bool) -> None:
    assert [mistake.code for mistake in code_mistakes(NewOffice(code, "Baru", "64.02.13", "UTC"))] == ([] if fits else ["not_below_parent"])


def test_the_parent_at_a_moment_and_on_a_day() -> None:
    history = (FIRST, under(TODAY, "c"), under(date(2028, 1, 1), "d"))
    assert [parent.code for at in (midnight(2026), NOW, midnight(2028)) if (parent := parent_at(history, at))] == ["b", "c", "d"]
    assert [parent.code for day in (date(2027, 1, 3), TODAY, date(2029, 1, 1)) if (parent := parent_on(history, day))] == ["b", "c", "d"]
    assert parent_at((), NOW) is parent_on((), TODAY) is None
