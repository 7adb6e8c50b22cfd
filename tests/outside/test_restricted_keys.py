"""The key of restricted records: which texts are one, what it wraps, and what opens it."""

from base64 import b64encode
from pathlib import Path

import pytest

from app.outside.restricted_keys import DoesNotOpen, RestrictedKey, RestrictedKeyMissing, RestrictedKeys, Wrapped, new_key_text
from tests.support.restricted_records import KEY_TEXT, OTHER_KEY_TEXT

OLD, NEW = RestrictedKey.of(KEY_TEXT, name="old"), RestrictedKey.of(OTHER_KEY_TEXT, name="new")
DATA_KEY = bytes(range(100, 132))


@pytest.mark.parametrize("text", [KEY_TEXT, f"{KEY_TEXT}\n", OTHER_KEY_TEXT, OTHER_KEY_TEXT.upper(), new_key_text()], ids=range(5))
def test_32_random_bytes_are_a_key(text: str) -> None:
    key = RestrictedKey.of(text, name="ALUR_RESTRICTED_KEY")
    assert len(key.secret) == 32
    assert len(key.id) == 16
    assert key.secret.hex() not in repr(key) + repr(RestrictedKeys(key))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rahasia",
        "x" * 43,
        b64encode(bytes(range(31))).decode(),
        b64encode(bytes(range(33))).decode(),
        b64encode(bytes(32)).decode(),
        "zz" * 32,
        "ü",
    ],
)
def test_anything_else_is_refused_with_how_to_make_one(text: str) -> None:
    with pytest.raises(ValueError, match="openssl rand -base64 32") as refused:
        RestrictedKeys.of(text)
    assert "ALUR_RESTRICTED_KEY" in str(refused.value)
    assert not text or text not in str(refused.value)


def test_files_of_previous_keys(tmp_path: Path) -> None:
    file = tmp_path / "old.txt"
    file.write_text(KEY_TEXT + "\n")
    keys = RestrictedKeys.of(OTHER_KEY_TEXT, [str(file)])
    assert (keys.current, keys.previous) == (NEW, (OLD,))
    file.write_text("rahasia")
    with pytest.raises(ValueError, match=r"old\.txt"):
        RestrictedKeys.of(OTHER_KEY_TEXT, [str(file)])
    with pytest.raises(ValueError, match=r"none\.txt cannot be read"):
        RestrictedKeys.of(OTHER_KEY_TEXT, [str(tmp_path / "none.txt")])


def test_what_is_wrapped_opens_for_the_same_record_with_the_same_key() -> None:
    wrapped = RestrictedKeys(OLD).wrap(DATA_KEY, about="one")
    assert wrapped.key_id == OLD.id
    for keys in (RestrictedKeys(OLD), RestrictedKeys(NEW, (OLD,)), RestrictedKeys(None, (OLD,))):
        assert keys.unwrap(wrapped, about="one") == DATA_KEY
        with pytest.raises(DoesNotOpen):
            keys.unwrap(wrapped, about="other")
    for keys in (RestrictedKeys(NEW), RestrictedKeys()):
        with pytest.raises(RestrictedKeyMissing):
            keys.unwrap(wrapped, about="one")


@pytest.mark.parametrize("text", ["", "A", "!!!!", "AAAA", "AAAAAAAAAAAAAAAAAAAA"])
def test_a_wrapped_key_that_was_changed_does_not_open(text: str) -> None:
    keys = RestrictedKeys(OLD)
    for wrong in (text or "A", text + "A" + keys.wrap(DATA_KEY, about="one").text):
        with pytest.raises(DoesNotOpen):
            keys.unwrap(Wrapped(OLD.id, wrong), about="one")


def test_without_a_key_nothing_is_wrapped() -> None:
    with pytest.raises(ValueError, match="no key"):
        RestrictedKeys(None, (OLD,)).wrap(DATA_KEY, about="one")


def test_a_fingerprint_is_of_its_parts_and_its_key() -> None:
    keys = RestrictedKeys(OLD)
    assert keys.fingerprint(("a", "b")) == keys.fingerprint(("a", "b"))
    assert len({keys.fingerprint(("a", "b")), keys.fingerprint(("ab", "")), RestrictedKeys(NEW).fingerprint(("a", "b"))}) == 3
