"""Tokens that claim to be of another issuer, forged by hand: each is nobody's."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from app.domain.problems import Unauthenticated
from app.outside.issuers import Issuers
from app.outside.tokens import SigningKey
from tests.support.foreign_issuer import AUDIENCE, RSA, SUBJECT, ForeignIssuer, foreign_issuer
from tests.support.tokens import HEADER, IAT, KEY, NOW, OTHER_PEM, PEM, RSA_PEM, encoded, es256, forged, hs256, public, rs256

OTHER = SigningKey(OTHER_PEM)

WRONG_HEADERS: list[tuple[str, dict[str, Any]]] = [
    ("alg none", {"alg": "none"}),
    ("alg missing", {"alg": ...}),
    ("alg a list", {"alg": ["ES256"]}),
    ("alg in lower case", {"alg": "es256"}),
    ("alg of another curve", {"alg": "ES384"}),
    ("alg of an RSA key", {"alg": "RS256"}),
    ("kid unknown", {"kid": "unknown"}),
    ("kid missing where there are two keys", {"kid": ...}),
    ("kid null where there are two keys", {"kid": None}),
    ("kid a list", {"kid": [KEY.kid]}),
    ("kid empty", {"kid": ""}),
    ("kid of the other key", {"kid": RSA.kid}),
    ("crit", {"crit": ["exp"]}),
    ("crit empty", {"crit": []}),
    ("jku", {"jku": "https://elsewhere.test/jwks.json"}),
    ("x5u", {"x5u": "https://elsewhere.test/chain.pem"}),
    ("x5c", {"x5c": ["MIIB"]}),
    ("jwk", {"jwk": OTHER.public.jwk}),
    ("b64 false", {"b64": False}),
    ("zip", {"zip": "DEF"}),
    ("typ of a logout token", {"typ": "logout+jwt"}),
    ("typ of a proof", {"typ": "dpop+jwt"}),
    ("typ a number", {"typ": 1}),
]
WRONG_CLAIMS: list[tuple[str, dict[str, Any]]] = [
    ("expired a second ago", {"iat": IAT - 601, "exp": IAT - 1}),
    ("expires now", {"exp": IAT}),
    ("expires before it is issued", {"exp": IAT - 10}),
    ("issued in the future", {"iat": IAT + 1}),
    ("not valid yet", {"nbf": IAT + 1}),
    ("lives longer than a day", {"exp": IAT + 86401}),
    ("exp missing", {"exp": ...}),
    ("iat missing", {"iat": ...}),
    ("exp as text", {"exp": str(IAT + 600)}),
    ("exp as a fraction", {"exp": IAT + 600.5}),
    ("exp true", {"exp": True}),
    ("exp beyond every calendar", {"exp": 10**30}),
    ("iat null", {"iat": None}),
    ("nbf null", {"nbf": None}),
    ("aud missing", {"aud": ...}),
    ("aud another", {"aud": "elsewhere"}),
    ("aud a list without us", {"aud": ["elsewhere", "account"]}),
    ("aud an empty list", {"aud": []}),
    ("aud an object", {"aud": {AUDIENCE: True}}),
    ("aud nested", {"aud": [[AUDIENCE]]}),
    ("aud beginning like ours", {"aud": AUDIENCE + "-uji"}),
    ("sub missing", {"sub": ...}),
    ("sub empty", {"sub": ""}),
    ("sub a number", {"sub": 7}),
    ("sub too long", {"sub": "s" * 256}),
    ("sub with NUL", {"sub": "siti\0"}),
    ("sub a lone surrogate", {"sub": "\ud800"}),
    ("bound to a key", {"cnf": {"jkt": "x"}}),
    ("a refresh token", {"typ": "Refresh"}),
    ("an offline token", {"typ": "Offline"}),
    ("a logout token", {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}),
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[ForeignIssuer]:
    with foreign_issuer() as served:
        yield served


@pytest.fixture(scope="module")
def issuers(issuer: ForeignIssuer) -> Issuers:
    return issuer.issuers()


async def assert_refused(issuers: Issuers, token: Any, **later: float) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await issuers.verify(token, NOW + timedelta(**later))
    assert refusal.value.code == "token_invalid"


@pytest.mark.parametrize("header", [{}, {"typ": "at+jwt"}, {"typ": "Bearer"}, {"typ": ...}, {"x5t": "abc", "org.example": 1}])
async def test_the_forger_can_make_a_good_token(issuer: ForeignIssuer, issuers: Issuers, header: dict[str, Any]) -> None:
    """Otherwise no refusal here would prove anything. Header parameters that change nothing are the issuer's own affair."""
    assert (await issuers.verify(issuer.token(header), NOW)).subject == SUBJECT


