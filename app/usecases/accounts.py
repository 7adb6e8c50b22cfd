"""Accounts. Each change is recorded in the stream of the account's office, before anything else is written (see `usecases.offices`).

The functions on top do it; those below judge first whether this caller may, and answer.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.accounts import NewAccount, account_mistakes
from app.domain.administration import account_refusals, office_refusals, reach_refusals
from app.domain.events import NewEvent, text_hash
from app.domain.external import subject_hash
from app.domain.names import name_mistakes
from app.domain.nip import nip_mistakes
from app.domain.people import Actor
from app.domain.problems import FieldError, Invalid, NotVisible
from app.domain.refusals import Refusal
from app.domain.retries import StoredAnswer
from app.store import accounts as store
from app.store.directory import Person
from app.store.errors import Collision
from app.store.events import append_office_events
from app.store.offices import find_office
from app.usecases.acts import Act, refuse
from app.usecases.administering import as_admin, once
from app.usecases.credentials import end_access, remove_second_factor
from app.usecases.directory import Found, PersonView, find_visible, view_person
from app.usecases.entries import ActorData, check, unknown_office

Show = Callable[[PersonView], StoredAnswer]


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What an administrator changes: the fields in `given`, and no other. A NIP may be taken away (None)."""

    given: frozenset[str]
    name: str = ""
    nip: str | None = None
    office: str = ""

    def differences(self, person: Person) -> dict[str, Any]:
        wanted = {"name": self.name, "nip": self.nip, "office": self.office}
        return {field: wanted[field] for field in sorted(self.given) if wanted[field] != getattr(person, field)}


async def create_account(connection: AsyncConnection, now: datetime, account: NewAccount, *, actor: ActorData = None) -> UUID:
    """Raises Invalid, and Collision where the name or the NIP was taken between the two looks."""
    check(account_mistakes(account))
    if await find_office(connection, account.office, now) is None:
        raise unknown_office(account.office)
    known = await store.find_account(connection, account.username)
    if known is not None:
        raise _username_of_the_demo(known.username) if known.is_demo else _username_taken(known.username)
    if account.nip is not None and await store.holder_of_nip(connection, account.nip) is not None:
        raise _nip_taken()
    account_id = uuid7()
    event = NewEvent("account.created", {"account_id": str(account_id), **recorded(account)})
    await append_office_events(connection, account.office, now, actor=actor, events=[event])
    if not await store.add_account(connection, now, account_id, account=account):
        raise Collision("account")
    return account_id


async def close(
    connection: AsyncConnection, now: datetime, account: store.Account | Person, *, reason: str | None = None, actor: ActorData = None
) -> None:
    """Its sessions and calendar feeds end; what it holds stays and gives nothing. Raises Refused, Collision."""
    refuse(_closed(account))
    event = NewEvent("account.closed", {"account_id": str(account.id), "reason_sha256": text_hash(reason)})
    await append_office_events(connection, account.office, now, actor=actor, events=[event])
    changed = {"active": False, "closed_at": now, "tokens_not_before": now, **store.NO_RESET}
    await store.change_account(connection, account.id, version=account.version, **changed)
    await end_access(connection, now, account.id)


async def reopen(connection: AsyncConnection, now: datetime, account: store.Account | Person, *, actor: ActorData = None) -> None:
    """What it holds gives its authority again. Raises Refused, Collision."""
    refuse(_open(account))
    event = NewEvent("account.reopened", {"account_id": str(account.id)})
    await append_office_events(connection, account.office, now, actor=actor, events=[event])
    await store.change_account(connection, account.id, version=account.version, active=True, closed_at=None)


async def change(connection: AsyncConnection, now: datetime, person: Person, *, wanted: AccountChange, actor: ActorData = None) -> None:
    """Where nothing differs, nothing happens. A move is told in the streams of both offices, and voids a one-time secret that is outstanding:

    it came from those who administered the account before. Raises Invalid, Collision.
    """
    differs = wanted.differences(person)
    if not differs:
        return
    nip = differs.get("nip")
    if nip is not None and await store.holder_of_nip(connection, nip) not in {None, person.id}:
        raise _nip_taken()
    told = {"account_id": str(person.id), "changed": list(differs), **_told(person, differs)}
    for office in sorted({person.office, differs.get("office", person.office)}):
        await append_office_events(connection, office, now, actor=actor, events=[NewEvent("account.changed", told)])
    columns = {"office_code" if field == "office" else field: value for field, value in differs.items()}
    voided = store.NO_RESET if "office" in differs else {}
    await store.change_account(connection, person.id, version=person.version, **columns, **voided)


