"""Tokens are forged here by hand, without jose, so that nothing it does for us can hide what we forgot."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from app.domain.problems import Unauthenticated
from app.outside.tokens import LIFETIME, SigningKey, Tokens, VerificationKey, generate_key_pem

NOW = datetime(2027, 1, 4, 7, 30, tzinfo=UTC)
IAT = int(NOW.timestamp())
SUB = UUID("019aab3c-0000-7000-8000-000000000001")
SID = UUID("019aab3c-0000-7000-8000-000000000002")
ISSUER, AUDIENCE = "https://alur.test", "alur"


def loaded(pem: str) -> Any:
    return load_pem_private_key(pem.encode(), None)


def rsa_pem(bits: int = 2048) -> str:
    return private_pem(rsa.generate_private_key(65537, bits))


def private_pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


PEM, OTHER_PEM, RSA_PEM = generate_key_pem(), generate_key_pem(), rsa_pem()
KEY = SigningKey(PEM)


def tokens(pem: str = PEM, *, also: tuple[VerificationKey, ...] = (), **settings: Any) -> Tokens:
    return Tokens(SigningKey(pem), also, **{"issuer": ISSUER, "audience": AUDIENCE, "leeway_seconds": 0} | settings)


def issue(by: Tokens, now: datetime = NOW, **changes: Any) -> str:
    claims: dict[str, Any] = {"sub": SUB, "sid": SID, "name": "Siti Aminah", "roles": ["64.02.13:camat"], "permissions": ["64.02.13:auditor"]}
    return by.issue(**claims | changes, now=now)


# ── forging ──

HEADER = {"alg": "ES256", "kid": KEY.kid, "typ": "JWT"}
CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": str(SUB),
    "sid": str(SID),
    "jti": "one",
    "iat": IAT,
    "exp": IAT + 600,
    "name": "Siti Aminah",
    "roles": ["64.02.13:camat"],
    "permissions": [],
}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def es256(message: bytes, pem: str = PEM) -> bytes:
    der = loaded(pem).sign(message, ec.ECDSA(hashes.SHA256()))
    return b"".join(part.to_bytes(32, "big") for part in decode_dss_signature(der))


def rs256(message: bytes) -> bytes:
    return loaded(RSA_PEM).sign(message, padding.PKCS1v15(), hashes.SHA256())


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda message: hmac.new(secret, message, hashlib.sha256).digest()


def public(encoding: Encoding, pem: str = PEM) -> bytes:
    return loaded(pem).public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def forged(header: Any = HEADER, claims: Any = CLAIMS, sign: Callable[[bytes], bytes] = es256) -> str:
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    message = ".".join(encoded(part) for part in parts)
    return f"{message}.{encoded(sign(message.encode()))}"


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
WRONG_HEADERS: list[tuple[str, dict[str, Any]]] = [
    ("alg none", {"alg": "none"}),
    ("alg missing", {"alg": None}),
    ("alg a list", {"alg": ["ES256"]}),
    ("alg in lower case", {"alg": "es256"}),
    ("alg of another curve", {"alg": "ES384"}),
    ("alg of an RSA key", {"alg": "RS256"}),
    ("kid unknown", {"kid": "unknown"}),
    ("kid null", {"kid": None}),
    ("kid a list", {"kid": [KEY.kid]}),
    ("kid empty", {"kid": ""}),
    ("crit", {"crit": ["exp"]}),
    ("crit empty", {"crit": []}),
    ("jku", {"jku": "https://elsewhere.test/jwks.json"}),
    ("x5u", {"x5u": "https://elsewhere.test/chain.pem"}),
    ("x5c", {"x5c": ["MIIB"]}),
    ("jwk", {"jwk": SigningKey(OTHER_PEM).public.jwk}),
    ("b64 false", {"b64": False}),
    ("zip", {"zip": "DEF"}),
    ("typ of a refresh token", {"typ": "refresh+jwt"}),
    ("typ a number", {"typ": 1}),
]
UNSIGNED = [
    ("empty", ""),
    ("one word", "token"),
    ("dots", ".."),
    ("two segments", "e30.e30"),
    ("four segments", forged() + ".e30"),
    ("signature cut off", forged().rpartition(".")[0] + "."),
    ("signature shortened", forged()[:-4]),
    ("signature of nothing", forged(sign=lambda _: b"")),
    ("signature of zeros", forged(sign=lambda _: bytes(64))),
    ("signature in DER", forged(sign=lambda m: loaded(PEM).sign(m, ec.ECDSA(hashes.SHA256())))),
    ("signed by another key under our kid", forged(sign=lambda m: es256(m, OTHER_PEM))),
    ("alg none, no signature", forged({**HEADER, "alg": "none"}, sign=lambda _: b"")),
    ("HS256 with the public PEM", forged({**HEADER, "alg": "HS256"}, sign=hs256(public(Encoding.PEM)))),
    ("HS256 with the public DER", forged({**HEADER, "alg": "HS256"}, sign=hs256(public(Encoding.DER)))),
    ("HS256 with the public DER, called ES256", forged(sign=hs256(public(Encoding.DER)))),
    ("header without kid", forged({"alg": "ES256", "typ": "JWT"})),
    ("header without alg", forged({"kid": KEY.kid})),
    ("header a list", forged([HEADER])),
    ("header no JSON", forged(b"header")),
    ("header not UTF-8", forged(b"\xff\xfe")),
    ("header nested deeper than the parser goes", forged(b"[" * 4000)),
    ("payload a list", forged(claims=[CLAIMS])),
    ("payload null", forged(claims=None)),
    ("payload no JSON", forged(claims=b"claims")),
    ("payload not UTF-8", forged(claims=b"\xff\xfe")),
    ("payload nested deeper than the parser goes", forged(claims=b"[" * 5000)),
    ("payload with a number of 5000 digits", forged(claims=b'{"exp":' + b"9" * 5000 + b"}")),
    ("a payload exchanged under its signature", ".".join([forged().split(".")[0], encoded(b"{}"), forged().split(".")[2]])),
    ("over 8 KiB", forged(claims={**CLAIMS, "name": "a" * 8192})),
    ("not ASCII", forged() + "é"),
    ("Arabic digits", forged() + "٣"),
    ("a lone surrogate", forged() + "\ud800"),
    ("NUL", forged() + "\0"),
    ("a line end", forged() + "\n"),
    ("padded", forged() + "=="),
    ("spaces", " " + forged()),
    ("characters that a lenient decoder skips", forged().replace(".", ".!", 1)),
]


def assert_refused(token: Any, by: Tokens | None = None, now: datetime = NOW) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        (by or tokens()).verify(token, now)
    assert refusal.value.code == "token_invalid"


def test_the_forger_can_make_a_good_token() -> None:
    """Otherwise every refusal below would prove nothing."""
    assert tokens().verify(forged(), NOW).sub == SUB


@pytest.mark.parametrize("claim", MISSING)
def test_a_token_without_a_claim_is_refused(claim: str) -> None:
    assert_refused(forged(claims=without(claim)))


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in WRONG_CLAIMS])
def test_a_token_with_a_wrong_claim_is_refused(changes: dict[str, Any]) -> None:
    assert_refused(forged(claims=CLAIMS | changes))


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in WRONG_HEADERS])
def test_a_token_with_a_wrong_header_is_refused(changes: dict[str, Any]) -> None:
    assert_refused(forged(HEADER | changes))


@pytest.mark.parametrize("token", [pytest.param(token, id=name) for name, token in UNSIGNED])
def test_what_is_no_token_of_ours_is_refused(token: str) -> None:
    assert_refused(token)


@pytest.mark.parametrize("token", [None, b"bytes", 7])
def test_what_is_no_text_is_refused(token: Any) -> None:
    assert_refused(token)


def test_each_key_verifies_with_its_own_algorithm_only() -> None:
    rsa_key = SigningKey(RSA_PEM)
    both = tokens(also=(rsa_key.public,))
    assert both.verify(forged({**HEADER, "alg": "RS256", "kid": rsa_key.kid}, sign=rs256), NOW).sub == SUB
    assert_refused(forged({**HEADER, "alg": "RS256"}, sign=rs256), both)
    assert_refused(forged({**HEADER, "kid": rsa_key.kid}), both)
    assert_refused(forged({**HEADER, "alg": "HS256", "kid": rsa_key.kid}, sign=hs256(public(Encoding.PEM, RSA_PEM))), both)
    assert_refused(forged({**HEADER, "alg": "HS256", "kid": rsa_key.kid}, sign=hs256(public(Encoding.DER, RSA_PEM))), both)


# ── what we issue ──


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


# ── the cache ──


def counting(by: Tokens, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signature was really checked."""
    checked: list[str] = []
    check = by._check

    def count(token: str) -> Any:
        checked.append(token)
        return check(token)

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


