"""What may be a password, and with which reason it may not."""

import pytest

from app.domain.passwords import is_about, password_mistakes

ABOUT = ("sari.utami", "Sari Utami Wijaya", "Kecamatan Samboja")


def codes(password: str, *, listed: bool = False, about: tuple[str, ...] = ()) -> list[str]:
    return [mistake.code for mistake in password_mistakes(password, listed=listed, about=about)]


@pytest.mark.parametrize(
    "password",
    [
        "kuda laut biru tua",
        "kata sandi yang panjang",
        "diketik lewat pipa",
        "correct horse battery",
        "Xk7vm2pQ9sLw",
        "aku suka kopi pahit",
        "pintu-kayu-tinggi",
        "🐟🐟 dua ikan merah",
        "x" * 11 + "Zq9 lampu",
        "kunci pintu rumah 12",
    ],
)
def test_long_and_unrelated_is_enough(password: str) -> None:
    assert codes(password, about=ABOUT) == []


@pytest.mark.parametrize("password", ["", "sebelas ch.", "x" * 1025])
def test_a_password_has_12_to_1024_characters(password: str) -> None:
    assert codes(password) == ["length"]


def test_what_is_listed_is_common() -> None:
    assert codes("1a2s3d4f5g6h", listed=True) == ["common"]
    assert codes("1a2s3d4f5g6h") == []


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "PASSWORD2026!",
        "Password_123456",
        "p4ssw0rd2026!",
        "passwordpassword",
        "passwordku123",
        "katasandi2026",
        "rahasia kantor",
        "bismillah123",
        "Kecamatan2026",
        "kecamatansamboja",
        "Samboja@12345",
        "123456indonesia",
        "2026-admin-2026",
        "administrator",
        "sayangku12345",
        "qwerty!!2026",
        "welcome123456",
    ],
)
def test_a_listed_word_with_digits_and_marks_is_common(password: str) -> None:
    assert codes(password) == ["common"]


@pytest.mark.parametrize(
    "password",
    ["aaaaaaaaaaaa", "            ", "............", "121212121212", "abcabcabcabca", "123412341234", "samasamasama", "🙂" * 12, "x" * 1024],
)
def test_one_pattern_over_and_over_is_common(password: str) -> None:
    assert codes(password) == ["common"]


@pytest.mark.parametrize(
    "password",
    ["abcdefghijkl", "lkjihgfedcba", "123456789012", "987654321098", "qwertyuiopas", "1qaz2wsx3edc", "qwerty123456", "abcdef654321", "Asdfghjkl123"],
)
def test_what_fingers_recite_is_common(password: str) -> None:
    assert codes(password) == ["common"]


@pytest.mark.parametrize(
    "password",
    ["sariutami1990", "Sari.Utami.99", "utamisari2026!", "SariUtamiWijaya", "wijaya-samboja", "s4ri-ut4mi-2026", "Sari Samboja 64", "utamiwijayaku"],
)
def test_a_password_that_is_mostly_about_its_owner_is_refused(password: str) -> None:
    assert codes(password, about=ABOUT) == ["about_yourself"]
    assert codes(password) == []


@pytest.mark.parametrize("password", ["sari membaca buku tebal", "rumah utami di tepi danau", "ali baba dan 40 penyamun"])
def test_an_own_name_beside_other_words_is_no_harm(password: str) -> None:
    assert codes(password, about=(*ABOUT, "Ali")) == []


def test_short_names_and_none_forbid_nothing() -> None:
    assert not is_about("sri bali kapal tua", ("sri", "", "-"))
    assert not is_about("kapal", ())


def test_the_pointer_says_which_field() -> None:
    (mistake,) = password_mistakes("pendek", pointer="/new_password")
    assert (mistake.pointer, mistake.id) == ("/new_password", "Kata sandi terdiri atas 12 sampai 1024 karakter.")
