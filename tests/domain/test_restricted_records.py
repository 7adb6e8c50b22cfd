"""Restricted records: who may read and add them, what kinds a procedure keeps, and what the log is told."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.domain.events import OF_THE_CLOCK
from app.domain.people import Actor, Holding
from app.domain.procedures import Procedure
from app.domain.restricted_records import (
    RestrictedRecord,
    added,
    adding_refusals,
    as_keeper,
    damaged,
    kind_refusals,
    may_read,
    read,
    reader_refusals,
    restored,
    restricted_kinds,
)
from tests.support.drafts import SHIPPED

HERE, ABOVE, ELSEWHERE = "64.02.13", "64.02", "64.02.14"
ME, RECORD, INSTANCE = (UUID(int=number) for number in (1, 2, 3))


def caller(*held: tuple[str, str], is_machine: bool = False) -> Actor:
    covers = {HERE: {HERE}, ABOVE: {ABOVE, HERE, ELSEWHERE}, ELSEWHERE: {ELSEWHERE}}
    holdings = tuple(Holding(office, role, "definitive", frozenset(covers[office])) for role, office in held)
    return Actor(ME, None, "arsip", "Pengelola Arsip", holdings, is_machine=is_machine)


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (caller(("restricted_records", HERE)), True),
        (caller(("restricted_records", ABOVE)), True),
        (caller(("staf", HERE), ("restricted_records", HERE)), True),
        (caller(("restricted_records", ELSEWHERE)), False),
        (caller(("admin", ABOVE), ("auditor", ABOVE), ("camat", HERE)), False),
        (caller(("restricted_records", HERE), is_machine=True), False),
        (caller(("restricted_records", HERE), ("integration", HERE)), False),
        (caller(), False),
    ],
)
def test_who_may_read(actor: Actor, may: bool) -> None:
    assert may_read(actor, HERE) == may
    missing = [] if may else ["permission_missing"]
    assert [refusal.code for refusal in reader_refusals(actor, HERE)] == missing
    assert [refusal.code for refusal in adding_refusals(actor, HERE, has_key=True)] == missing
    assert [refusal.code for refusal in adding_refusals(actor, HERE, has_key=False)] == (missing or ["restricted_key_not_configured"])


def test_the_nearest_holding_is_the_one_that_acts() -> None:
    actor = caller(("restricted_records", ABOVE), ("restricted_records", HERE))
    assert (as_keeper(actor, HERE).office, as_keeper(actor, HERE).role) == (HERE, "restricted_records")
    assert as_keeper(actor, ELSEWHERE).office == ABOVE


def test_the_shipped_procedure_keeps_two_kinds() -> None:
    procedure = Procedure.model_validate(SHIPPED)
    assert restricted_kinds(procedure) == {"daftar_gaji", "spp_spm_ls_gaji"}
    for record, codes in (("daftar_gaji", []), ("gaji", ["unknown_restricted_record"]), ("", ["unknown_restricted_record"])):
        assert [refusal.code for refusal in kind_refusals(procedure, record)] == codes


def test_the_log_is_told_ids_and_what_was_sealed() -> None:
    record = RestrictedRecord(
        id=RECORD,
        instance_id=INSTANCE,
        office_code=HERE,
        storage_key="aa/bb/cc",
        size=262_167,
        sha256="0" * 64,
        key_id="1" * 16,
        wrapped_key="w",
        sealed="s",
        added_by=ME,
        added_at=datetime(2027, 1, 4, tzinfo=UTC),
    )
    named = {"record_id": str(RECORD), "instance_id": str(INSTANCE)}
    assert added(record).data == named | {"sha256": "0" * 64, "size": 262_167}
    assert read(record, "content").data == named | {"part": "content"}
    assert damaged(record, "metadata").data == named | {"part": "metadata"}
    assert restored(record).data == named
    assert {damaged(record, "content").type, restored(record).type} <= OF_THE_CLOCK  # whoever met it did not do it
    assert record.about == f"{RECORD} {INSTANCE} {HERE}"
