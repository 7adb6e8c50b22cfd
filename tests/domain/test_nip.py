"""NIP: what cannot be, what is odd, and what is shown."""

import pytest

from app.domain.nip import masked, nip_mistakes, nip_warnings


@pytest.mark.parametrize(
    ("nip", "code"),
    [
        ("", "malformed"),
        ("19800117200501100", "malformed"),
        ("1980011720050110044", "malformed"),
        ("19800117 200501 1 004", "malformed"),
        ("19800117200501100x", "malformed"),
        ("１98001172005011004", "malformed"),
        ("198001172005011004\n", "malformed"),
        ("198013172005011004", "birth_date_impossible"),
        ("198002302005011004", "birth_date_impossible"),
        ("000001012005011004", "birth_date_impossible"),
        ("190002292005011004", "birth_date_impossible"),
    ],
)
def test_what_cannot_be_a_nip(nip: str, code: str) -> None:
    assert [(mistake.pointer, mistake.code) for mistake in nip_mistakes(nip)] == [("/nip", code)]


@pytest.mark.parametrize(
    ("nip", "codes"),
    [
        ("198001172005011004", []),
        ("198002292005012004", []),
        ("198001172005001004", ["nip_appointment_month"]),
        ("198001172023211004", ["nip_appointment_month"]),
        ("198001172005013004", ["nip_sex_digit"]),
        ("198001172005010004", ["nip_sex_digit"]),
        ("198001172005011000", ["nip_serial_zero"]),
        ("198001171979121004", ["nip_appointed_before_birth"]),
        ("198001171994121004", ["nip_appointed_young"]),
        ("198001171995011004", []),
        ("198001171994211004", ["nip_appointment_month", "nip_appointed_young"]),
        ("198001171979999000", ["nip_appointment_month", "nip_appointed_before_birth", "nip_sex_digit", "nip_serial_zero"]),
    ],
)
def test_what_is_odd_is_said_and_taken(nip: str, codes: list[str]) -> None:
    assert list(nip_mistakes(nip)) == []
    found = list(nip_warnings(nip))
    assert [advice.code for advice in found] == codes
    assert all(advice.id.endswith(".") and advice.en.endswith(".") for advice in found)
    assert nip not in str(found)


def test_only_the_last_three_digits_are_shown() -> None:
    assert masked("198001172005011004") == "***************004"
