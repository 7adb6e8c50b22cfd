"""What may be a password: long enough, not one of those that everybody guesses first, and not about its owner.

No rules about kinds of characters: they make passwords worse (NIST SP 800-63B, ASVS 5.0 6.2). Guessable is what a cracker's first
rules make: a listed word with digits behind it, one pattern over and over, a row of the alphabet or of the keyboard.
"""

import re
from collections.abc import Iterable, Iterator

from app.domain.problems import FieldError

MIN_PASSWORD, MAX_PASSWORD = 12, 1024

BASES = frozenset(
    [
        "admin",
        "administrator",
        "alur",
        "bendahara",
        "bismillah",
        "bupati",
        "camat",
        "dinas",
        "garuda",
        "indonesia",
        "indonesiaku",
        "indonesiaraya",
        "jakarta",
        "kabupaten",
        "kalimantan",
        "kalimantantimur",
        "kantor",
        "kantorcamat",
        "kantorkecamatan",
        "katakunci",
        "katasandi",
        "kecamatan",
        "kecamatansamboja",
        "kelurahan",
        "kutai",
        "kutaikartanegara",
        "login",
        "lurah",
        "merdeka",
        "muarajawa",
        "operator",
        "passphrase",
        "password",
        "passwordku",
        "pegawai",
        "pegawainegeri",
        "pemerintah",
        "pemerintahindonesia",
        "pemkab",
        "pengguna",
        "qwerty",
        "qwertyuiop",
        "rahasia",
        "rahasiaku",
        "rahasiakantor",
        "root",
        "samboja",
        "sandi",
        "sandiku",
        "sayang",
        "sayangku",
        "sekretariat",
        "sekretaris",
        "selamatdatang",
        "selamatpagi",
        "semangat",
        "staf",
        "sukses",
        "superadmin",
        "superuser",
        "telkomsel",
        "terimakasih",
        "user",
        "welcome",
    ]
)
"""Words that people of an office begin with. Digits and marks around one, or the same again, make no password of it."""

ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)
"""What fingers and children recite, also backwards."""

_LOOKS_LIKE = str.maketrans("4@301!5$7", "aaeoiisst")
_SHORTEST_CLUE = 4
"""Characters. Shorter words (Ali, Sri) would forbid half the language."""

_ENOUGH = 8
"""Characters that a password must have beside the words about its owner."""


def password_mistakes(password: str, *, listed: bool = False, about: Iterable[str] = (), pointer: str = "/password") -> Iterator[FieldError]:
    """`listed`: it stands in the list of common passwords. `about`: the account's username and name, its office's name."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        yield _too_short_or_long(pointer)
    elif listed or is_guessable(password):
        yield FieldError(
            pointer,
            "common",
            "Kata sandi ini mudah ditebak: sering dipakai, atau polanya sederhana. Beberapa kata yang tidak berkaitan lebih baik.",
            "This password is easily guessed: one of the most used, or a simple pattern. Several unrelated words are better.",
        )
    elif is_about(password, about):
        yield FieldError(
            pointer,
            "about_yourself",
            "Kata sandi ini terutama terdiri atas nama Anda, nama pengguna, atau nama kantor.",
            "This password is mostly your name, your username or your office's name.",
        )


def is_guessable(password: str) -> bool:
    """By rule, whatever the list says."""
    written = password.lower()
    return _repeats(written) or _is_row(written) or _is_base(written)


def is_about(password: str, about: Iterable[str]) -> bool:
    """Whether what remains without the words about its owner is too little to be a secret."""
    rest = _plain(password.lower())
    whole = len(rest)
    for clue in sorted(_clues(about), key=len, reverse=True):
        rest = rest.replace(clue, "")
    return len(rest) < whole and len(rest.strip("0123456789")) < _ENOUGH


def _repeats(written: str) -> bool:
    """One pattern of at most a third of the length, over and over; its last repetition may be cut short (abcabcabcab)."""
    return any((written[:size] * len(written))[: len(written)] == written for size in range(1, len(written) // 3 + 1))


def _is_row(written: str) -> bool:
    """Made of at most two stretches of rows (qwertyuiop123, abcdef654321), each of three characters or more."""
    first = _stretch(written)
    return first >= 3 and (first == len(written) or _stretch(written[first:]) == len(written) - first)


def _stretch(written: str) -> int:
    """How many characters at the beginning are a piece of a row, forwards or backwards, going round its end."""
    ways = [way for row in ROWS for way in (row * 2, row[::-1] * 2)]
    size = 0
    while size < len(written) and any(written[: size + 1] in way for way in ways):
        size += 1
    return size


def _is_base(written: str) -> bool:
    """A listed word, or listed words one after the other, once the digits and marks around and between them are gone."""
    spelt = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", written).translate(_LOOKS_LIKE)
    return any(words and all(_made_of_bases(word) for word in words) for words in (_letters(written), _letters(spelt)))


def _letters(written: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", written)


def _made_of_bases(word: str) -> bool:
    reached = {0}
    for end in range(1, len(word) + 1):
        if any(word[start:end] in BASES for start in reached):
            reached.add(end)
    return len(word) in reached


def _plain(written: str) -> str:
    """Without blanks and marks, and with letters for the digits that stand for them (p4ssw0rd)."""
    return re.sub(r"[\W_]+", "", written.translate(_LOOKS_LIKE))


def _clues(about: Iterable[str]) -> set[str]:
    """Each name as a whole and by its words."""
    texts = [text.lower() for text in about]
    words = {word for text in texts for word in re.split(r"[\W_]+", text)} | {re.sub(r"[\W_]+", "", text) for text in texts}
    return {word for word in (_plain(word) for word in words) if len(word) >= _SHORTEST_CLUE}


def _too_short_or_long(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "length",
        f"Kata sandi terdiri atas {MIN_PASSWORD} sampai {MAX_PASSWORD} karakter.",
        f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.",
    )
