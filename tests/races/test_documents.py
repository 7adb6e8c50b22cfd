"""An upload that meets a sign-off: one order or the other, never a step completed with what nobody has seen."""

import random
from collections import Counter

import httpx
from sqlalchemy import text

from tests.support.evidence import faults, replay
from tests.support.office import Office, Run
from tests.support.prepared import prepared
from tests.support.together import after, all_equal, document_in, outcomes, replays, together

INSTANCES = 60


def a_moment(chance: random.Random) -> float:
    """An upload takes some milliseconds more than a sign-off: with this head start either may come first."""
    return chance.uniform(0.0, 0.02)


async def test_a_new_version_meets_the_last_sign_off(office: Office) -> None:
    """Sekretaris has signed already. Either the team's sign-off completes step 4, or the new version voids the Sekretaris's."""
    runs = await prepared(office, INSTANCES, step=4, signed=["sekretaris"])
    for username in ("sekretaris", "tim1"):
        await office.as_(username)
    chance, orders = random.Random(4), Counter[str]()
    for run in runs:
        uploaded, signed = await together(
            run.upload("sekretaris", "konsep_laporan", b"%PDF-1.7 baru"), after(a_moment(chance), run.act("tim1", "complete", step=4))
        )
        assert signed.status_code == 201, signed.text
        step = signed.json()["instance"]["steps"][3]
        if uploaded.status_code == 201:
            orders["upload first" if step["state"] == "active" else "upload last"] += 1
        else:
            assert outcomes([uploaded]) == {(403, "not_a_performer"): 1}  # step 5 is the Camat's
            orders["completed first"] += 1
    told = await replay(office.database, runs)
    assert orders["upload last"] == 0
    assert sum((4, 1) in told[run.id].completed for run in runs) == orders["completed first"]
    assert await faults(office, runs) == []
    for run in runs:  # nothing is stuck: where it was voided, the Sekretaris signs again
        if (4, 1) not in told[run.id].completed:
            assert (await run.act("sekretaris", "complete", step=4)).status_code == 201
    assert await faults(office, runs) == []


async def test_first_versions_meet_each_other_and_the_sign_off(office: Office) -> None:
    """Three uploads into one empty slot are three versions of one document, and the sign-off comes before or after each."""
    runs = await prepared(office, INSTANCES, step=3, without=["rencana_kegiatan"])
    for username in ("tim1", "tim2"):
        await office.as_(username)
    chance = random.Random(3)
    for run in runs:
        uploads = [run.upload(name, "rencana_kegiatan", b"%PDF-1.7 " + name.encode()) for name in ("tim1", "tim2", "tim1")]
        *uploaded, signed = await together(*uploads, after(a_moment(chance), run.act("tim2", "complete", step=3)))
        assert outcomes([signed]).keys() <= {(201, ""), (409, "output_missing")}
        assert outcomes(uploaded).keys() <= {(201, ""), (409, "slot_closed")}
        assert len({a.json()["id"] for a in uploaded if a.is_success}) == 1
        versions = sorted(a.json()["version"] for a in uploaded if a.is_success)
        assert versions == list(range(1, len(versions) + 1))
    assert await faults(office, runs) == []


async def test_eight_uploads_with_one_key_are_one_version(office: Office) -> None:
    """And the bytes of the other seven are gone."""
    runs = await prepared(office, 20, step=3, without=["rencana_kegiatan"])
    await office.as_("tim1")
    for run in runs:
        headers = {"Idempotency-Key": f"once {run.id}"}
        answers = await together(*(run.upload("tim1", "rencana_kegiatan", headers=headers) for _ in range(8)))
        assert outcomes(answers) == {(201, ""): 8}
        assert all_equal(answers)
        assert replays(answers) == 7
    blobs = office.app.state.reception.blobs.root
    kept = {str(path.relative_to(blobs)) for path in blobs.glob("*/*/*") if path.is_file()}
    async with office.database.read() as connection:
        named = (await connection.execute(text("SELECT storage_key FROM document_version WHERE storage_key NOT LIKE 'none/%'"))).scalars()
    assert kept == set(named)
    assert len(kept) == len(runs)
    assert list((blobs / "incoming").iterdir()) == []
    assert await faults(office, runs) == []


async def test_a_new_version_of_the_report_meets_the_completion_of_step_seven(office: Office) -> None:
    """Everything is marked. Either the marked version is filed, or the new one comes first and waits for its signature."""
    runs = await prepared(office, INSTANCES, step=7)
    for username in ("staf", "camat"):
        await office.as_(username)
    documents = {run.id: await document_in(run, "laporan_ditandatangani") for run in runs}
    chance, orders = random.Random(7), Counter[str]()
    for run in runs:
        uploaded, completed, _ = await together(
            run.upload("staf", "laporan_ditandatangani", b"%PDF-1.7 baru"),
            after(a_moment(chance), run.act("staf", "complete", step=7)),
            after(a_moment(chance), signature(run, documents[run.id], version=2)),
        )
        assert outcomes([uploaded]).keys() <= {(201, ""), (409, "instance_closed"), (409, "slot_closed")}
        assert outcomes([completed]).keys() <= {(201, ""), (409, "signature_missing")}
        orders["filed as it was" if not uploaded.is_success else "new version"] += 1
    assert sum(orders.values()) == INSTANCES
    assert await faults(office, runs) == []


async def signature(run: Run, document: str, *, version: int) -> httpx.Response:
    return await (await run.office.as_("camat")).post(f"/v1/documents/{document}/versions/{version}/signatures", json={"kind": "wet"})
