"""What does not look as it must is explained in words that an officer understands, never as a regular expression."""

from typing import Any

import pytest

from tests.support.office import SAMBOJA, Office
from tests.web.test_frame_errors import problem

DAY_OFF = {"date": "2027-08-16", "kind": "local", "name": "Haul"}
CLOSED: dict[str, list[Any]] = {day: [] for day in ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}


SAID = {
    "id": (
        "Tidak boleh kosong.",
        "Harus berupa jam HH:MM, dari 00:00 sampai 23:59.",
        "Harus berupa tahun (2026) atau triwulan (2026-Q4).",
        "Paling banyak lima dari procedure, step, role, office, period, dipisahkan koma tanpa spasi.",
    ),
    "en": (
        "Must not be blank.",
        "Must be a time HH:MM, from 00:00 to 23:59.",
        "Must be a year (2026) or a quarter (2026-Q4).",
        "At most five of procedure, step, role, office, period, separated by commas without spaces.",
    ),
}


@pytest.mark.parametrize("language", SAID)
async def test_no_regular_expression_is_shown(office: Office, language: str) -> None:
    admin, speaks = await office.as_("admin"), {"Accept-Language": language}
    calendar, (blank, time, period, group_by) = f"/v1/calendars/{SAMBOJA}", SAID[language]
    schedule = {"valid_from": "2027-06-01", "week": CLOSED | {"monday": [{"from": "08:00", "to": "24:00"}]}}
    said = [
        (await admin.post(f"{calendar}/days-off", json=DAY_OFF | {"name": " "}, headers=speaks), "/name", blank),
        (await admin.post(f"{calendar}/schedules", json=schedule, headers=speaks), "/week/monday/0/to", time),
        (await admin.get("/v1/reports/timeliness?period=2026-Q5", headers=speaks), "?period", period),
        (await admin.get("/v1/instances?period=Q4", headers=speaks), "?period", period),
        (await admin.get("/v1/reports/timeliness?group_by=jabatan", headers=speaks), "?group_by", group_by),
    ]
    for answer, pointer, message in said:
        assert problem(answer, 422, "invalid_request")["errors"] == [{"pointer": pointer, "code": "pattern_mismatch", "message": message}]
