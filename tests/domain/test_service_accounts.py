"""What may be entered for a machine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.accounts import USERNAME
from app.domain.permissions import SCOPES
from app.domain.service_accounts import LONGEST, MOST_OFFICES, NewServiceAccount, client_id, service_account_mistakes

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NEW = NewServiceAccount("Dasbor kabupaten", ("64.02.13", "64.02"), ("instances:read",), NOW + timedelta(days=30))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (NEW, []),
        (replace(NEW, expires_at=NOW + LONGEST, scopes=tuple(SCOPES)), []),
        (replace(NEW, name=" "), [("/name", "malformed")]),
        (replace(NEW, offices=()), [("/offices", "length")]),
        (replace(NEW, offices=("64.02.13",) * (MOST_OFFICES + 1)), [("/offices", "length")]),
        (replace(NEW, scopes=()), [("/scopes", "unknown_scope")]),
        (replace(NEW, scopes=("instances:read", "instances:write")), [("/scopes", "unknown_scope")]),
        (replace(NEW, expires_at=NOW), [("/expires_at", "out_of_range")]),
        (replace(NEW, expires_at=NOW - timedelta(days=1)), [("/expires_at", "out_of_range")]),
        (replace(NEW, expires_at=NOW + LONGEST + timedelta(seconds=1)), [("/expires_at", "out_of_range")]),
        (replace(NEW, name="", scopes=("x",)), [("/name", "malformed"), ("/scopes", "unknown_scope")]),
    ],
)
def test_what_is_wrong_with_an_entry(changed: NewServiceAccount, expected: list[tuple[str, str]]) -> None:
    assert [(mistake.pointer, mistake.code) for mistake in service_account_mistakes(changed, NOW)] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dasbor kabupaten", "svc-dasbor-kabupaten-3f9a1c"),
        ("  SIPD / e-Kinerja (2026) ", "svc-sipd-e-kinerja-2026-3f9a1c"),
        ("日本", "svc-3f9a1c"),
        ("x" * 200, f"svc-{'x' * 40}-3f9a1c"),
        ("a" * 39 + "-b", f"svc-{'a' * 39}-3f9a1c"),
    ],
)
def test_a_client_id_tells_what_it_is(name: str, expected: str) -> None:
    assert client_id(name, "3f9a1c") == expected
    assert USERNAME.fullmatch(expected)


def test_it_is_recorded_at_the_first_of_its_offices() -> None:
    assert NEW.home == "64.02"
