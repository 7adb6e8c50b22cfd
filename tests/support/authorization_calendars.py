"""Who may call the operations of calendars: rows of tests/support/authorization.py. Every change is asked for as a dry run."""

from tests.support.calendar_rows import CLOSURE, IMPORT, SCHEDULE, SEASON
from tests.support.cells import administered, here

DRY = {"dry_run": "true"}
ANY_VERSION = {"If-Match": "*"}
CSV = {"content": b"date;kind;name\n2099-01-06;local;Banjir\n", "headers": {"Content-Type": "text/csv"}}
YEAR = {"days": [{"date": "2098-12-25", "kind": "public", "name": "Natal"}]}

CALENDARS = (
    here("getCalendar"),
    here("listCalendarDays"),
    here("listDaysOff"),
    here("listSeasons"),
    here("listSchedules"),
    here("listReportDates"),
    administered("createDayOff", 200, params=DRY, json=CLOSURE | {"date": "2099-01-06"}),
    administered("changeDayOff", 200, params=DRY, json={"name": "Banjir"}, headers=ANY_VERSION),
    administered("removeDayOff", 200, params=DRY, headers=ANY_VERSION),
    administered("createSeason", 200, params=DRY, json=SEASON | {"name": "banjir"}),
    administered("changeSeason", 200, params=DRY, json={"provisional": False}, headers=ANY_VERSION),
    administered("removeSeason", 200, params=DRY, headers=ANY_VERSION),
    administered("createSchedule", 200, params=DRY, json=SCHEDULE | {"valid_from": "2099-06-01"}),
    administered("changeSchedule", 200, params=DRY, json={"valid_to": None}, headers=ANY_VERSION),
    administered("removeSchedule", 200, params=DRY, headers=ANY_VERSION),
    administered("putReportDate", 200, params=DRY, json={"due_on": "2099-02-12"}, headers=ANY_VERSION),
    administered("removeReportDate", 200, params=DRY, headers=ANY_VERSION),
    administered("putCalendarYear", 200, params=DRY, json=YEAR, headers=ANY_VERSION),
    administered("importCalendar", 200, params=DRY, json=IMPORT),
    administered("importCalendarCsv", 200, params=DRY, **CSV),
)
