"""An id of another office is of nothing, wherever it stands: in a path, in a body, in a filter, in a cursor."""

from typing import Any, NamedTuple

import httpx
import pytest

from app.usecases.demo import DemoPerson
from tests.support.authorization import ROWS
from tests.support.calendar_rows import calendar_names, calendar_of
from tests.support.callers import Callers, Names, add_session, all_callers, ask, assignment_of, things_at_samboja
from tests.support.cells import Row
from tests.support.contract import check_answer, operations
from tests.support.document import SCHEMAS, parts, reached
from tests.support.machines import machine
from tests.support.office import KEY, MUARA_JAWA, SAMBOJA, Office
from tests.support.restricted_records import record_names
from tests.support.shared_office import nothing_saved
from tests.web.test_frame_errors import problem

OF_A_CALENDAR = {"day_off_id", "season_id", "schedule_id"}
OF_AN_OFFICE = OF_A_CALENDAR | {"record_id"} | {"instance_id", "document_id", "account_id", "assignment_id", "office_code", "service_account_id"}
PUBLIC = {"getUploadTerms"}
NAMES_NO_OFFICE = {"session_id", "feed_id", "upload_id", "secret", "key", "version", "year"}
NOBODY = "01a20000-0000-7000-8000-000000000000"
FROM_HERE = ("camat", "admin")


@pytest.fixture(scope="module")
async def callers(office: Office) -> Callers:
    return await all_callers(office)


@pytest.fixture(scope="module")
async def here(office: Office, callers: Callers) -> Names:
    return await things_at_samboja(office)


@pytest.fixture(scope="module")
async def there(office: Office, callers: Callers) -> Names:
    """The same things, of Muara Jawa."""
    rows = await calendar_names(office, MUARA_JAWA, "admin.muarajawa")
    camat = await office.as_("camat.muarajawa")
    body = {"procedure": KEY, "office": MUARA_JAWA, "period": {"year": 2098}}
    run, _other = [(await camat.post("/v1/instances", json=body | {"period": {"year": year}})).json()["id"] for year in (2098, 2099)]
    for slot in ("struktur_organisasi", "draf_tim"):
        document = await camat.post(f"/v1/instances/{run}/documents", data={"slot": slot}, files={"file": ("a.pdf", b"%PDF-1.7")})
    for words in ("Satu.", "Dua."):
        assert (await camat.post(f"/v1/instances/{run}/comments", json={"body": words})).status_code == 201
    for feed in ({}, {"office": MUARA_JAWA}):
        assert (await camat.post("/v1/me/calendar-feeds", json=feed)).status_code == 201
    known = await machine(office, offices=[MUARA_JAWA])
    return {
        "instance_id": run,
        "document_id": document.json()["id"],
        "account_id": str(office.accounts["camat.muarajawa"]),
        "assignment_id": await assignment_of(office, "camat.muarajawa", "admin.muarajawa"),
        "office_code": MUARA_JAWA,
        "service_account_id": str(known.id),
        **rows,
        **await record_names(office, run, DemoPerson("arsip.muarajawa", "Pengelola Arsip Muara Jawa", ("restricted_records",), MUARA_JAWA)),
    }


# ── in a path ───────────────────────────────────────────────────────────────────────────────────────────────────────


