"""Every operation of the served document × every kind of caller, as tests/support/authorization.py says; an operation without a row fails."""

import pytest

from app.domain.permissions import SCOPES
from app.web.openapi.declare import SCOPE
from tests.support.authorization import ROWS, SCOPE_OF
from tests.support.callers import Callers, Names, all_callers, ask, things_at_samboja, token_of
from tests.support.cells import CALLERS, OUT, Row
from tests.support.contract import operations
from tests.support.machines import ALL_SCOPES, machine
from tests.support.office import Office


@pytest.fixture(scope="module")
async def callers(office: Office) -> Callers:
    return await all_callers(office)


@pytest.fixture(scope="module")
async def names(office: Office, callers: Callers) -> Names:
    return await things_at_samboja(office)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_each_caller_is_answered_as_the_row_says(callers: Callers, names: Names, row: Row) -> None:
    answers = {who: await ask(callers, row, who, names) for who in CALLERS}
    found = {who: answer.status_code for who, answer in answers.items()}
    wrong = {who: (row.expected[who], status, answers[who].text[:200]) for who, status in found.items() if status != row.expected[who]}
    assert not wrong, f"{row.name}: {wrong}"
    if row.code:
        assert {who for who, answer in answers.items() if answer.json()["code"] == row.code} == row.through


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    """A new operation says first who may call it."""
    assert {row.operation for row in ROWS} == set(operations())
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_public_is_what_the_document_calls_so() -> None:
    for row in ROWS:
        _, _, operation = operations()[row.operation]
        assert bool(operation["security"]) == all(row.expected[who] == 401 for who in OUT.split()) or row.expected["camat"] == 401, row.name


def test_the_document_names_the_scope_of_each_operation_open_to_machines() -> None:
    declared = {(op[SCOPE], name) for name, (_, _, op) in operations().items() if SCOPE in op}
    assert declared == {(scope, name) for scope, names in SCOPE_OF.items() for name in names}
    assert SCOPE_OF.keys() == SCOPES.keys()


@pytest.mark.parametrize("scope", SCOPE_OF)
async def test_a_scope_opens_its_operations_and_nothing_else(callers: Callers, names: Names, scope: str) -> None:
    """One machine with this scope alone, and one with all the others."""
    office, others = callers.office, [name for name in ALL_SCOPES if name != scope]
    with_it = await token_of(office, await machine(office, scopes=[scope]))
    without_it = await token_of(office, await machine(office, scopes=others))
    read = Callers(office, {"machine": with_it}), Callers(office, {"machine": without_it})
    for row in ROWS:
        _, _, operation = operations()[row.operation]
        if not operation["security"] or row.operation in {"signOut", "getMe"}:
            continue
        alone, rest = [await ask(each, row, "machine", names) for each in read]
        mine = row.operation in SCOPE_OF[scope]
        assert alone.status_code == (row.expected["machine"] if mine else 403), row.name
        assert not mine or rest.json()["code"] == "scope_missing", row.name
