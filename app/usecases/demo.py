"""The demo: Kecamatan Samboja and its neighbour, with invented people. Their names belong to nobody, and stay so."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts import NewAccount
from app.domain.assignments import Position
from app.domain.offices import NewOffice
from app.domain.people import EMPLOYEE
from app.outside.passwords import hash_password, verify_password
from app.store import accounts, sessions
from app.usecases.accounts import create_account
from app.usecases.assignments import give
from app.usecases.offices import found_office, seed_offices

SAMBOJA, MUARA_JAWA = "64.02.13", "64.02.14"

OFFICES = (
    NewOffice(code="64", name="Provinsi Kalimantan Timur", parent="ID", time_zone="Asia/Makassar"),
    NewOffice(code="64.02", name="Kabupaten Kutai Kartanegara", parent="64", time_zone="Asia/Makassar"),
    NewOffice(code=SAMBOJA, name="Kecamatan Samboja", parent="64.02", time_zone="Asia/Makassar"),
    NewOffice(code=MUARA_JAWA, name="Kecamatan Muara Jawa", parent="64.02", time_zone="Asia/Makassar"),
)

IN_OFFICE_SINCE = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    username: str
    name: str
    holds: tuple[str, ...]
    office: str = SAMBOJA


PEOPLE = (
    DemoPerson("camat", "Wiraja Tanumaheswara", ("camat", EMPLOYEE)),
    DemoPerson("sekretaris", "Sekarlintang Purnawarsa", ("sekretaris", EMPLOYEE)),
    DemoPerson("tim1", "Bimantara Laksonojati", (EMPLOYEE,)),
    DemoPerson("tim2", "Melatirini Kusumawijana", (EMPLOYEE,)),
    DemoPerson("tim3", "Gilangsaka Pranadipta", (EMPLOYEE,)),
    DemoPerson("staf", "Ningrumsari Adiwilaga", ("staf", EMPLOYEE)),
    DemoPerson("admin", "Dharmasena Katulistiwa", ("admin",)),
    DemoPerson("auditor", "Larasmaya Citrabuana", ("auditor",)),
    DemoPerson("camat.muarajawa", "Banyusegara Mahakarya", ("camat", EMPLOYEE), MUARA_JAWA),
)


async def create_demo(connection: AsyncConnection, now: datetime, password: str) -> None:
    """What is there stays; another password than last time replaces the old one and ends the sessions that it opened.

    An account of the same name that is not the demo's belongs to a real person: it keeps its password.

    Each account has its own salt, as it should: nine hashes take less than a second, and the server is not serving yet.
    """
    await seed_offices(connection, now)
    for office in OFFICES:
        await found_office(connection, now, office)
    for person in PEOPLE:
        await _ensure(connection, now, person, password=password)


async def _ensure(connection: AsyncConnection, now: datetime, person: DemoPerson, *, password: str) -> None:
    known = await accounts.find_account(connection, person.username)
    if known is None:
        account = NewAccount(person.username, person.name, person.office, await hash_password(password), is_demo=True)
        account_id = await create_account(connection, now, account)
        for name in person.holds:
            await give(connection, now, account_id, position=Position(person.office, name, IN_OFFICE_SINCE))
    elif known.is_demo and not await verify_password(known.password_hash, password):
        await accounts.set_password_hash(connection, known.id, await hash_password(password))
        await sessions.revoke_all_of(connection, now, known.id)
