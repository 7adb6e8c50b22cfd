"""Access tokens that are well signed and claim too little, too much or the wrong thing; and how far the clocks may differ."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.tokens import AUDIENCE, CLAIMS, IAT, ISSUER, NOW, SUB, assert_refused, forged, tokens


def without(claim: str) -> dict[str, Any]:
    return {name: value for name, value in CLAIMS.items() if name != claim}


MISSING = ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "name", "roles", "permissions"]
WRONG_CLAIMS: list[tuple[str, dict[str, Any]]] = [
    ("expired a second ago", {"iat": IAT - 601, "exp": IAT - 1}),
    ("expires now", {"exp": IAT}),
    ("issued in the future", {"iat": IAT + 1}),
    ("not valid yet", {"nbf": IAT + 1}),
    ("of another issuer", {"iss": "https://elsewhere.test"}),
    ("for another audience", {"aud": "elsewhere"}),
    ("for us and another", {"aud": [AUDIENCE, "elsewhere"]}),
    ("for a list of us alone", {"aud": [AUDIENCE]}),
    ("an empty audience", {"aud": []}),
    ("a null audience", {"aud": None}),
    ("issuer a list", {"iss": [ISSUER]}),
    ("exp as text", {"exp": str(IAT + 600)}),
    ("exp as a fraction", {"exp": IAT + 600.5}),
    ("exp true", {"exp": True}),
    ("exp infinite", {"exp": float("inf")}),
    ("exp beyond every calendar", {"exp": 10**30}),
    ("exp negative", {"exp": -1}),
    ("iat as text", {"iat": str(IAT)}),
    ("iat null", {"iat": None}),
    ("nbf as text", {"nbf": str(IAT)}),
    ("nbf null", {"nbf": None}),
    ("sub no UUID", {"sub": "camat"}),
    ("sub a UUID in braces", {"sub": "{" + str(SUB) + "}"}),
    ("sub a UUID in capitals", {"sub": str(SUB).upper()}),
    ("sub a number", {"sub": 7}),
    ("sid no UUID", {"sid": "session"}),
    ("sid an object", {"sid": {}}),
    ("jti a number", {"jti": 1}),
    ("jti empty", {"jti": ""}),
    ("name a list", {"name": ["Siti"]}),
    ("roles a text", {"roles": "64.02.13:camat"}),
    ("roles an object", {"roles": {"64.02.13:camat": True}}),
    ("a role without office", {"roles": [":camat"]}),
    ("a role without name", {"roles": ["64.02.13:"]}),
    ("a role without colon", {"roles": ["camat"]}),
    ("a role a number", {"roles": [64]}),
    ("permissions null", {"permissions": None}),
    ("a permission a list", {"permissions": [["64.02.13:auditor"]]}),
]


@pytest.mark.parametrize("claim", MISSING)
def test_a_token_without_a_claim_is_refused(claim: str) -> None:
    assert_refused(forged(claims=without(claim)))


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in WRONG_CLAIMS])
def test_a_token_with_a_wrong_claim_is_refused(changes: dict[str, Any]) -> None:
    assert_refused(forged(claims=CLAIMS | changes))


def test_a_time_without_zone_is_no_time() -> None:
    with pytest.raises(ValueError, match="time zone"):
        tokens().verify(forged(), NOW.replace(tzinfo=None))


# ── leeway ──


def test_the_leeway_widens_both_ends_and_no_more() -> None:
    by = tokens(leeway_seconds=60)
    token = forged(claims=CLAIMS | {"nbf": IAT})
    assert by.verify(token, NOW - timedelta(seconds=60)).sub == SUB
    assert by.verify(token, NOW + timedelta(seconds=659)).sub == SUB
    assert_refused(token, by, NOW - timedelta(seconds=61))
    assert_refused(token, by, NOW + timedelta(seconds=660))


@pytest.mark.parametrize("seconds", [-1, 61])
def test_a_leeway_over_a_minute_is_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match="leeway"):
        tokens(leeway_seconds=seconds)