async def test_each_key_verifies_with_its_own_algorithm(issuer: ForeignIssuer, issuers: Issuers) -> None:
    assert (await issuers.verify(issuer.token({"alg": "RS256", "kid": RSA.kid}, rs256), NOW)).subject == SUBJECT
    await assert_refused(issuers, issuer.token({"alg": "RS256"}, rs256))
    await assert_refused(issuers, issuer.token({"alg": "ES256", "kid": RSA.kid}, rs256))


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in WRONG_HEADERS])
async def test_a_wrong_header_is_refused(issuer: ForeignIssuer, issuers: Issuers, changes: dict[str, Any]) -> None:
    await assert_refused(issuers, issuer.token(changes))


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in WRONG_CLAIMS])
async def test_a_wrong_claim_is_refused(issuer: ForeignIssuer, issuers: Issuers, changes: dict[str, Any]) -> None:
    await assert_refused(issuers, issuer.token(**changes))


@pytest.mark.parametrize("pem", [PEM, RSA_PEM], ids=["P-256", "RSA"])
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
async def test_a_public_key_is_nobodys_secret(issuer: ForeignIssuer, issuers: Issuers, pem: str, encoding: Encoding) -> None:
    key = SigningKey(pem)
    for algorithm in ("HS256", key.public.algorithm):
        await assert_refused(issuers, issuer.token({"alg": algorithm, "kid": key.kid}, hs256(public(encoding, pem))))


async def test_what_is_not_signed_is_refused(issuer: ForeignIssuer, issuers: Issuers) -> None:
    good = issuer.token()
    head, body, signature = good.split(".")
    more = encoded(b'{"iss":"%s","sub":"x"}' % issuer.url.encode())
    for token in (f"{head}.{body}.", f"{head}.{body}.{encoded(bytes(64))}", f"{head}.{more}.{signature}", good[:-4], good + "A", f"{head}.{body}"):
        await assert_refused(issuers, token)
    await assert_refused(issuers, issuer.token(sign=lambda _: b""))
    await assert_refused(issuers, issuer.token(sign=lambda message: es256(message, OTHER_PEM)))


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(None, id="nothing"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param("", id="empty"),
        pytest.param("..", id="dots"),
        pytest.param("a.b.c", id="no base64"),
        pytest.param(forged(b"[" * 3000, {}), id="a header nested too deeply"),
        pytest.param(forged(HEADER, b"[" * 5000), id="a payload nested too deeply"),
        pytest.param(forged(HEADER, b'{"iss":' + b"9" * 5000 + b"}"), id="a number of 5000 digits"),
        pytest.param(forged(HEADER, []), id="a payload that is a list"),
        pytest.param(forged(HEADER, b"\xff\xfe"), id="not UTF-8"),
        pytest.param(forged(HEADER, {"iss": ["x"]}), id="iss a list"),
        pytest.param(forged(HEADER, {"iss": {}}), id="iss an object"),
    ],
)
async def test_what_is_no_token_is_refused(issuers: Issuers, token: Any) -> None:
    await assert_refused(issuers, token)


async def test_a_wrong_header_under_a_good_payload_is_refused(issuer: ForeignIssuer, issuers: Issuers) -> None:
    _, body, signature = issuer.token().split(".")
    for head in (b"[" * 3000, b"[]", b"null", b"\xff", b'{"kid":' + b"9" * 5000 + b"}"):
        await assert_refused(issuers, f"{encoded(head)}.{body}.{signature}")


