"""Access tokens as we issue them: their shape, their lifetime, and that we take them ourselves."""

import base64
import json
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta

import pytest

from app.outside.tokens import LIFETIME
from tests.support.tokens import CLAIMS, KEY, NOW, PEM, RSA_PEM, SID, SUB, issue, tokens


@pytest.mark.parametrize("pem", [PEM, RSA_PEM], ids=["ES256", "RS256"])
def test_what_is_issued_is_verified(pem: str) -> None:
    by = tokens(pem)
    claims = by.verify(issue(by), NOW)
    assert replace(claims, jti="") == replace(
        claims,
        sub=SUB,
        sid=SID,
        name="Siti Aminah",
        roles=("64.02.13:camat",),
        permissions=("64.02.13:auditor",),
        iat=NOW,
        exp=NOW + LIFETIME,
        jti="",
    )
    with pytest.raises(FrozenInstanceError):
        claims.name = "another"


def test_the_token_has_the_shape_of_the_contract() -> None:
    header, payload, _ = (
        json.loads(base64.urlsafe_b64decode(part + "==")) if index < 2 else part for index, part in enumerate(issue(tokens()).split("."))
    )
    assert header == {"alg": "ES256", "kid": KEY.kid, "typ": "JWT"}
    assert payload | {"jti": "one"} == CLAIMS | {"permissions": ["64.02.13:auditor"]}


def test_every_token_has_its_own_jti() -> None:
    by = tokens()
    assert by.verify(issue(by), NOW).jti != by.verify(issue(by), NOW).jti


def test_a_name_in_any_script_survives() -> None:
    by = tokens()
    assert by.verify(issue(by, name="I Gusti Ngurah ᬗᬸᬭᬄ 🙂"), NOW).name == "I Gusti Ngurah ᬗᬸᬭᬄ 🙂"


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1), timedelta(minutes=10, seconds=1)])
def test_a_lifetime_over_ten_minutes_or_none_is_not_issued(lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="lives"):
        issue(tokens(), lifetime=lifetime)


def test_a_token_too_large_to_be_verified_is_not_issued() -> None:
    with pytest.raises(ValueError, match="would be refused"):
        issue(tokens(), roles=[f"64.02.{office}:camat" for office in range(1000)])
