"""Feeds before the parser of a real calendar program: ical.js, which Thunderbird reads with."""

import json
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from app.domain.calendar_feeds import Feed
from app.render.icalendar_feed import Kind, as_icalendar
from tests.contract.tools import HERE, MISSING, install
from tests.render.test_icalendar_feed import DUE, ENTRY, FEED
from tests.support.titles import NASTY_TITLES

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs node and npm, and there is no {' and no '.join(MISSING)} on this machine")


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    install()


def read(feed: Feed, kind: Kind) -> Any:
    done = subprocess.run(["node", "calendar.mjs"], cwd=HERE, input=as_icalendar(feed, kind), capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["events", "tasks"])
def test_it_reads_what_is_due_and_when_to_ring(kind: Kind) -> None:
    found = read(FEED, kind)
    (entry,) = found["entries"]

    assert found["refresh"] == "PT15M"
    assert (entry["kind"], entry["sequence"], entry["modified"]) == ("vevent" if kind == "events" else "vtodo", 12, "2027-01-06T01:15:27Z")
    assert (entry["start"], entry["due"]) == (("2027-01-12T08:00:00Z", None) if kind == "events" else (None, "2027-01-12T08:00:00Z"))
    related = "START" if kind == "events" else "END"
    assert entry["alarms"] == [{"seconds": -26.5 * 3600, "related": related}, {"seconds": 0, "related": related}]


@pytest.mark.parametrize("kind", ["events", "tasks"])
def test_every_title_comes_out_as_it_went_in(kind: Kind) -> None:
    """All in one file: what one of them breaks, the others show."""
    entries = tuple(replace(ENTRY, sequence=number, summary=title, description=title) for number, (title, _) in enumerate(NASTY_TITLES.values()))
    wanted = [shown for _, shown in NASTY_TITLES.values()]

    found = read(Feed("Alur: tenggat Kecamatan Samboja", "", entries), kind)
    assert [entry["sequence"] for entry in found["entries"]] == list(range(len(entries)))
    assert [entry["summary"] for entry in found["entries"]] == wanted
    assert [entry["description"] for entry in found["entries"]] == wanted


def test_what_is_suspended_and_what_is_empty_are_read_too() -> None:
    assert read(replace(FEED, entries=()), "tasks")["entries"] == []
    (entry,) = read(replace(FEED, entries=(replace(ENTRY, paused=True, due_soon_at=DUE),)), "events")["entries"]
    assert (entry["status"], entry["alarms"]) == ("TENTATIVE", [])
