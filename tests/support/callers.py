"""Every kind of caller of tests/support/authorization.py with a token, the things that its rows name, and how a row is asked for."""

import re
from datetime import date, timedelta
from typing import Any

import httpx
from sqlalchemy import update
from uuid_utils.compat import uuid7

from app.store import sessions
from app.store.sessions import SERVICE_ACCOUNT
from app.usecases.demo import DemoPerson
from tests.support.calendar_feeds import feed_names
from tests.support.calendar_rows import calendar_names
from tests.support.cells import CALLERS, MACHINES, OUT, Row
from tests.support.contract import check_answer, operations
from tests.support.machines import Machine, let_in, machine
from tests.support.office import KEY, MUARA_JAWA, SAMBOJA, Office, Run
from tests.support.people import KUTAI
from tests.support.restricted_records import KEEPER, record_names
from tests.support.tus import begun_upload
from tests.support.valid_requests import NATIONAL_ADMIN

EXTRA = (
    NATIONAL_ADMIN,
    DemoPerson("kukar", "Admin Kabupaten", ("admin",), KUTAI),
    KEEPER,
    DemoPerson("admin.muarajawa", "Admin Muara Jawa", ("admin",), MUARA_JAWA),
)
Names = dict[str, str]
_NAMED = re.compile(r"\{[a-z0-9_]+\}")


class Callers:
    """Clients by the callers' names, each from an address of its own: sign-in counts failures by address."""

    def __init__(self, office: Office, tokens: dict[str, str | None]) -> None:
        self.office = office
        self.tokens = tokens

    def client(self, who: str, token: str | None) -> httpx.AsyncClient:
        address = f"192.0.2.{CALLERS.index(who) + 1}"
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.office.app, client=(address, 1)), base_url="http://alur.example", headers=headers)

    async def another_token(self, who: str) -> str | None:
        """Of a session that nothing else uses."""
        if who in OUT.split():
            return self.tokens[who]
        if who in MACHINES.split():
            return await machine_token(self.office, who)
        return await self.office.token(who)


async def machine_token(office: Office, who: str) -> str:
    known = await machine(office, offices=[MUARA_JAWA if who == "machine.muarajawa" else SAMBOJA])
    if who == "machine.none":
        async with office.database.write() as connection:
            await connection.execute(update(SERVICE_ACCOUNT).where(SERVICE_ACCOUNT.c.account_id == known.id).values(scopes=[]))
    return await token_of(office, known)


async def token_of(office: Office, known: Machine) -> str:
    client = await let_in(office, known)
    await client.aclose()
    return client.headers["Authorization"].removeprefix("Bearer ")


async def all_callers(office: Office) -> Callers:
    for person in EXTRA:
        await office.enrol(person)
    await office.enrol(DemoPerson("nothing", "Pegawai Lama", ("pegawai",)), valid_to=date(2024, 12, 31))
    tokens: dict[str, str | None] = {"nobody": None}
    for who in set(CALLERS) - set(OUT.split()) - set(MACHINES.split()):
        tokens[who] = await office.token(who)
    for who in MACHINES.split():
        tokens[who] = await machine_token(office, who)
    tokens["ended"] = await office.token("camat")
    async with office.client(Authorization=f"Bearer {tokens['ended']}") as client:
        assert (await client.delete("/v1/auth/sessions/current")).status_code == 204
    office.clock.forward(minutes=-20)
    tokens["expired"] = await office.token("camat")
    office.clock.forward(minutes=20)
    return Callers(office, tokens)


async def things_at_samboja(office: Office) -> Names:
    """What the paths and bodies of the rows name: an instance at step 7 and one at step 4, each ready to be completed, and their documents."""
    rows = await calendar_names(office)
    last = await (await Run.start(office, year=2098, quarter=1)).until(7)
    await last.fill(7)
    fourth = await (await Run.start(office, year=2098, quarter=2)).until(4)
    await fourth.fill(4)
    listed = (await (await office.as_("staf")).get(f"/v1/instances/{last.id}/documents")).json()["items"]
    documents = {found["slot"]: found["id"] for found in listed}
    known, revoked = await machine(office), await machine(office)
    await office.enrol(DemoPerson("pensiunan", "Pensiunan", ("pegawai",)))
    admin = await office.as_("admin")
    held, over = [await assignment_of(office, username) for username in ("tim2", "pensiunan")]
    assert (await admin.post(f"/v1/service-accounts/{revoked.id}/revoke")).is_success
    assert (await admin.post(f"/v1/assignments/{over}/revoke", json={})).is_success
    assert (await admin.post(f"/v1/accounts/{office.accounts['pensiunan']}/close", json={})).is_success
    return {
        "instance_id": last.id,
        "at_step_4": fourth.id,
        "document_id": documents["laporan_final"],
        "signed_id": documents["laporan_ditandatangani"],
        "key": KEY,
        "version": "1",
        "service_account_id": str(known.id),
        "revoked_machine": str(revoked.id),
        "account_id": str(office.accounts["tim2"]),
        "closed_account": str(office.accounts["pensiunan"]),
        "assignment_id": held,
        "revoked_assignment": over,
        "office_code": SAMBOJA,
        **rows,
        **await feed_names(office),
        **await record_names(office, last.id),
        "upload_id": await begun_upload(office, last.id),
    }


async def assignment_of(office: Office, username: str, by: str = "admin") -> str:
    listed = await (await office.as_(by)).get("/v1/assignments", params={"account": str(office.accounts[username])})
    found: str = listed.json()["items"][0]["id"]
    return found


async def add_session(office: Office, username: str) -> str:
    session_id, now = uuid7(), office.clock()
    async with office.database.write() as connection:
        await sessions.add_session(
            connection, now, session_id, account_id=office.accounts[username], refresh_hash=None, expires_at=now + timedelta(days=1)
        )
    return str(session_id)


def filled(value: Any, names: Names) -> Any:
    """The value with every `{name}` in it said."""
    if isinstance(value, dict):
        return {key: filled(part, names) for key, part in value.items()}
    return value.format_map(names) if isinstance(value, str) and _NAMED.search(value) else value


async def ask(callers: Callers, row: Row, who: str, names: Names) -> httpx.Response:
    path, method, _ = operations()[row.operation]
    token = await callers.another_token(who) if row.anew else callers.tokens[who]
    names = names | {"caller": who, "session_id": names["instance_id"]}
    if "session_id" in row.path:
        mine = who if who in callers.office.accounts else "staf"
        names |= {"own_session": await add_session(callers.office, mine), "session_of_tim2": await add_session(callers.office, "tim2")}
    names = names | filled(dict(row.path), names)
    async with callers.client(who, token) as client:
        answer = await client.request(method, path.format_map(names), **filled(dict(row.send), names))
    check_answer(row.operation, answer)
    return answer
