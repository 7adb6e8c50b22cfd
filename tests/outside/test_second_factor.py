"""TOTP against the vectors of RFC 6238, and recovery codes."""

import base64
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.outside.second_factor import matching_step, new_recovery_codes, new_secret, provisioning_uri, recovery_hash

SECRET = base64.b32encode(b"12345678901234567890").decode()
"""RFC 6238, appendix B: the 6-digit codes are the last six of the eight that stand there."""


@pytest.mark.parametrize(
    ("unix", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_the_vectors_of_the_standard(unix: int, code: str) -> None:
    assert matching_step(SECRET, code, datetime.fromtimestamp(unix, UTC)) == unix // 30


@pytest.mark.parametrize(("away", "found"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_away(away: int, found: bool) -> None:
    now = datetime.fromtimestamp(1234567890, UTC)
    step = matching_step(SECRET, "005924", now - away * timedelta(seconds=30))
    assert step == (1234567890 // 30 if found else None)


@pytest.mark.parametrize("code", ["", "00592", "0059244", "00592x", "-05924", "００５９２４", "+5924 "])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_step(SECRET, code, datetime.fromtimestamp(1234567890, UTC)) is None


def test_a_code_may_be_typed_in_two_groups() -> None:
    assert matching_step(SECRET, " 005 924", datetime.fromtimestamp(1234567890, UTC)) is not None


def test_a_secret_has_160_bits_and_none_is_given_twice() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}


def test_an_authenticator_is_told_whose_secret_it_is() -> None:
    uri = urlsplit(provisioning_uri(SECRET, "camat.muarajawa"))
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Alur:camat.muarajawa")
    assert parse_qs(uri.query) == {"secret": [SECRET], "issuer": ["Alur"]}


def test_ten_recovery_codes_of_120_bits() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"(?:[A-Z2-7]{6}-){3}[A-Z2-7]{6}", code) for code in codes)


def test_a_recovery_code_is_known_however_it_is_typed() -> None:
    code = new_recovery_codes()[0]
    kept = recovery_hash(code)
    assert kept is not None
    assert len(kept) == 64
    assert {recovery_hash(typed) for typed in (code.lower(), code.replace("-", ""), code.replace("-", " "), f"  {code}\n")} == {kept}


@pytest.mark.parametrize("typed", ["", "ABCDEF", "ABCDEF-GHIJKL-MNOPQR-STUVW1", "ABCDEF-GHIJKL-MNOPQR-STUVWXY", "é" * 24, "123456"])
def test_what_is_no_recovery_code_is_told_apart(typed: str) -> None:
    assert recovery_hash(typed) is None
