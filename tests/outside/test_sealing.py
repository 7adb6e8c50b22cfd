"""Sealing: who holds a private key of the ring opens, nobody else, and nothing about something else."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.outside.key_files import GivenKey, KeyFile, retired_path
from app.outside.key_rotation import rotate
from app.outside.sealing import Seal
from app.outside.tokens import Keys, SigningKey
from tests.support.key_files import key_file
from tests.support.tokens import KEY, NOW, OTHER_PEM, PEM, RSA_PEM, loaded, public

ABOUT, SECRET = "totp:019aab3c-0000-7000-8000-000000000001", b"twenty secret bytes!"


def seal_of(pem: str = PEM) -> Seal:
    return Seal(Keys.of(SigningKey(pem)))


@pytest.mark.parametrize("pem", [PEM, RSA_PEM], ids=["ES256", "RS256"])
@pytest.mark.parametrize("plain", [b"", SECRET, b"\x00" * 300])
def test_what_was_sealed_is_opened(pem: str, plain: bytes) -> None:
    sealed = seal_of(pem).seal(plain, about=ABOUT)
    assert seal_of(pem).open(sealed, about=ABOUT) == plain
    assert sealed.split(".")[:2] == ["v1", SigningKey(pem).kid[:8]]


def test_a_sealed_authenticator_secret_fits_its_column() -> None:
    assert len(seal_of().seal(b"A" * 64, about=ABOUT)) < 400


def test_nothing_is_sealed_alike_twice_and_nothing_shows() -> None:
    first, second = (seal_of().seal(SECRET, about=ABOUT) for _ in range(2))
    assert first != second
    assert SECRET not in base64.urlsafe_b64decode(first.split(".")[2] + "==")


@pytest.mark.parametrize("about", ["totp:019aab3c-0000-7000-8000-000000000002", "", "totp:"])
def test_it_does_not_open_about_somebody_else(about: str) -> None:
    with pytest.raises(ValueError, match="not about this"):
        seal_of().open(seal_of().seal(SECRET, about=ABOUT), about=about)


def flipped(sealed: str, at: int) -> str:
    version, kid, body = sealed.split(".")
    raw = bytearray(base64.urlsafe_b64decode(body + "=="))
    raw[at] ^= 1
    return f"{version}.{kid}.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}"


def test_no_bit_may_change() -> None:
    sealed = seal_of().seal(SECRET, about=ABOUT)
    for at in range(12 + len(SECRET) + 16):
        with pytest.raises(ValueError, match="Not what we sealed"):
            seal_of().open(flipped(sealed, at), about=ABOUT)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "v1",
        "v1..",
        "plain text of a secret",
        f"v1.{KEY.kid[:8]}.",
        f"v1.{KEY.kid[:8]}.AAAA",
        f"v1.{KEY.kid[:8]}.A",
        f"v1.{KEY.kid[:8]}.{'A' * 80}",
        f"v1.{KEY.kid[:8]}.{'=' * 80}",
        f"v1.{KEY.kid[:8]}.sé{'A' * 80}",
        f"v2.{KEY.kid[:8]}.{'A' * 80}",
        f"v1.{SigningKey(OTHER_PEM).kid[:8]}.{'A' * 80}",
    ],
    ids=range(12),
)
def test_what_was_never_sealed_is_a_value_error(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"Not what we sealed|Sealed with a key"):
        seal_of().open(wrong, about=ABOUT)


def test_another_key_does_not_open_it() -> None:
    sealed = seal_of().seal(SECRET, about=ABOUT)
    with pytest.raises(ValueError, match="a key that is not here"):
        seal_of(OTHER_PEM).open(sealed, about=ABOUT)
    renamed = sealed.replace(KEY.kid[:8], SigningKey(OTHER_PEM).kid[:8])
    with pytest.raises(ValueError, match="Not what we sealed"):
        seal_of(OTHER_PEM).open(renamed, about=ABOUT)


def test_the_same_key_opens_in_every_form_of_pem() -> None:
    traditional = loaded(PEM).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    assert seal_of(traditional).open(seal_of().seal(SECRET, about=ABOUT), about=ABOUT) == SECRET


def test_it_follows_a_rotation(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    seal = Seal(Keys(KeyFile(path)))
    old = seal.seal(SECRET, about=ABOUT)
    assert seal.is_current(old)
    rotate(path, NOW)
    new = seal.seal(SECRET, about=ABOUT)
    assert (seal.is_current(old), seal.is_current(new)) == (False, True)
    assert seal.open(old, about=ABOUT) == seal.open(new, about=ABOUT) == SECRET
    rotate(path, NOW + timedelta(days=1))
    assert seal.open(old, about=ABOUT) == SECRET  # no verifying any more, but opening
    retired_path(path, NOW).unlink()
    with pytest.raises(ValueError, match="a key that is not here"):
        seal.open(old, about=ABOUT)


@pytest.mark.parametrize(("form", "opens"), [("private", True), ("public", False)])
def test_a_previous_key_opens_when_it_is_private(tmp_path: Path, form: str, opens: bool) -> None:
    previous = tmp_path / "previous.pem"
    previous.write_text(PEM if form == "private" else public(Encoding.PEM).decode())
    seal = Seal(Keys(GivenKey(OTHER_PEM, (previous,))))
    sealed = seal_of().seal(SECRET, about=ABOUT)
    if opens:
        assert seal.open(sealed, about=ABOUT) == SECRET
    else:
        with pytest.raises(ValueError, match="a key that is not here"):
            seal.open(sealed, about=ABOUT)


def test_what_is_derived_follows_from_key_label_and_data_alone(tmp_path: Path) -> None:
    made = seal_of().derive("refresh", b"token")
    assert len(made) == 32
    assert made == seal_of().derive("refresh", b"token")
    others = [seal_of().derive("refresh", b"tokens"), seal_of().derive("other", b"token"), seal_of(OTHER_PEM).derive("refresh", b"token")]
    assert len({made, *others}) == 4


def test_what_was_derived_before_a_rotation_can_be_derived_again(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    seal = Seal(Keys(KeyFile(path)))
    before = seal.derive("refresh", b"token")
    rotate(path, NOW)
    assert list(seal.derived_before("refresh", b"token")) == [seal.derive("refresh", b"token"), before]
