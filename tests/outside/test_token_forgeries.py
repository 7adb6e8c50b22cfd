"""Access tokens with another header, another signature or no shape at all, forged by hand."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
)

from app.outside.tokens import SigningKey
from tests.support.tokens import (
    CLAIMS,
    HEADER,
    KEY,
    NOW,
    OTHER_PEM,
    PEM,
    RSA_PEM,
    SUB,
    assert_refused,
    encoded,
    es256,
    forged,
    hs256,
    loaded,
    public,
    rs256,
    tokens,
)

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


def test_the_forger_can_make_a_good_token() -> None:
    """Otherwise no refusal here or in test_token_claims would prove anything."""
    assert tokens().verify(forged(), NOW).sub == SUB


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
