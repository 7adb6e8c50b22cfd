"""The keys of another issuer: fetched when they are needed, kept, renewed, and never so often that somebody could keep us busy."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import anyio
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.domain.problems import Unauthenticated
from app.outside.issuers import Issuers
from app.outside.issuers.addresses import MAX_BYTES
from app.outside.issuers.keys import MAX_KEYS
from app.outside.tokens import SigningKey, generate_key_pem
from tests.support.foreign_issuer import DISCOVERY, JWKS, RSA, SUBJECT, ForeignIssuer, foreign_issuer, jwk_of
from tests.support.tokens import KEY, NOW, OTHER_PEM, RSA_PEM, es256, loaded, rs256

OTHER = SigningKey(OTHER_PEM)
BOTH = [DISCOVERY, JWKS]


@pytest.fixture
def issuer() -> Iterator[ForeignIssuer]:
    with foreign_issuer() as served:
        yield served


async def is_good(issuers: Issuers, token: str, **later: float) -> bool:
    try:
        return (await issuers.verify(token, NOW + timedelta(**later))).subject == SUBJECT
    except Unauthenticated:
        return False


def signed_by_other(issuer: ForeignIssuer, **header: Any) -> str:
    return issuer.token({"kid": OTHER.kid} | header, lambda message: es256(message, OTHER_PEM))


# ── how often ──


async def test_nothing_is_fetched_before_a_token_comes_and_then_once(issuer: ForeignIssuer) -> None:
    issuers = issuer.issuers()
    assert issuer.asked == []
    for seconds in (0, 1, 299):
        assert await is_good(issuers, issuer.token(), seconds=seconds)
    assert await is_good(issuers, issuer.token({"alg": "RS256", "kid": RSA.kid}, rs256))
    assert issuer.asked == BOTH


async def test_an_unknown_key_is_looked_for_at_most_once_a_minute(issuer: ForeignIssuer) -> None:
    issuers = issuer.issuers()
    for number in range(20):
        assert not await is_good(issuers, issuer.token({"kid": f"made-up-{number}"}), seconds=2.9 * number)
    assert issuer.asked == BOTH
    assert not await is_good(issuers, issuer.token({"kid": "made-up"}), seconds=60)
    assert issuer.asked == BOTH * 2


async def test_a_key_that_was_rotated_in_is_found_after_a_minute_at_most_and_the_old_ones_tokens_go_with_it(issuer: ForeignIssuer) -> None:
    issuers = issuer.issuers()
    assert await is_good(issuers, issuer.token())
    issuer.publish(OTHER.public)
    assert not await is_good(issuers, signed_by_other(issuer), seconds=59)
    assert await is_good(issuers, issuer.token(), seconds=59)
    assert await is_good(issuers, signed_by_other(issuer), seconds=60)
    assert not await is_good(issuers, issuer.token(), seconds=60)


async def test_keys_are_renewed_and_a_withdrawn_one_is_good_for_no_longer_than_an_hour(issuer: ForeignIssuer) -> None:
    issuers, token = issuer.issuers(), issuer.token(exp=int(NOW.timestamp()) + 7200)
    assert await is_good(issuers, token)
    issuer.publish(OTHER.public)
    assert await is_good(issuers, token, minutes=59)
    assert issuer.asked == BOTH
    assert not await is_good(issuers, token, minutes=60)
    assert issuer.asked == BOTH * 2


async def test_who_cannot_be_asked_keeps_its_keys_and_is_asked_once_a_minute(issuer: ForeignIssuer) -> None:
    issuers, token = issuer.issuers(), issuer.token(exp=int(NOW.timestamp()) + 14400)
    assert await is_good(issuers, token)
    issuer.serve(DISCOVERY, b"", status=503)
    for minutes in (61, 61.5, 62):
        assert await is_good(issuers, token, minutes=minutes)
        assert not await is_good(issuers, signed_by_other(issuer), minutes=minutes)
    assert issuer.asked == [*BOTH, DISCOVERY, DISCOVERY]


async def test_many_at_once_make_one_request_and_all_get_its_key(issuer: ForeignIssuer) -> None:
    issuers, good = issuer.issuers(), []

    async def come() -> None:
        good.append(await is_good(issuers, issuer.token()))

    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(come)
    assert good == [True] * 10
    assert issuer.asked == BOTH


async def test_while_keys_are_renewed_who_knows_its_key_does_not_wait() -> None:
    """The fetch of this test ends only when the test lets it."""
    asked, going_on = anyio.Event(), anyio.Event()
    url = "https://issuer.test"
    answers: dict[str, Any] = {url + DISCOVERY: {"issuer": url, "jwks_uri": url + JWKS}, url + JWKS: {"keys": [KEY.public.jwk]}}
    renewing = False

    async def fetch(address: str) -> dict[str, Any]:
        if renewing:
            asked.set()
            await going_on.wait()
        found: dict[str, Any] = answers[address]
        return found

    foreign = ForeignIssuer(url)
    issuers = Issuers([foreign.terms()], fetch=fetch)
    token = foreign.token(exp=int(NOW.timestamp()) + 7200)
    assert await is_good(issuers, token)
    renewing = True
    async with anyio.create_task_group() as group:
        group.start_soon(is_good, issuers, foreign.token({"kid": "unknown"}))
        group.start_soon(lambda: is_good(issuers, token, hours=1))
        await asked.wait()
        assert await is_good(issuers, token, hours=1)
        going_on.set()


# ── what is fetched ──


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"jwks_uri": "/keys"}, id="no issuer"),
        pytest.param({"issuer": "https://elsewhere.test", "jwks_uri": "/keys"}, id="another issuer"),
        pytest.param({"issuer": "/"}, id="no jwks_uri"),
        pytest.param({"issuer": "/", "jwks_uri": 7}, id="a jwks_uri that is a number"),
        pytest.param({"issuer": "/", "jwks_uri": "http://192.0.2.1/keys"}, id="plain http to another machine"),
        pytest.param({"issuer": "/", "jwks_uri": "file:///etc/hostname"}, id="a file"),
        pytest.param({"issuer": "/", "jwks_uri": "http://user@127.0.0.1/keys"}, id="a user in the address"),
        pytest.param({"issuer": "/", "jwks_uri": "http://[::1/keys"}, id="no address"),
        pytest.param([], id="a list"),
        pytest.param(b"<html>", id="no JSON"),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
        pytest.param(b"\xff", id="not UTF-8"),
    ],
)
async def test_a_discovery_document_that_cannot_be_right_gives_no_keys(issuer: ForeignIssuer, document: Any) -> None:
    if isinstance(document, dict):
        named, keys = document.get("issuer"), document.get("jwks_uri")
        document |= {"issuer": issuer.url} if named == "/" else {}
        document |= {"jwks_uri": issuer.url + JWKS} if keys == "/keys" else {}
    issuer.serve(DISCOVERY, document)
    assert not await is_good(issuer.issuers(), issuer.token())
    assert issuer.asked == [DISCOVERY]


@pytest.mark.parametrize("path", BOTH)
async def test_a_redirect_is_not_followed(issuer: ForeignIssuer, path: str) -> None:
    status, _, content = issuer.answers[path]
    assert status == 200
    issuer.answers["/moved"] = (200, {}, content)
    issuer.serve(path, b"", status=302, Location=issuer.url + "/moved")
    assert not await is_good(issuer.issuers(), issuer.token())
    assert "/moved" not in issuer.asked


@pytest.mark.parametrize("path", BOTH)
async def test_what_is_too_long_is_not_read(issuer: ForeignIssuer, path: str) -> None:
    _, _, content = issuer.answers[path]
    issuer.serve(path, content + b" " * MAX_BYTES)
    assert not await is_good(issuer.issuers(), issuer.token())
    issuer.serve(path, content + b" " * (MAX_BYTES - len(content)))
    assert await is_good(issuer.issuers(), issuer.token())


async def test_what_is_compressed_is_not_unpacked(issuer: ForeignIssuer) -> None:
    issuer.serve(JWKS, {"keys": [KEY.public.jwk]}, Content_Encoding="gzip")
    assert not await is_good(issuer.issuers(), issuer.token())


async def test_an_issuer_that_never_answers_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        foreign = ForeignIssuer(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert not await is_good(foreign.issuers(patience=0.05), foreign.token())


async def test_an_issuer_that_is_not_there_is_nobodys_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        foreign = ForeignIssuer(f"http://127.0.0.1:{gone.getsockname()[1]}")
    assert not await is_good(foreign.issuers(), foreign.token())


async def test_discovery_may_stand_elsewhere(issuer: ForeignIssuer) -> None:
    issuer.answers["/elsewhere"] = issuer.answers.pop(DISCOVERY)
    assert await is_good(issuer.issuers(discovery=issuer.url + "/elsewhere"), issuer.token())


# ── which keys ──


def weak() -> Any:
    return rsa.generate_private_key(65537, 1024).public_key()


EC_JWK = KEY.public.jwk
UNUSABLE: list[tuple[str, Any]] = [
    ("a secret", {"kty": "oct", "k": "c2VjcmV0", "kid": KEY.kid, "alg": "HS256"}),
    ("its secret half", EC_JWK | {"d": "AQAB"}),
    ("for encryption", EC_JWK | {"use": "enc"}),
    ("for signing, not for verifying", EC_JWK | {"key_ops": ["sign"]}),
    ("key_ops a number", EC_JWK | {"key_ops": 7}),
    ("for another algorithm", EC_JWK | {"alg": "ES384"}),
    ("on another curve", EC_JWK | {"crv": "P-384"}),
    ("not on its curve", EC_JWK | {"x": "AQAB"}),
    ("half a key", {name: value for name, value in EC_JWK.items() if name != "y"}),
    ("numbers that are none", EC_JWK | {"x": "ä"}),
    ("a kid that is a number", EC_JWK | {"kid": 7}),
    ("of an unknown kind", EC_JWK | {"kty": "OKP"}),
    ("a text", "key"),
    ("nothing", None),
]


@pytest.mark.parametrize("jwk", [pytest.param(jwk, id=name) for name, jwk in UNUSABLE])
async def test_a_key_that_is_not_for_us_is_passed_over(issuer: ForeignIssuer, jwk: Any) -> None:
    issuer.publish(jwk, RSA.public)
    issuers = issuer.issuers()
    assert not await is_good(issuers, issuer.token())
    assert await is_good(issuers, issuer.token({"alg": "RS256", "kid": RSA.kid}, rs256))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda: jwk_of(weak()), id="RSA of 1024 bits"),
        pytest.param(lambda: RSA.public.jwk | {"e": "AQ"}, id="e of 1"),
        pytest.param(lambda: RSA.public.jwk | {"e": "A" * 20 + "Q"}, id="e written at length"),
        pytest.param(lambda: RSA.public.jwk | {"e": "_" * 20}, id="e of 120 bits"),
        pytest.param(lambda: RSA.public.jwk | {"n": "_" * 1399}, id="RSA of 8394 bits"),
        pytest.param(lambda: RSA.public.jwk | {"n": "_" * 100_000}, id="RSA of 600000 bits"),
        pytest.param(lambda: RSA.public.jwk | {"alg": "PS256"}, id="RSA for another algorithm"),
    ],
)
async def test_a_weak_or_unwieldy_rsa_key_is_passed_over(issuer: ForeignIssuer, change: Any) -> None:
    issuer.publish(change() | {"kid": RSA.kid}, KEY.public)
    issuers = issuer.issuers()
    assert not await is_good(issuers, issuer.token({"alg": "RS256", "kid": RSA.kid}, rs256))
    assert await is_good(issuers, issuer.token())


async def test_an_rsa_key_needs_to_say_neither_use_nor_algorithm(issuer: ForeignIssuer) -> None:
    issuer.publish(jwk_of(loaded(RSA_PEM).public_key(), kid="theirs"))
    issuers = issuer.issuers()
    assert await is_good(issuers, issuer.token({"alg": "RS256", "kid": "theirs"}, rs256))


@pytest.mark.parametrize("named", [{}, {"kid": "only"}])
async def test_the_only_key_needs_no_name(issuer: ForeignIssuer, named: dict[str, str]) -> None:
    issuer.publish({name: value for name, value in EC_JWK.items() if name != "kid"} | named)
    issuers = issuer.issuers()
    assert await is_good(issuers, issuer.token({"kid": ...}))
    assert await is_good(issuers, issuer.token({"kid": "only"})) is bool(named)


async def test_of_two_keys_with_one_name_the_first_counts(issuer: ForeignIssuer) -> None:
    issuer.publish(KEY.public, OTHER.public.jwk | {"kid": KEY.kid})
    issuers = issuer.issuers()
    assert await is_good(issuers, issuer.token())
    assert not await is_good(issuers, signed_by_other(issuer, kid=KEY.kid))


async def test_a_set_of_too_many_keys_is_none(issuer: ForeignIssuer) -> None:
    others = [SigningKey(generate_key_pem()).public for _ in range(MAX_KEYS - 1)]
    issuer.publish(KEY.public, *others)
    assert await is_good(issuer.issuers(), issuer.token())
    issuer.publish(KEY.public, *others, OTHER.public)
    assert not await is_good(issuer.issuers(), issuer.token())


@pytest.mark.parametrize("document", [{"keys": {}}, {"keys": None}, {}, {"keys": []}])
async def test_a_set_without_keys_verifies_nothing(issuer: ForeignIssuer, document: dict[str, Any]) -> None:
    issuer.serve(JWKS, document)
    assert not await is_good(issuer.issuers(), issuer.token())
