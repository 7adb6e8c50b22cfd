"""How long documents are kept: which rule holds, from when, until when; and what is due."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.domain.filing import DueQuestion, Filing, Kept, RetentionRule, due_for_disposal, lies_under, over_on, rule_for

WIB, WITA, WIT = (ZoneInfo(f"Asia/{city}") for city in ("Jakarta", "Makassar", "Jayapura"))


def rule(key: str, classification: str | None, active: int = 1, inactive: int = 0, action: Any = "destroy") -> RetentionRule:
    return RetentionRule(key, key, classification, active, inactive, action)


RULES = (rule("umum", "000"), rule("kinerja", "000.8.6", 2, 3, "keep_permanently"), rule("tata", "000.8"), rule("khusus", None, 0))


@pytest.mark.parametrize(
    ("classification", "named", "wanted"),
    [
        ("000.8.6.3", None, "kinerja"),
        ("000.8.6", None, "kinerja"),
        ("000.8.60", None, "tata"),
        ("000.80", None, "umum"),
        ("0008", None, None),
        ("900.1", None, None),
        (None, None, None),
        ("000.8.6.3", "khusus", "khusus"),
        (None, "umum", "umum"),
        ("000.8.6.3", "sudah_tidak_ada", None),
    ],
)
def test_which_rule_holds(classification: str | None, named: str | None, wanted: str | None) -> None:
    found = rule_for(RULES, Filing(classification=classification, retention_rule=named))
    assert (found and found.key) == wanted
    assert rule_for((), Filing(classification=classification, retention_rule=named)) is None


def test_a_code_lies_under_whole_parts_only() -> None:
    assert lies_under("1.2.3", "1.2")
    assert not lies_under("1.23", "1.2")
    assert not lies_under("1", "1.2")


@pytest.mark.parametrize(
    ("closed", "zone", "years", "wanted"),
    [
        (datetime(2026, 12, 31, 23, 30, tzinfo=WITA), WITA, 1, date(2028, 1, 1)),
        (datetime(2027, 1, 1, 0, 0, tzinfo=WITA), WITA, 1, date(2029, 1, 1)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=WITA), WIT, 1, date(2029, 1, 1)),
        (datetime(2027, 1, 1, 0, 30, tzinfo=WITA), WIB, 1, date(2028, 1, 1)),
        (datetime(2028, 2, 29, 12, 0, tzinfo=WITA), WITA, 0, date(2029, 1, 1)),
        (datetime(2028, 2, 29, 12, 0, tzinfo=WITA), WITA, 5, date(2034, 1, 1)),
        (datetime(2026, 1, 1, 0, 0, tzinfo=WITA), WITA, 400, date(2427, 1, 1)),
    ],
)
def test_the_end_of_the_year_at_the_office_counts(closed: datetime, zone: ZoneInfo, years: int, wanted: date) -> None:
    assert over_on(closed, zone, years) == wanted


def kept(number: int, classification: str | None, closed: datetime, office: str = "a", zone: ZoneInfo = WITA) -> Kept:
    return Kept(UUID(int=number), "laporan", UUID(int=99), "Laporan", office, zone, closed, Filing(classification=classification))


IN_2026 = datetime(2026, 6, 1, tzinfo=WITA)
KEPT = [
    kept(3, "000", IN_2026),
    kept(1, "000", IN_2026),
    kept(2, "000.8.6", IN_2026),
    kept(4, "900", IN_2026),
    kept(5, "000", IN_2026.replace(year=2025), office="b"),
    kept(6, "000", IN_2026.replace(year=2025)),
]


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ({"on": date(2026, 12, 31)}, []),
        ({"on": date(2027, 1, 1)}, [6]),
        ({"on": date(2027, 12, 31)}, [6]),
        ({"on": date(2028, 1, 1)}, [6, 1, 3]),
        ({"on": date(2031, 12, 31)}, [6, 1, 3]),
        ({"on": date(2032, 1, 1)}, [6, 1, 3, 2]),
        ({"on": date(2032, 1, 1), "action": "keep_permanently"}, [2]),
        ({"on": date(2032, 1, 1), "after": (date(2028, 1, 1), UUID(int=1))}, [3, 2]),
        ({}, [6]),
    ],
)
def test_what_is_due(question: dict[str, Any], wanted: list[int]) -> None:
    """`b` has no schedule, so that it keeps everything."""
    found = due_for_disposal(KEPT, {"a": RULES}, DueQuestion(now=datetime(2027, 1, 1, 0, 0, tzinfo=WITA), **question))
    assert [due.kept.document_id.int for due in found] == wanted


def test_today_is_the_offices_own() -> None:
    """At midnight of New Year in Makassar it is still the old year in Jakarta."""
    both = [kept(1, "000", IN_2026.replace(year=2025)), kept(2, "000", IN_2026.replace(year=2025), zone=WIB)]
    found = due_for_disposal(both, {"a": RULES}, DueQuestion(now=datetime(2027, 1, 1, 0, 0, tzinfo=WITA)))
    assert [due.kept.document_id.int for due in found] == [1]