def recorded(account: NewAccount) -> dict[str, Any]:
    """As the event keeps it: of a name only its hash, of an issuer's subject too, of the NIP nothing."""
    told = {"username": account.username, "name_sha256": text_hash(account.name), "kind": account.kind, "is_demo": account.is_demo}
    return told if account.issuer is None else told | {"issuer": account.issuer, "subject_sha256": subject_hash(account.subject)}


def _told(person: Person, differs: dict[str, Any]) -> dict[str, Any]:
    """What has changed, as the event keeps it; the whole record for an office that has not heard of the account before."""
    name = {"name_sha256": text_hash(differs.get("name", person.name))}
    if "office" not in differs:
        return name if "name" in differs else {}
    return name | {"office": differs["office"], "username": person.username, "kind": "person", "active": person.active, "issuer": person.issuer}


# ── by an administrator, over HTTP ──────────────────────────────────────────────────────────────────────────────────


async def enter_account(act: Act, account: NewAccount, *, demo: bool, show: Show) -> StoredAnswer:
    """Without a password: nobody gets in with it until one is set. Raises NotVisible, Invalid, Refused."""
    if not act.actor.sees(account.office):
        raise NotVisible("/office")

    async def work() -> StoredAnswer:
        check(account_mistakes(account))
        refuse(office_refusals(act.actor, account.office))
        await _check_nip(act, account.nip, demo=demo)
        account_id = await create_account(act.connection, act.now, account, actor=as_admin(act.actor, account.office))
        return show(await view_person(act.connection, act.actor, account_id, now=act.now, demo=demo))

    return await once(act, work)


async def amend_account(act: Act, account_id: UUID, wanted: AccountChange, *, demo: bool, show: Show) -> StoredAnswer:
    """Raises NotVisible, Stale, PreconditionRequired, Invalid, Refused."""
    found = await find_visible(act.connection, act.actor, account_id, now=act.now, demo=demo)
    if "office" in wanted.given and not act.actor.sees(wanted.office):
        raise NotVisible("/office")
    act.expected.check(found.person.version)
    check(_mistakes(wanted))
    concerned = found.administered
    if "office" in wanted.given:
        concerned = replace(concerned, held_at=concerned.held_at | {wanted.office})
    refuse(account_refusals(act.actor, concerned))
    await _check_nip(act, wanted.differences(found.person).get("nip"), but=account_id, demo=demo)
    await change(act.connection, act.now, found.person, wanted=wanted, actor=as_admin(act.actor, found.person.office))
    return show(await view_person(act.connection, act.actor, account_id, now=act.now, demo=demo))


async def close_account(act: Act, account_id: UUID, *, reason: str | None, demo: bool, show: Show) -> StoredAnswer:
    """Raises NotVisible, Stale, Refused."""

    async def work(found: Found) -> None:
        await close(act.connection, act.now, found.person, reason=reason, actor=as_admin(act.actor, found.person.office))

    return await _act_on(act, account_id, work, against=_closed, demo=demo, show=show)


async def reopen_account(act: Act, account_id: UUID, *, demo: bool, show: Show) -> StoredAnswer:
    """Raises NotVisible, Stale, Refused."""

    async def work(found: Found) -> None:
        await reopen(act.connection, act.now, found.person, actor=as_admin(act.actor, found.person.office))

    return await _act_on(act, account_id, work, against=_open, demo=demo, show=show)


async def remove_factor(act: Act, account_id: UUID, *, demo: bool, show: Show) -> StoredAnswer:
    """Its sessions end. Where there is none, none is removed. Raises NotVisible, Stale, Refused."""

    async def work(found: Found) -> None:
        await remove_second_factor(act.connection, act.now, account_id, actor=as_admin(act.actor, found.person.office))

    return await _act_on(act, account_id, work, against=_reset_refusals, demo=demo, show=show)


