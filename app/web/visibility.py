"""Does what a path names exist for this caller? Asked only when a request is malformed, so that 404 comes before 422."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from app.domain.calendars.changes import RowName
from app.domain.calendars.kinds import RowField
from app.domain.people import Actor
from app.domain.restricted_records import may_read
from app.store import directory
from app.store.calendars import load_inherited
from app.store.database import Database
from app.store.documents import has_version, office_of_document
from app.store.instances import office_of_instance
from app.store.procedures import known_keys, version
from app.store.restricted_records import office_of_record
from app.store.resumable_uploads import find_upload
from app.store.service_accounts import service_account_of
from app.usecases import service_accounts
from app.web.judgement import Visible


async def instance_is_visible(database: Database, actor: Actor, path: Mapping[str, Any]) -> bool:
    async with database.read() as connection:
        office = await office_of_instance(connection, path["instance_id"])
    return office is not None and actor.sees(office)


async def document_is_visible(database: Database, actor: Actor, path: Mapping[str, Any]) -> bool:
    async with database.read() as connection:
        office = await office_of_document(connection, path["document_id"])
    return office is not None and actor.sees(office)


async def upload_is_visible(database: Database, actor: Actor, path: Mapping[str, Any]) -> bool:
    async with database.read() as connection:
        found = await find_upload(connection, path["upload_id"])
    return found is not None and found.account_id == actor.account_id


async def restricted_record_is_visible(database: Database, actor: Actor, path: Mapping[str, Any]) -> bool:
    async with database.read() as connection:
        office = await office_of_record(connection, path["record_id"])
    return office is not None and may_read(actor, office)


async def procedure_is_visible(database: Database, _: Actor, path: Mapping[str, Any]) -> bool:
    """Procedures are for everyone who is signed in."""
    async with database.read() as connection:
        return bool(await known_keys(connection, frozenset({path["key"]})))


async def version_is_there(database: Database, _: Actor, path: Mapping[str, Any]) -> bool:
    """Of the document or procedure that the path names before it, which is visible then."""
    async with database.read() as connection:
        if "document_id" in path:
            return await has_version(connection, path["document_id"], path["version"])
        return await version(connection, path["key"], path["version"]) is not None


async def service_account_is_visible(database: Database, actor: Actor, path: Mapping[str, Any]) -> bool:
    async with database.read() as connection:
        found = await service_account_of(connection, path["service_account_id"])
    return found is not None and service_accounts.sees(actor, found)


async def office_is_visible(_: Database, actor: Actor, path: Mapping[str, Any]) -> bool:
    return actor.sees(path["office_code"])


async def calendar_row_is_there(database: Database, _: Actor, path: Mapping[str, Any], *, field: RowField, name: str) -> bool:
    """In the calendar of the office that the path names before it, which is visible then: its own, or inherited."""
    async with database.read() as connection:
        inherited = await load_inherited(connection, path["office_code"])
    row = RowName(field, path[name])
    return any(row.among(standing.layer) is not None for _, standing in inherited.above)


async def account_is_visible(database: Database, actor: Actor, path: Mapping[str, Any], *, demo: bool) -> bool:
    account_id = path["account_id"]
    async with database.read() as connection:
        person = await directory.person_of(connection, account_id, demo=demo)
        held = (await directory.positions_of(connection, [account_id]))[account_id]
    return person is not None and (account_id == actor.account_id or any(actor.sees(office) for office in (person.office, *(a.office for a in held))))


async def assignment_is_visible(database: Database, actor: Actor, path: Mapping[str, Any], *, demo: bool) -> bool:
    async with database.read() as connection:
        line = await directory.line_of(connection, path["assignment_id"], demo=demo)
    return line is not None and (line.account_id == actor.account_id or actor.sees(line.office))


def visibility(*, demo: bool) -> Mapping[str, Visible]:
    """By path parameter. `demo`: whether people of the demo exist."""
    return {
        "instance_id": instance_is_visible,
        "document_id": document_is_visible,
        "upload_id": upload_is_visible,
        "record_id": restricted_record_is_visible,
        "key": procedure_is_visible,
        "version": version_is_there,
        "office_code": office_is_visible,
        "day_off_id": partial(calendar_row_is_there, field="days_off", name="day_off_id"),
        "season_id": partial(calendar_row_is_there, field="seasons", name="season_id"),
        "schedule_id": partial(calendar_row_is_there, field="schedules", name="schedule_id"),
        "account_id": partial(account_is_visible, demo=demo),
        "assignment_id": partial(assignment_is_visible, demo=demo),
        "service_account_id": service_account_is_visible,
    }
