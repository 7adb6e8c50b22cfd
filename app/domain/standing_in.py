"""What is odd about a position that is given: said beside the answer, and given all the same.

Plt (the post is vacant): three months, and one extension of three (SE BKN 1/2021). Plh (the holder is away for a while, UU 30/2014): no rule
names a limit; ours is three months, the longest leave after which a holder is still expected back (PP 11/2017, long and maternity leave).
Months are calendar months by date: three months from 15 January end with 14 April.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import MAXYEAR, date, timedelta
from uuid import UUID

from app.domain.advice import Advice
from app.domain.assignments import Held, Position
from app.domain.authority import Assignment
from app.domain.people import CAPACITY_PREFIX
from app.domain.permissions import ADMIN, AUDITOR, PERMISSIONS
from app.domain.roles import RoleInForce

PLT_MONTHS, PLT_EXTENDED_MONTHS, PLH_MONTHS = 3, 6, 3

WITHOUT_END = Advice(
    "acting_without_end",
    "Plt. atau Plh. ini tidak memiliki hari terakhir; isi valid_to agar berakhir dengan sendirinya.",
    "This Plt. or Plh. has no last day; set valid_to and it ends by itself.",
)
PLT_LONG = Advice(
    "plt_over_three_months",
    "Plt. ini melewati tiga bulan: perlu perpanjangan, satu kali (SE BKN 1/2021).",
    "This Plt. exceeds three months: it needs an extension, of which there is one (SE BKN 1/2021).",
)
PLT_TOO_LONG = Advice(
    "plt_over_six_months",
    "Plt. ini melewati enam bulan, termasuk perpanjangannya (SE BKN 1/2021).",
    "This Plt. exceeds six months, its extension included (SE BKN 1/2021).",
)
PLH_LONG = Advice(
    "plh_over_three_months",
    "Plh. ini melewati tiga bulan; untuk jabatan yang lowong ditunjuk Plt.",
    "This Plh. exceeds three months; for a vacant post a Plt. is appointed.",
)
NO_INSTRUMENT = Advice(
    "instrument_missing",
    "Plt., Plh., atau Pj. ini tanpa surat perintah; lengkapi nomor dan tanggalnya.",
    "This Plt., Plh. or Pj. has no letter of appointment; add its number and date.",
)
UNKNOWN_ROLE = Advice(
    "unknown_role",
    "Tidak ada prosedur terbit yang menyebut peran ini; periksa ejaannya.",
    "No published procedure names this role; check its spelling.",
)
HOLDER_IS_ADMIN = Advice(
    "holder_is_admin",
    "Orang ini juga memegang admin atau auditor atas kantor ini; izin itu tidak mengerjakan apa pun, sebaiknya akunnya terpisah.",
    "This person also holds admin or auditor over this office; the permission performs nothing, and separate accounts are wiser.",
)


def warnings(position: Position, held: Iterable[Assignment], roles: Mapping[str, RoleInForce]) -> Iterator[Advice]:
    """`held` is all that the person ever held and will hold, this position included."""
    known = tuple(held)
    if position.role not in roles and position.role not in PERMISSIONS:
        yield UNKNOWN_ROLE
    if position.capacity != "definitive" and position.instrument_number is None and position.instrument_date is None:
        yield NO_INSTRUMENT
    yield from _too_long(position, known)
    if _administers_too(position, known):
        yield HOLDER_IS_ADMIN


def also_held(position: Position, account_id: UUID, *, role: RoleInForce | None, held: Iterable[Held]) -> Iterator[Advice]:
    """Two who stand in for one post on the same day. Beside its definitive holder one may: that is what a Plh is for."""
    if role is None or not role.single_holder or position.capacity == "definitive":
        return
    for other in held:
        theirs = other.position
        if other.account_id != account_id and theirs.capacity != "definitive" and theirs.meets(position):
            who = f"{CAPACITY_PREFIX[theirs.capacity]}{role.label} ({theirs.valid_from}..{theirs.valid_to or ''})"
            yield Advice(
                "also_held",
                f"Pada hari yang sama ada {who}: {other.name}; periksa tanggalnya.",
                f"On the same days there is a {who}: {other.name}; check the dates.",
            )


def _too_long(position: Position, held: Iterable[Assignment]) -> Iterator[Advice]:
    if position.capacity not in {"plt", "plh"}:
        return
    if position.valid_to is None:
        yield WITHOUT_END
        return
    first, last = together(position, held)
    if position.capacity == "plh":
        if last > last_day(first, PLH_MONTHS):
            yield PLH_LONG
    elif last > last_day(first, PLT_EXTENDED_MONTHS):
        yield PLT_TOO_LONG
    elif last > last_day(first, PLT_MONTHS):
        yield PLT_LONG


def together(position: Position, held: Iterable[Assignment]) -> tuple[date, date]:
    """First and last day of this position and those of the same person, role, office and capacity that go before or after it without a gap."""
    like = (position.office, position.role, position.capacity)
    spans = [(a.valid_from, a.valid_to or date.max) for a in held if (a.office, a.role, a.capacity) == like]
    first, last = position.valid_from, position.valid_to or date.max
    for since, until in sorted(spans, reverse=True):
        first = min(first, since) if since <= last and (first - until).days <= 1 else first
    for since, until in sorted(spans):
        last = max(last, until) if first <= until and (since - last).days <= 1 else last
    return first, last


def last_day(first: date, months: int) -> date:
    """The last of so many months that begin with `first`; with the month's own end where it has no such day."""
    years, month = divmod(first.month - 1 + months, 12)
    year = first.year + years
    if year > MAXYEAR:
        return date.max
    days = monthrange(year, month + 1)[1]
    if first.day > days:
        return date(year, month + 1, days)
    return date(year, month + 1, first.day) - timedelta(days=1)


def _administers_too(position: Position, held: Iterable[Assignment]) -> bool:
    """Whether this position and another of the same days make a pair: administering, and performing, at one office."""
    meanwhile = [a for a in held if a.valid_from <= (position.valid_to or date.max) and position.valid_from <= (a.valid_to or date.max)]
    watching = [a for a in meanwhile if a.role in {ADMIN, AUDITOR}]
    if position.role in {ADMIN, AUDITOR}:
        reach: frozenset[str] = frozenset().union(*(a.covers for a in watching if a.claim == position.claim))
        return any(a.role not in PERMISSIONS and a.office in reach for a in meanwhile)
    return position.role not in PERMISSIONS and any(position.office in a.covers for a in watching)