async def to_administer(connection: AsyncConnection, actor: Actor, account_id: UUID, *, now: datetime, demo: bool) -> Found:
    """The account, where this caller administers it. Raises NotVisible, Refused."""
    found = await find_visible(connection, actor, account_id, now=now, demo=demo)
    refuse(account_refusals(actor, found.administered))
    return found


async def to_reset(connection: AsyncConnection, actor: Actor, account_id: UUID, *, now: datetime, demo: bool) -> Found:
    """One that signs in here with a password. Raises NotVisible, Refused."""
    found = await find_visible(connection, actor, account_id, now=now, demo=demo)
    refuse([*account_refusals(actor, found.administered), *_reset_refusals(found.person)])
    return found


async def nip_of(connection: AsyncConnection, actor: Actor, account_id: UUID, *, now: datetime, demo: bool) -> str | None:
    """For its owner, and for who administers the account. Raises NotVisible, Refused."""
    found = await find_visible(connection, actor, account_id, now=now, demo=demo)
    if actor.account_id != account_id:
        refuse(reach_refusals(actor, found.administered))
    return found.person.nip


async def _check_nip(act: Act, nip: str | None, *, but: UUID | None = None, demo: bool) -> None:
    """That somebody has it is said of people in sight alone: else whoever administers one office asks for everybody's. Raises Invalid."""
    holder = None if nip is None else await store.holder_of_nip(act.connection, nip)
    if holder is None or holder == but:
        return
    try:
        await find_visible(act.connection, act.actor, holder, now=act.now, demo=demo)
    except NotVisible:
        raise _nip_refused() from None
    raise _nip_taken()


async def _act_on(
    act: Act,
    account_id: UUID,
    work: Callable[[Found], Awaitable[None]],
    *,
    against: Callable[[Person], Iterable[Refusal]],
    demo: bool,
    show: Show,
) -> StoredAnswer:
    """`against`: what the account's own state says against it."""
    found = await find_visible(act.connection, act.actor, account_id, now=act.now, demo=demo)

    async def judged() -> StoredAnswer:
        act.expected.check(found.person.version)
        refuse([*account_refusals(act.actor, found.administered), *against(found.person)])
        await work(found)
        return show(await view_person(act.connection, act.actor, account_id, now=act.now, demo=demo))

    return await once(act, judged)


def _closed(account: store.Account | Person) -> list[Refusal]:
    return [] if account.active else [Refusal("account_closed")]


def _open(account: store.Account | Person) -> list[Refusal]:
    return [Refusal("account_open")] if account.active else []


def _reset_refusals(person: Person) -> list[Refusal]:
    return [*_closed(person), *([] if person.issuer is None else [Refusal("account_of_issuer")])]


def _mistakes(wanted: AccountChange) -> Iterator[FieldError]:
    if "name" in wanted.given:
        yield from name_mistakes(wanted.name)
    if wanted.nip is not None:
        yield from nip_mistakes(wanted.nip)


def _nip_taken() -> Invalid:
    return Invalid(FieldError("/nip", "nip_taken", "NIP ini sudah dimiliki akun lain.", "Another account has this NIP."))


def _nip_refused() -> Invalid:
    return Invalid(
        FieldError(
            "/nip",
            "nip_refused",
            "NIP ini tidak dapat dipakai; hubungi admin kabupaten atau pusat.",
            "This NIP cannot be used; ask an administrator of the regency or the nation.",
        )
    )


def _username_taken(username: str) -> Invalid:
    return Invalid(FieldError("/username", "username_taken", f"Akun {username} sudah ada.", f"The account {username} exists already."))


def _username_of_the_demo(username: str) -> Invalid:
    """It stays in a database that once served the demo, out of sight. What it did there is in the log, so it cannot be given away."""
    return Invalid(
        FieldError(
            "/username",
            "username_of_demo",
            f"Nama {username} dipakai akun demo di basis data ini. Mulailah dengan basis data baru (ALUR_DATA_DIR, ALUR_DATABASE_URL).",
            f"A demo account of this database holds the name {username}. Begin with a database of its own (ALUR_DATA_DIR, ALUR_DATABASE_URL).",
        )
    )
