"""What a calendar program is told of deadlines: words, identities that stay, numbers that rise, and an end to the list."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.calendar_feeds import MOST_ENTRIES, About, Due, Entry, entry_of, of_office, personal
from app.domain.procedure_checks import parse
from tests.support.drafts import SHIPPED

PROCEDURE = parse(SHIPPED)
STARTED = datetime(2027, 1, 4, 0, 0, tzinfo=UTC)
ABOUT = About(UUID(int=7), "Pengumpulan Data Kinerja Triwulan IV 2026", "Kecamatan Samboja", 12, STARTED + timedelta(hours=1))
DUE = Due(step=3, round=1, since=STARTED, due_soon_at=STARTED + timedelta(days=3), due_at=STARTED + timedelta(days=5))


def entry(about: About = ABOUT, **changed: object) -> Entry:
    return entry_of(about, replace(DUE, **changed), PROCEDURE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "summary"),
    [
        ({}, "Tenggat langkah 3: {activity} ({title})"),
        ({"role": "tim_penyusun"}, "Tenggat langkah 3: {activity} ({title})"),
        ({"paused": True}, "Ditangguhkan: tenggat langkah 3: {activity} ({title})"),
        ({"kind": "initial", "role": "sekretaris", "slot": "laporan_final"}, "Tenggat langkah 3: paraf {slot} ({title})"),
        ({"kind": "signature", "role": "camat", "slot": "laporan_final"}, "Tenggat langkah 3: tanda tangan {slot} ({title})"),
    ],
)
def test_the_summary_says_what_is_due_of_which_instance(changed: dict[str, object], summary: str) -> None:
    said = {"activity": PROCEDURE.step(3).activity.label, "title": ABOUT.title, "slot": PROCEDURE.slots["laporan_final"].label}

    assert entry(**changed).summary == summary.format(**said)


def test_the_description_says_where_by_whom_and_how_long_it_may_take() -> None:
    step = PROCEDURE.step(4)
    performers = [PROCEDURE.roles[role].label for role in step.performers]

    assert len(performers) == 2
    assert entry(step=4, round=2).description.splitlines() == [
        ABOUT.title,
        "Kantor: Kecamatan Samboja",
        f"Prosedur: {PROCEDURE.title}",
        f"Langkah 4: {step.activity.label}",
        f"Pelaksana: {', '.join(performers)}",
        f"Waktu menurut SOP: {step.duration_text}",
        "Putaran: 2",
    ]
    assert f"Pelaksana: {performers[0]}" in entry(step=4, role=step.performers[0]).description.splitlines()


def test_the_same_thing_keeps_its_identity_whatever_moves() -> None:
    moved = entry(replace(ABOUT, version=13, title="Judul lain"), due_at=DUE.due_at + timedelta(days=1), paused=True)

    assert (moved.uid, moved.sequence) == (entry().uid, 13)


def test_each_round_role_and_mark_has_an_identity_of_its_own() -> None:
    marks = [{"kind": kind, "role": "camat", "slot": "laporan_final"} for kind in ("initial", "signature")]
    parts = [{}, {"round": 2}, {"step": 4}, {"role": "camat"}, {"role": "sekretaris"}, *marks]

    assert len({entry(**part).uid for part in parts} | {entry(replace(ABOUT, instance_id=UUID(int=8))).uid}) == len(parts) + 1


def test_it_was_changed_when_something_last_happened_and_not_before_it_was_there() -> None:
    assert entry().changed_at == ABOUT.changed_at
    assert entry(since=ABOUT.changed_at + timedelta(minutes=1)).changed_at == ABOUT.changed_at + timedelta(minutes=1)


@pytest.mark.parametrize(("count", "shown", "is_cut"), [(0, 0, False), (MOST_ENTRIES, MOST_ENTRIES, False), (MOST_ENTRIES + 1, MOST_ENTRIES, True)])
def test_a_feed_that_is_cut_says_so(count: int, shown: int, is_cut: bool) -> None:
    entries = tuple(entry(round=number + 1) for number in range(count))

    for feed in (personal(entries), of_office("Kecamatan Samboja", entries)):
        assert feed.entries == entries[:shown]
        assert ("1000 tenggat terdekat" in feed.description) is is_cut
