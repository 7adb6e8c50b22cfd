"""The cache of verified access tokens: it spares work and never makes a token live longer."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.outside.tokens import Tokens
from tests.support.tokens import CLAIMS, IAT, NOW, SUB, assert_refused, forged, issue, tokens


def counting(by: Tokens, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signature was really checked."""
    checked: list[str] = []
    check = by._check

    def count(token: str, now: datetime) -> Any:
        checked.append(token)
        return check(token, now)

    monkeypatch.setattr(by, "_check", count)
    return checked


def test_a_signature_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    by = tokens()
    checked, token = counting(by, monkeypatch), forged()
    assert by.verify(token, NOW) == by.verify(token, NOW + timedelta(seconds=599))
    assert checked == [token]


@pytest.mark.parametrize("leeway", [0, 60])
def test_the_cache_never_outlives_exp(leeway: int) -> None:
    by, token = tokens(leeway_seconds=leeway), forged()
    end = NOW + timedelta(seconds=600 + leeway)
    assert by.verify(token, end - timedelta(microseconds=1)).sub == SUB
    assert_refused(token, by, end)
    assert len(by._cache) == 0


def test_a_cached_token_is_still_not_valid_before_it_was_issued() -> None:
    by, token = tokens(), forged(claims=CLAIMS | {"nbf": IAT + 5})
    assert by.verify(token, NOW + timedelta(seconds=5)).sub == SUB
    assert_refused(token, by, NOW + timedelta(seconds=4))
    assert_refused(token, by, NOW - timedelta(seconds=1))


def test_a_refused_token_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    by = tokens()
    checked, early = counting(by, monkeypatch), forged(claims=CLAIMS | {"iat": IAT + 9})
    assert_refused(early, by)
    assert_refused(early, by)
    assert checked == [early, early]
    assert len(by._cache) == 0


def test_the_cache_holds_no_more_than_its_size_and_drops_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    by = tokens(cache_size=3)
    checked, made = counting(by, monkeypatch), [issue(by) for _ in range(4)]
    for token in made:
        by.verify(token, NOW)
    assert len(by._cache) == 3
    by.verify(made[3], NOW)
    by.verify(made[0], NOW)
    assert checked == [*made, made[0]]


def test_expired_tokens_leave_the_cache_when_others_come() -> None:
    by = tokens()
    for _ in range(3):
        by.verify(issue(by), NOW)
    later = NOW + timedelta(hours=1)
    by.verify(issue(by, later), later)
    assert len(by._cache) == 1


def test_one_character_more_is_another_token() -> None:
    by = tokens()
    by.verify(forged_once := forged(), NOW)
    assert_refused(forged_once + "A", by)
    assert_refused(forged_once[:-1], by)
