"""The timeliness report before one caller: their offices, the days in each one's zone, and the groups that come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.people import Actor
from app.domain.problems import FieldError, Invalid
from app.domain.procedures import Procedure
from app.domain.timeliness import Dimension, Finished, Line, StillOpen, days_asked, lines, span
from app.store import timeliness as store
from app.store.timeliness import Place, Span, Wanted
from app.usecases.acts import Shelf
from app.usecases.views import visible_offices

MOST_GROUPS = 2_000
MOST_KINDS = 30_000
"""What is alike is counted by the database; so many different ones are carried here at most."""
LONGEST = timedelta(days=3_653)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for; None leaves a filter out. `below`: also the offices below `office`. Days, both inside, in each office's own zone."""

    group_by: tuple[Dimension, ...]
    office: str | None = None
    below: bool = False
    procedure: str | None = None
    since: date | None = None
    until: date | None = None
    period: str | None = None
    step: int | None = None
    role: str | None = None

    @property
    def of_parts(self) -> bool:
        """Whoever asks about roles asks what each of them did, not how long the step took that they share."""
        return self.role is not None or "role" in self.group_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`places` and `procedures` are those that the lines speak of, by code and by key and version."""

    question: Question
    since: date
    until: date
    judged_at: datetime
    lines: tuple[Line, ...]
    places: Mapping[str, Place]
    procedures: Mapping[tuple[str, int], Procedure]


async def report(connection: AsyncConnection, shelf: Shelf, actor: Actor, *, question: Question, now: datetime) -> Report:
    """Raises NotVisible, Invalid."""
    codes = actor.visible_offices() if question.below and question.office is not None else visible_offices(actor, question.office)
    below = visible_offices(actor, question.office)[0] if question.below and question.office is not None else None
    places = await store.places(connection, codes, now, below=below)
    zone = ZoneInfo(places[0].time_zone) if places else UTC
    since, until = days_asked(question.since, question.until, now.astimezone(zone).date())
    _check_days(since, until)
    wanted = _wanted(question, _spans(places, since, until))
    finished = await store.finished(connection, wanted) if places else []
    still_open = await store.still_open(connection, wanted, now) if places else []
    found = await to_thread.run_sync(_lines, question, finished, still_open)
    keys = {(key, version) for line in found for key, version, _ in line.works}
    return Report(
        question=question,
        since=since,
        until=until,
        judged_at=now.astimezone(zone),
        lines=found,
        places={place.code: place for place in places},
        procedures={key: await shelf.procedures.get(connection, *key) for key in sorted(keys)},
    )


def _spans(places: Sequence[Place], since: date, until: date) -> dict[Span, list[str]]:
    """The same days are other moments in other zones."""
    found: dict[Span, list[str]] = {}
    for place in places:
        found.setdefault(span(since, until, ZoneInfo(place.time_zone)), []).append(place.code)
    return found


def _wanted(question: Question, spans: Mapping[Span, Sequence[str]]) -> Wanted:
    return Wanted(
        spans=spans,
        parts=question.of_parts,
        most=MOST_KINDS,
        apart=question.group_by,
        procedure=question.procedure,
        period=question.period,
        step=question.step,
        role=question.role,
    )


def _lines(question: Question, finished: Sequence[Finished], still_open: Sequence[StillOpen]) -> tuple[Line, ...]:
    """Raises Invalid where there are more than one answer holds: a share of a group would be a wrong number, so there are no pages."""
    found = lines(question.group_by, finished, still_open) if max(len(finished), len(still_open)) <= MOST_KINDS else ()
    if len(found) > MOST_GROUPS or max(len(finished), len(still_open)) > MOST_KINDS:
        raise Invalid(
            FieldError(
                "?group_by",
                "too_many_groups",
                f"Terlalu banyak baris (paling banyak {MOST_GROUPS}); persempit kantor atau tanggal, atau kelompokkan lebih kasar.",
                f"Too many rows ({MOST_GROUPS} at most); narrow the offices or the days, or group by less.",
            )
        )
    return found


def _check_days(since: date, until: date) -> None:
    """Raises Invalid."""
    if until < since:
        raise Invalid(FieldError("?to", "before_from", "Hari terakhir sebelum hari pertama.", "The last day is before the first."))
    if until - since > LONGEST:
        raise Invalid(FieldError("?to", "too_long", "Paling lama sepuluh tahun.", "Ten years at most."))
