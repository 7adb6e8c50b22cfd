"""Restricted records that are not what was sealed any more: nothing of them is sent, and the office's log says so once."""

from typing import Any

import pytest
from sqlalchemy import delete

from app.outside.envelopes import SEALED_CHUNK
from app.store.restricted_records import RESTRICTED
from app.usecases import restricted_records as usecases
from app.usecases.audit import verify
from tests.support.contract import check_answer
from tests.support.office import SAMBOJA, Office
from tests.support.restricted_records import added, change, row_of, told
from tests.support.shared_office import blobs_of, fresh
from tests.web.test_frame_errors import problem
from tests.web.test_restricted_records import LARGE, keepers, office_kind, office_settings, path_of

__all__ = ["keepers", "office_kind", "office_settings"]


async def flip(office: Office, record: str, at: int) -> None:
    path = blobs_of(office).root / (await row_of(office, record))["storage_key"]
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("at", [0, 7, 7 + SEALED_CHUNK - 1, 7 + SEALED_CHUNK])
async def test_a_flipped_byte_is_told_before_the_first_one_is_sent(office: Office, at: int) -> None:
    record, keeper = await added(office, await fresh(office), LARGE), await office.as_("arsip")
    await flip(office, record, at)
    before = len(await told(office))
    answer = await keeper.get(f"/v1/restricted-records/{record}/content")
    problem(answer, 503, "content_damaged")
    assert "retry-after" in answer.headers
    assert [kind for kind, _ in (await told(office))[before:]] == ["read", "damaged"]
    assert (await told(office))[-1][1].keys() == {"record_id", "instance_id", "part"}
    problem(await keeper.get(f"/v1/restricted-records/{record}/content"), 503, "content_damaged")
    assert [kind for kind, _ in (await told(office))[before:]] == ["read", "damaged", "read"]
    assert (await verify(office.database, [SAMBOJA])).intact


async def test_one_far_behind_breaks_the_answer_off(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.usecases.restricted_content.READ_CHUNKS", 1)
    record, keeper = await added(office, await fresh(office), LARGE), await office.as_("arsip")
    await flip(office, record, 7 + 2 * SEALED_CHUNK + 5)
    with pytest.raises(RuntimeError, match="response already started"):  # so the server cuts the connection
        await keeper.get(f"/v1/restricted-records/{record}/content")
    assert (await told(office))[-1][0] == "damaged"


@pytest.mark.parametrize("way", ["", "/content", "list"])
async def test_words_that_do_not_open_are_noted_whoever_meets_them_first(office: Office, way: str) -> None:
    run, keeper = await fresh(office), await office.as_("arsip")
    record = await added(office, run)
    await change(office, record, sealed="A" * 1400)
    path, before = path_of(run.id) if way == "list" else f"/v1/restricted-records/{record}{way}", len(await told(office))
    for _ in range(2):
        answer = await keeper.get(path)
        if way == "list":
            assert [(row["id"], row["unreadable"], row["filename"]) for row in answer.json()["items"]] == [(record, "content_damaged", None)]
        else:
            problem(answer, 503, "content_damaged")
    assert [kind for kind, _ in (await told(office))[before:]] == ["read", "damaged", "read"]
    assert (await told(office))[before + 1][1] == {"record_id": record, "instance_id": run.id, "part": "metadata"}


async def test_where_damage_cannot_be_noted_the_reader_is_told_all_the_same(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    record, keeper = await added(office, await fresh(office)), await office.as_("arsip")
    await flip(office, record, 9)

    async def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(usecases, "note_damage", fails)
    problem(await keeper.get(f"/v1/restricted-records/{record}/content"), 503, "content_damaged")


async def test_bytes_that_are_gone_or_cut(office: Office) -> None:
    record, keeper = await added(office, await fresh(office), LARGE), await office.as_("arsip")
    path = blobs_of(office).root / (await row_of(office, record))["storage_key"]
    whole = path.read_bytes()
    path.write_bytes(whole[: 7 + 2 * SEALED_CHUNK])
    problem(await keeper.get(f"/v1/restricted-records/{record}/content"), 503, "content_damaged")
    path.unlink()
    before = len(await told(office))
    problem(await keeper.get(f"/v1/restricted-records/{record}/content"), 503, "content_missing")
    assert [kind for kind, _ in (await told(office))[before:]] == ["read"]


@pytest.mark.parametrize("column", ["instance_id", "wrapped_key", "sealed", "storage_key"])
async def test_what_belongs_to_another_record_does_not_open(office: Office, column: str) -> None:
    """Who can write to the database moves a paper nowhere: not to an instance of their own, not under another name."""
    one, other = await added(office, await fresh(office)), await added(office, await fresh(office))
    keeper, theirs = await office.as_("arsip"), (await row_of(office, other))[column]
    if column == "storage_key":
        async with office.database.write() as connection:
            await connection.execute(delete(RESTRICTED).where(RESTRICTED.c.storage_key == theirs))
    await change(office, one, **{column: theirs})
    problem(await keeper.get(f"/v1/restricted-records/{one}/content"), 503, "content_damaged")


async def test_one_that_does_not_open_hides_none_of_the_others(office: Office) -> None:
    run, keeper = await fresh(office), await office.as_("arsip")
    gone, damaged, whole = [await added(office, run, filename=f"gaji-{n}.pdf") for n in range(3)]
    await change(office, gone, key_id="0" * 16)
    await change(office, damaged, sealed="A" * 1400)
    answer = await keeper.get(path_of(run.id))
    check_answer("listRestrictedRecords", answer)
    rows = answer.json()["items"]
    assert [(row["id"], row["unreadable"]) for row in rows] == [(gone, "restricted_key_missing"), (damaged, "content_damaged"), (whole, None)]
    assert rows[2] == (await keeper.get(f"/v1/restricted-records/{whole}")).json() | {"unreadable": None}
    assert {name for name, value in rows[0].items() if value is not None} == {"id", "instance_id", "added_at", "unreadable"}


async def test_a_record_whose_key_is_gone(office: Office) -> None:
    record, keeper = await added(office, await fresh(office)), await office.as_("arsip")
    await change(office, record, key_id="0" * 16)
    for path in (f"/v1/restricted-records/{record}", f"/v1/restricted-records/{record}/content"):
        problem(await keeper.get(path), 503, "restricted_key_missing")
    assert (await told(office))[-1][0] == "read"  # no damage: the key may come back