def parameters(row: Row) -> set[str]:
    operation = operations()[row.operation][2]
    return {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"}


def test_every_path_parameter_is_of_an_office_or_known_not_to_be() -> None:
    assert {name for row in ROWS for name in parameters(row)} == OF_AN_OFFICE | NAMES_NO_OFFICE


@pytest.mark.parametrize("row", [row for row in ROWS if parameters(row) & OF_AN_OFFICE and row.operation not in PUBLIC], ids=lambda row: row.name)
@pytest.mark.parametrize("who", FROM_HERE)
async def test_in_a_path(callers: Callers, here: Names, there: Names, row: Row, who: str) -> None:
    """With a request that is well-formed and would pass at home."""
    elsewhere = Row(row.operation, row.expected, row.send, path={name: value for name, value in row.path.items() if name not in OF_AN_OFFICE})
    problem(await ask(callers, elsewhere, who, here | there), 404, "not_found")


async def test_a_session_of_one_account_under_another(office: Office, callers: Callers, here: Names) -> None:
    """Both are in sight of the administrator; the pair does not exist."""
    theirs, admin = await add_session(office, "staf"), await office.as_("admin")
    async with nothing_saved(office):
        problem(await admin.delete(f"/v1/accounts/{here['account_id']}/sessions/{theirs}"), 404, "not_found")
        problem(await (await office.as_("camat")).delete(f"/v1/me/sessions/{theirs}"), 404, "not_found")
    assert (await admin.delete(f"/v1/accounts/{office.accounts['staf']}/sessions/{theirs}")).status_code == 204


@pytest.mark.parametrize(("name", "rows"), [("day_off_id", "days-off"), ("season_id", "seasons"), ("schedule_id", "schedules")])
async def test_a_row_of_a_neighbours_calendar_under_ones_own(office: Office, there: Names, name: str, rows: str) -> None:
    admin, path = await office.as_("admin"), f"{calendar_of()}/{rows}/{there[name]}"
    async with nothing_saved(office):
        for params in ({}, {"dry_run": "true"}):
            problem(await admin.delete(path, headers={"If-Match": "*"}, params=params), 404, "not_found")
            problem(await admin.patch(path, headers={"If-Match": "*"}, params=params, json={}), 404, "not_found")
            problem(await admin.patch(path, headers={"If-Match": "*"}, params=params, json={"aneh": 1}), 404, "not_found")


async def test_a_version_of_another_document(office: Office, here: Names) -> None:
    camat = await office.as_("camat")
    problem(await camat.get(f"/v1/documents/{here['document_id']}/versions/2/content"), 404, "not_found")
    problem(await camat.post(f"/v1/documents/{here['document_id']}/versions/2/signatures", json={"kind": "wet"}), 404, "not_found")
    problem(await camat.get(f"/v1/procedures/{KEY}/versions/99"), 404, "not_found")


# ── in a body ───────────────────────────────────────────────────────────────────────────────────────────────────────

PERSON = {"name": "Ratna Dewi", "office": MUARA_JAWA}
GIVEN = {"role": "pegawai", "valid_from": "2027-02-01"}
WHEN = "2027-03-01T08:00:00+08:00"
MACHINE = {"name": "Dasbor", "scopes": ["instances:read"], "expires_at": "2027-11-22T00:00:00+08:00"}
HOUR = {"value": 1, "unit": "hour"}


class Body(NamedTuple):
    """`place`: the operation, and the field of its body that names what is another office's."""

    place: str
    who: str
    path: str
    body: dict[str, Any]


BODIES = (
    Body("startInstance.office", "camat", "/v1/instances", {"procedure": KEY, "office": MUARA_JAWA, "period": {"year": 2097}}),
    Body("calculateDeadline.office", "camat", "/v1/deadlines/calculate", {"office": MUARA_JAWA, "starts_at": WHEN, "duration": HOUR}),
    Body("planProcedure.office", "camat", f"/v1/procedures/{KEY}/plan", {"office": MUARA_JAWA, "starts_at": WHEN}),
    Body("createOffice.parent", "admin", "/v1/offices", {"code": "64.1", "name": "Kelurahan", "parent": MUARA_JAWA, "time_zone": "Asia/Makassar"}),
    Body("moveOffice.parent", "admin", f"/v1/offices/{SAMBOJA}/parents", {"parent": MUARA_JAWA, "valid_from": "2027-02-01"}),
    Body("createAccount.office", "admin", "/v1/accounts", {"username": "ratna.dewi", **PERSON}),
    Body("changeAccount.office", "admin", "/v1/accounts/{account_id}", {"office": MUARA_JAWA}),
    Body("createAssignment.office", "admin", "/v1/assignments", {"username": "tim2", "office": MUARA_JAWA, **GIVEN}),
    Body("createAssignment.username", "admin", "/v1/assignments", {"username": "camat.muarajawa", "office": SAMBOJA, **GIVEN}),
    Body("createAssignment.account_id", "admin", "/v1/assignments", {"account_id": "{their_account}", "office": SAMBOJA, **GIVEN}),
    Body("createCalendarFeed.office", "camat", "/v1/me/calendar-feeds", {"office": MUARA_JAWA}),
    Body("createServiceAccount.offices", "admin", "/v1/service-accounts", {**MACHINE, "offices": [SAMBOJA, MUARA_JAWA]}),
)
OWN_WORDS = {
    "createAccount.username": "the name of a new account",
    "signIn.username": "says nothing about whether there is one",
    "resetPassword.username": "says nothing about whether there is one",
    "takeTransition.username": "a member of the team: 422 unknown_member, as the next test says",
}


@pytest.mark.parametrize("tried", BODIES, ids=lambda tried: tried.place)
async def test_in_a_body(office: Office, here: Names, there: Names, tried: Body) -> None:
    """The answer is that for an id which nothing has, word for word."""
    client, operation = await office.as_(tried.who), tried.place.partition(".")[0]
    method, path = operations()[operation][1], tried.path.format_map(here)
    nowhere = {"{their_account}": NOBODY, MUARA_JAWA: "99.99.99", "camat.muarajawa": "tidak.ada"}
    async with nothing_saved(office):
        answers = [
            await client.request(method, path, json=said(tried.body, names), headers={"If-Match": "*"})
            for names in ({"{their_account}": there["account_id"]}, nowhere)
        ]
    for answer in answers:
        check_answer(operation, answer)
        problem(answer, 404, "not_found")
    assert answers[0].json()["detail"] == answers[1].json()["detail"]


def said(body: Any, names: dict[str, str]) -> Any:
    if isinstance(body, dict):
        return {key: said(value, names) for key, value in body.items()}
    if isinstance(body, list):
        return [said(value, names) for value in body]
    return names.get(body, body) if isinstance(body, str) else body


def test_every_field_that_names_an_office_or_a_person_is_tried() -> None:
    naming = {"office", "offices", "parent", "account_id", "username"}
    named = {f"{name}.{field}" for name in operations() for field in fields_of(name) & naming}
    assert named == {tried.place for tried in BODIES} | OWN_WORDS.keys()


def fields_of(operation_id: str) -> set[str]:
    """The names of all fields at any depth of an operation's body."""
    body = operations()[operation_id][2].get("requestBody", {})
    schemas = [body, *(SCHEMAS[name] for name in reached(body, set()))]
    return {field for schema in schemas for _, part in parts(schema) for field in part.get("properties", {})}


async def test_a_member_of_another_office_is_as_unknown_as_nobody(office: Office, here: Names) -> None:
    sekretaris = await office.as_("sekretaris")
    answers = []
    for username in ("camat.muarajawa", "tidak.ada"):
        body = {"action": "change_team", "reason": "Mutasi.", "team": {"members": [{"username": "tim1"}, {"username": username}]}}
        answer = await sekretaris.post(f"/v1/instances/{here['at_step_4']}/transitions", json=body, params={"dry_run": "true"})
        problem(answer, 422, "unknown_member")
        answers.append(answer.json()["detail"].replace(username, "…"))
    assert answers[0] == answers[1]


# ── in a filter ─────────────────────────────────────────────────────────────────────────────────────────────────────

FILTERS = {
    ("listOffices", "parent"): "office_code",
    ("listAccounts", "office"): "office_code",
    ("listAssignments", "office"): "office_code",
    ("listAssignments", "account"): "account_id",
    ("listServiceAccounts", "office"): "office_code",
    ("listInstances", "office"): "office_code",
    ("listDeadlines", "office"): "office_code",
    ("downloadDeadlines", "office"): "office_code",
    ("getTimelinessReport", "office"): "office_code",
    ("downloadTimelinessReport", "office"): "office_code",
    ("listRecords", "office"): "office_code",
    ("listDueForDisposal", "office"): "office_code",
    ("verifyAudit", "instance"): "instance_id",
}


def test_every_filter_that_names_something_of_an_office_is_tried() -> None:
    asked = {
        (name, parameter["name"])
        for name, (_, _, operation) in operations().items()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and parameter["name"] in {"office", "parent", "account", "instance", "document", "assignment"}
    }
    assert asked == FILTERS.keys()


@pytest.mark.parametrize(("operation", "name"), FILTERS)
@pytest.mark.parametrize("who", FROM_HERE)
async def test_in_a_filter(office: Office, there: Names, operation: str, name: str, who: str) -> None:
    client, (path, _, _) = await office.as_(who), operations()[operation]
    nowhere = "99.99.99" if FILTERS[operation, name] == "office_code" else NOBODY
    answers = [await client.get(path, params={name: value}) for value in (there[FILTERS[operation, name]], nowhere)]
    for answer in answers:
        check_answer(operation, answer)
        problem(answer, 404, "not_found")
    assert answers[0].json()["detail"] == answers[1].json()["detail"]


# ── in a cursor ─────────────────────────────────────────────────────────────────────────────────────────────────────

FOR_ALL = {"listProcedures"}
"""The same for everyone who is signed in."""
PAGED = [name for name, (path, _, op) in operations().items() if any(p["name"] == "cursor" for p in op.get("parameters", [])) and "{" not in path]


async def everything(client: httpx.AsyncClient, path: str, cursor: str = "") -> list[Any]:
    found: list[Any] = []
    while True:
        answer = await client.get(path, params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        cursor = answer.json()["page"]["next_cursor"]
        if cursor is None:
            return found


async def cursor_of_others(office: Office, path: str) -> str:
    """The first page's end, for one of Muara Jawa; where these have no two of them, for who sees both offices."""
    for username in ("camat.muarajawa", "admin.muarajawa", "kukar"):
        answer = await (await office.as_(username)).get(path, params={"limit": 1})
        found: str | None = answer.json()["page"]["next_cursor"] if answer.is_success else None
        if found is not None:
            return found
    raise AssertionError(f"nobody has two of {path}")


@pytest.mark.parametrize("operation", sorted(set(PAGED) - FOR_ALL - {"listDueForDisposal"}))
async def test_in_a_cursor(office: Office, here: Names, there: Names, operation: str) -> None:
    """A cursor of somebody else says where to go on, and opens nothing: what follows is the caller's own, or nothing.

    What is due for disposal needs closed instances: its cursors are tried in test_filing.py.
    """
    path = operations()[operation][0]
    foreign, own = await cursor_of_others(office, path), await office.as_("camat" if operation == "listTasks" else "admin")
    mine = await everything(own, path)
    assert [item for item in await everything(own, path, foreign) if item not in mine] == []


async def test_a_cursor_of_another_instance_is_none(office: Office, here: Names, there: Names) -> None:
    theirs = await (await office.as_("camat.muarajawa")).get(f"/v1/instances/{there['instance_id']}/comments", params={"limit": 1})
    cursor = theirs.json()["page"]["next_cursor"]
    assert cursor is not None
    answer = await (await office.as_("camat")).get(f"/v1/instances/{here['instance_id']}/comments", params={"cursor": cursor})
    problem(answer, 422, "cursor_invalid")
