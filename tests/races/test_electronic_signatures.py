"""A signature that is being verified meets a new version of its document: it lands on the bytes that were verified, or nowhere."""

import random
from datetime import UTC, datetime

import pytest

from app.domain.signatures import Evidence
from app.usecases import electronic_signing
from tests.domain.test_marking_order import SOUND
from tests.support.evidence import faults
from tests.support.office import Office, Run
from tests.support.prepared import prepared
from tests.support.together import after, document_in, outcomes, together

INSTANCES = 20
SIGNED = "laporan_ditandatangani"


async def test_a_new_version_meets_the_signature(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def verified(*_: object, **__: object) -> Evidence:
        return Evidence(signatures=(SOUND,), verified_at=datetime(2027, 1, 4, tzinfo=UTC), roots=False)

    monkeypatch.setattr(electronic_signing, "verified", verified)
    runs = await prepared(office, INSTANCES, step=7, without=["signature"])
    for username in ("staf", "camat"):
        await office.as_(username)
    chance = random.Random(7)
    for run in runs:
        path = f"/v1/documents/{await document_in(run, SIGNED)}/versions/1/signatures"
        sign = (await office.as_("camat")).post(path, json={"kind": "electronic"})
        late = chance.uniform(0, 0.02)
        signed, uploaded = await together(sign, after(late, run.upload("staf", SIGNED, b"%PDF-1.7 lain")))
        assert uploaded.status_code == 201
        assert outcomes([signed]).keys() <= {(201, ""), (409, "version_superseded")}
        assert [len(v["marks"]) for v in await versions(run)] == [int(signed.is_success), 0]
    assert await faults(office, runs) == []


async def versions(run: Run) -> list[dict[str, list[object]]]:
    document = await (await run.office.as_("staf")).get(f"/v1/documents/{await document_in(run, SIGNED)}")
    found: list[dict[str, list[object]]] = document.json()["versions"]
    return found
