"""Restricted records while others add, read and rotate: each stays openable, and the log misses none."""

import random

from app.cli.restricted_keys import rewrap_all
from app.outside.restricted_keys import RestrictedKey, RestrictedKeys
from app.store.restricted_records import counts_by_key
from app.usecases.audit import verify
from tests.support.office import SAMBOJA, Office, Run
from tests.support.restricted_records import KEEPER, KEY_TEXT, OTHER_KEY_TEXT, PAPER, add, told
from tests.support.together import after, together

OLD, NEW = RestrictedKey.of(KEY_TEXT, name="old"), RestrictedKey.of(OTHER_KEY_TEXT, name="new")
BOTH = RestrictedKeys(NEW, (OLD,))


async def test_rotating_while_records_come_in_under_the_old_key(office: Office) -> None:
    """As a server does that was not restarted yet. Whatever the order, both keys open all, and after one more run the new key alone does."""
    await office.enrol(KEEPER)
    office.app.state.restricted_keys = RestrictedKeys(OLD, (NEW,))
    run, keeper, chance = await Run.start(office), await office.as_("arsip"), random.Random(7)
    coming = [after(chance.uniform(0, 0.2), add(office, run.id)) for _ in range(16)]
    rotating = [after(chance.uniform(0, 0.3), rewrap_all(office.database, BOTH)) for _ in range(4)]
    done = await together(*coming, *rotating)
    records = [answer.json()["id"] for answer in done[:16]]
    for record in records:
        assert (await keeper.get(f"/v1/restricted-records/{record}/content")).content == PAPER
    await rewrap_all(office.database, BOTH)
    async with office.database.read() as connection:
        assert await counts_by_key(connection) == {NEW.id: 16}
    office.app.state.restricted_keys = RestrictedKeys(NEW)
    for record in records:
        assert (await keeper.get(f"/v1/restricted-records/{record}/content")).content == PAPER
    assert (await verify(office.database, [SAMBOJA])).intact


async def test_rotations_at_once_wrap_each_key_once(office: Office) -> None:
    await office.enrol(KEEPER)
    office.app.state.restricted_keys = RestrictedKeys(OLD)
    run = await Run.start(office)
    for _ in range(8):
        assert (await add(office, run.id)).status_code == 201
    done = await together(*(rewrap_all(office.database, BOTH) for _ in range(4)))
    assert sum(rotated.rewrapped for rotated in done) == 8
    assert [rotated.left for rotated in done] == [{}] * 4


async def test_eight_with_one_key_are_one_record_and_readers_are_all_noted(office: Office) -> None:
    await office.enrol(KEEPER)
    office.app.state.restricted_keys = RestrictedKeys(OLD)
    run, keeper = await Run.start(office), await office.as_("arsip")
    answers = await together(*(add(office, run.id, headers={"Idempotency-Key": "sekali"}) for _ in range(8)))
    assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(201, answers[0].json()["id"])}
    reads = await together(*(keeper.get(f"/v1/restricted-records/{answers[0].json()['id']}/content") for _ in range(4)))
    assert {answer.content for answer in reads} == {PAPER}
    assert [kind for kind, _ in await told(office)] == ["added", *["read"] * 4]
    root = office.app.state.reception.blobs.root
    assert len([path for path in root.rglob("*") if path.is_file()]) == 1


async def test_damage_that_four_meet_at_once_is_noted_once(office: Office) -> None:
    await office.enrol(KEEPER)
    office.app.state.restricted_keys = RestrictedKeys(OLD)
    record, keeper = (await add(office, (await Run.start(office)).id)).json()["id"], await office.as_("arsip")
    (path,) = [path for path in office.app.state.reception.blobs.root.rglob("*") if path.is_file()]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    reads = await together(*(keeper.get(f"/v1/restricted-records/{record}/content") for _ in range(4)))
    assert [answer.status_code for answer in reads] == [503] * 4
    assert sorted(kind for kind, _ in await told(office)) == ["added", "damaged", *["read"] * 4]
    assert (await verify(office.database, [SAMBOJA])).intact
