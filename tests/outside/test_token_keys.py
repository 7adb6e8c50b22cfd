"""The keys of access tokens: which may sign, which still verify, and what the world is shown of them."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from app.outside.tokens import SigningKey, VerificationKey
from tests.support.tokens import KEY, NOW, OTHER_PEM, PEM, RSA_PEM, SUB, assert_refused, issue, loaded, private_pem, public, rsa_pem, tokens


def test_rotation_keeps_the_tokens_of_the_key_before() -> None:
    before, after = tokens(), tokens(OTHER_PEM, also=(KEY.public,))
    assert after.verify(issue(before), NOW).sub == SUB
    assert after.verify(issue(after), NOW).sub == SUB
    assert_refused(issue(after), before)
    assert [key["kid"] for key in after.jwks(NOW)["keys"]] == [SigningKey(OTHER_PEM).kid, KEY.kid]


def test_a_retired_key_verifies_nothing() -> None:
    assert_refused(issue(tokens()), tokens(OTHER_PEM))


def test_the_key_set_shows_nothing_private() -> None:
    keys = tokens(also=(SigningKey(RSA_PEM).public,)).jwks(NOW)["keys"]
    assert [set(key) for key in keys] == [{"kty", "crv", "x", "y", "alg", "use", "kid"}, {"kty", "n", "e", "alg", "use", "kid"}]
    assert [(key["alg"], key["use"]) for key in keys] == [("ES256", "sig"), ("RS256", "sig")]


def test_the_key_set_may_be_changed_by_who_gets_it() -> None:
    by = tokens()
    by.jwks(NOW)["keys"][0]["kid"] = "changed"
    assert by.jwks(NOW)["keys"][0]["kid"] == KEY.kid


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