async def test_more_than_8_kib_are_refused(issuer: ForeignIssuer, issuers: Issuers) -> None:
    await assert_refused(issuers, issuer.token(name="a" * 8192))


@pytest.mark.parametrize("changed", ["/", " ", "X"])
async def test_an_issuer_that_is_not_in_the_list_is_refused(issuer: ForeignIssuer, issuers: Issuers, changed: str) -> None:
    before = len(issuer.asked)
    assert issuers.of(issuer.token(iss=issuer.url + changed)) is None
    await assert_refused(issuers, issuer.token(iss=issuer.url + changed))
    assert len(issuer.asked) == before


async def test_a_key_of_one_issuer_verifies_nothing_of_another(issuer: ForeignIssuer) -> None:
    with foreign_issuer() as second:
        second.publish(OTHER.public)
        both = Issuers([issuer.terms(), second.terms()])
        signed_by_the_second = lambda message: es256(message, OTHER_PEM)  # noqa: E731
        assert (await both.verify(second.token({"kid": OTHER.kid}, signed_by_the_second), NOW)).issuer == second.url
        assert (await both.verify(issuer.token(), NOW)).issuer == issuer.url
        await assert_refused(both, issuer.token({"kid": OTHER.kid}, signed_by_the_second))
        await assert_refused(both, second.token())


async def test_the_leeway_widens_both_ends_and_no_more(issuer: ForeignIssuer) -> None:
    issuers, token = issuer.issuers(leeway_seconds=60), issuer.token()
    for seconds in (-60, 359):
        assert (await issuers.verify(token, NOW + timedelta(seconds=seconds))).subject == SUBJECT
    for seconds in (-61, 360):
        await assert_refused(issuers, token, seconds=seconds)


async def test_a_verified_token_ends_with_its_time_all_the_same(issuer: ForeignIssuer) -> None:
    issuers, token = issuer.issuers(), issuer.token()
    for seconds in (0, 299):
        assert (await issuers.verify(token, NOW + timedelta(seconds=seconds))).subject == SUBJECT
    await assert_refused(issuers, token, seconds=300)
    await assert_refused(issuers, token, seconds=-1)


async def test_what_is_required_must_hold(issuer: ForeignIssuer) -> None:
    issuers = issuer.issuers(require={"acr": ["2", "3"], "amr": ["otp"], "mfa.done": ["true"]})
    good: dict[str, Any] = {"acr": "2", "amr": ["pwd", "otp"], "mfa": {"done": True}}
    assert (await issuers.verify(issuer.token(**good), NOW)).subject == SUBJECT
    for wrong in ({"acr": "1"}, {"acr": 2}, {"acr": ...}, {"amr": ["pwd"]}, {"amr": []}, {"mfa": True}, {"mfa": {"done": False}}, {"mfa": ...}):
        await assert_refused(issuers, issuer.token(**good | wrong))


async def test_an_algorithm_that_is_not_configured_is_refused(issuer: ForeignIssuer) -> None:
    issuers = issuer.issuers(algorithms=["RS256"])
    await assert_refused(issuers, issuer.token())
    assert (await issuers.verify(issuer.token({"alg": "RS256", "kid": RSA.kid}, rs256), NOW)).subject == SUBJECT


async def test_without_configured_issuers_every_token_is_somebody_elses(issuer: ForeignIssuer) -> None:
    assert Issuers().of(issuer.token()) is None
    await assert_refused(Issuers(), issuer.token())


@pytest.mark.parametrize("sign", [{"typ": "ID"}, {"typ": "id"}, {"typ": ..., "nonce": "n"}, {"at_hash": "x"}, {"c_hash": "x"}])
async def test_an_id_token_is_no_key_unless_the_terms_say_so(issuer: ForeignIssuer, sign: dict[str, Any]) -> None:
    """It is made out to the application, and shown around by it."""
    await assert_refused(issuer.issuers(), issuer.token(**sign))
    assert (await issuer.issuers().verify(issuer.token(typ="Bearer", nonce="n"), NOW)).subject == SUBJECT  # as Keycloak's
    assert (await issuer.issuers(accept_id_tokens=True).verify(issuer.token(**sign), NOW)).subject == SUBJECT