# ── keys ──


def test_rotation_keeps_the_tokens_of_the_key_before() -> None:
    before, after = tokens(), tokens(OTHER_PEM, also=(KEY.public,))
    assert after.verify(issue(before), NOW).sub == SUB
    assert after.verify(issue(after), NOW).sub == SUB
    assert_refused(issue(after), before)
    assert [key["kid"] for key in after.jwks()["keys"]] == [SigningKey(OTHER_PEM).kid, KEY.kid]


def test_a_retired_key_verifies_nothing() -> None:
    assert_refused(issue(tokens()), tokens(OTHER_PEM))


def test_the_key_set_shows_nothing_private() -> None:
    keys = tokens(also=(SigningKey(RSA_PEM).public,)).jwks()["keys"]
    assert [set(key) for key in keys] == [{"kty", "crv", "x", "y", "alg", "use", "kid"}, {"kty", "n", "e", "alg", "use", "kid"}]
    assert [(key["alg"], key["use"]) for key in keys] == [("ES256", "sig"), ("RS256", "sig")]


def test_the_key_set_may_be_changed_by_who_gets_it() -> None:
    by = tokens()
    by.jwks()["keys"][0]["kid"] = "changed"
    assert by.jwks()["keys"][0]["kid"] == KEY.kid


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt"
        "7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHa"
        "Q-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    numbers = rsa.RSAPublicNumbers(65537, int.from_bytes(base64.urlsafe_b64decode(modulus + "=="), "big"))
    pem = numbers.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert VerificationKey(pem).kid == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_the_same_key_has_the_same_name_in_every_form_of_pem() -> None:
    key = loaded(PEM)
    traditional = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    assert SigningKey(traditional).kid == KEY.kid == VerificationKey(public(Encoding.PEM).decode()).kid
    assert tokens().verify(issue(tokens(traditional)), NOW).sub == SUB


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param(private_pem(ec.generate_private_key(ec.SECP384R1())), id="P-384"),
        pytest.param(rsa_pem(1024), id="RSA of 1024 bits"),
        pytest.param(private_pem(ed25519.Ed25519PrivateKey.generate()), id="Ed25519"),
        pytest.param(public(Encoding.PEM).decode(), id="a public key"),
        pytest.param("not a key", id="no PEM"),
        pytest.param("", id="nothing"),
        pytest.param(
            ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")).decode(),
            id="encrypted",
        ),
    ],
)
def test_a_key_that_cannot_sign_our_tokens_is_refused_at_start(pem: str) -> None:
    with pytest.raises(ValueError, match="key"):
        SigningKey(pem)


@pytest.mark.parametrize("pem", [PEM, "not a key"])
def test_a_verification_key_is_public(pem: str) -> None:
    with pytest.raises(ValueError, match="public key"):
        VerificationKey(pem)
