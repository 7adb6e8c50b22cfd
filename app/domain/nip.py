"""NIP, the number of a civil servant: birth date, year and month of appointment, sex, serial (Peraturan Kepala BKN 22/2007).

    19800117 200501 1 004
    birth    from   sex serial

Numbers were issued by many hands for many years, so only what cannot be is a mistake; what is odd is said, and taken.
"""

import re
from collections.abc import Iterator
from datetime import date

from app.domain.advice import Advice
from app.domain.problems import FieldError

LENGTH = 18
YOUNGEST = 15
"""Years at appointment below which a mistyped digit is likelier than a career."""


def nip_mistakes(nip: str, *, pointer: str = "/nip") -> Iterator[FieldError]:
    if not re.fullmatch(rf"[0-9]{{{LENGTH}}}", nip):
        yield FieldError(pointer, "malformed", "NIP terdiri atas 18 angka, tanpa spasi.", "A NIP consists of 18 digits, without blanks.")
    elif _birth(nip) is None:
        yield FieldError(
            pointer,
            "birth_date_impossible",
            "Delapan angka pertama NIP bukan tanggal lahir.",
            "The first eight digits of the NIP are no date of birth.",
        )


def nip_warnings(nip: str) -> Iterator[Advice]:
    """Of a number without mistakes."""
    birth, year, month = _birth(nip), int(nip[8:12]), int(nip[12:14])
    if birth is None:
        return
    if not 1 <= month <= 12:
        yield Advice(
            "nip_appointment_month",
            "Angka ke-13 dan ke-14 NIP bukan bulan; pada PPPK angka itu kode.",
            "Digits 13 and 14 of the NIP are no month; for PPPK they are a code.",
        )
    yield from _age_warnings(birth, year, month)
    if nip[14] not in "12":
        yield Advice("nip_sex_digit", "Angka ke-15 NIP biasanya 1 atau 2.", "Digit 15 of the NIP is usually 1 or 2.")
    if nip[15:] == "000":
        yield Advice("nip_serial_zero", "Nomor urut NIP biasanya mulai dari 001.", "The serial of a NIP usually begins at 001.")


def holds_nip(text: str) -> bool:
    """Whether 18 digits stand in a row there, whatever separates them: people write 19800117 200501 1 004, and 198001172005011004."""
    return re.search(rf"[0-9]{{{LENGTH}}}", re.sub(r"[^0-9a-z]+", "", text.casefold())) is not None


def masked(nip: str) -> str:
    """As it is shown to those who need to tell two people apart: the last three digits."""
    return "*" * (len(nip) - 3) + nip[-3:]


def _age_warnings(birth: date, year: int, month: int) -> Iterator[Advice]:
    """By the month where there is one, else by the year alone."""
    months = (year - birth.year) * 12 + (month - birth.month if 1 <= month <= 12 else 0)
    if months < 0:
        yield Advice("nip_appointed_before_birth", "Menurut NIP, pengangkatan mendahului kelahiran.", "By the NIP, appointment comes before birth.")
    elif months < YOUNGEST * 12:
        yield Advice(
            "nip_appointed_young",
            f"Menurut NIP, usia saat pengangkatan kurang dari {YOUNGEST} tahun.",
            f"By the NIP, the age at appointment is under {YOUNGEST} years.",
        )


def _birth(nip: str) -> date | None:
    try:
        return date(int(nip[:4]), int(nip[4:6]), int(nip[6:8]))
    except ValueError:
        return None
