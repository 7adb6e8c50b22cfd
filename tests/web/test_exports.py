"""What every table that people download has in common."""

import pytest

from app.domain.durations import Unit
from app.web.exports import duration_as_text


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1, "hour", ("1 jam", "1 hour")),
        (30, "minute", ("30 menit", "30 minutes")),
        (1, "working_day", ("1 hari kerja", "1 working day")),
        (5, "calendar_day", ("5 hari kalender", "5 calendar days")),
    ],
)
def test_an_allowance_is_said_as_people_say_it(value: int, unit: Unit, words: tuple[str, str]) -> None:
    assert tuple(duration_as_text(value, unit, word) for word in (0, 1)) == words
