"""kill -9 between the first byte and the answer, again and again: what was answered is there, and what is there is whole.

An upload whose answer never came may or may not be there; sent again under its Idempotency-Key (or, in parts, on from where it stands) it is
there once.
"""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.domain import resumable_uploads
from app.outside.tokens import generate_key_pem
from app.store.tables import BlobRow, DocumentVersionRow, UploadRow, table
from app.usecases.storage_sweep import remove_orphans
from tests.support.audit import found_anywhere
from tests.support.office import Office, Run, digest, open_office
from tests.support.shared_office import blobs_of, files
from tests.support.upload_driver import POINTS, Sent

KILLS = 100
"""On each of the two databases."""

INSTANCES = 5
BLOB, UPLOAD, VERSION = table(BlobRow), table(UploadRow), table(DocumentVersionRow)


@dataclass(frozen=True, slots=True)
class Notes:
    """By the number of the upload: the SHA-256 of what was sent, and where and how far it got, of what went in parts. Which were answered."""

    sent: dict[int, str]
    reached: dict[int, tuple[str, int]]
    answered: frozenset[int]


def kill_again_and_again(orders: dict[str, Any]) -> Counter[str]:
    """How many died where."""
    command = [sys.executable, "-m", "tests.support.upload_driver"]
    done = subprocess.run(command, input=json.dumps(orders), capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return Counter(json.loads(done.stdout.splitlines()[-1]))


def read_notes(path: Path) -> Notes:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    sent = {line["sent"]: line["sha256"] for line in lines if "sent" in line}
    reached = {line["reached"]: (line["at"], line["offset"]) for line in lines if "reached" in line}
    return Notes(sent, reached, frozenset(line["answered"] for line in lines if "answered" in line))


async def visible(office: Office, runs: list[Run]) -> dict[tuple[str, int], str]:
    """SHA-256 by document and version, of all that is listed; each has been read whole, and is what it is said to be."""
    camat, found = await office.as_("camat"), {}
    for run in runs:
        for document in (await camat.get(f"/v1/instances/{run.id}/documents")).json()["items"]:
            for version in document["versions"]:
                content = (await camat.get(f"/v1/documents/{document['id']}/versions/{version['version']}/content")).content
                assert (digest(content), len(content)) == (version["sha256"], version["size"])
                found[document["id"], version["version"]] = version["sha256"]
    return found


async def stored_keys(office: Office, column: Any) -> Any:
    async with office.database.read() as connection:
        found = (await connection.execute(select(column))).scalars().all()
    return found if column is UPLOAD.c.parts else set(found)


async def nothing_answered_is_lost(office: Office, notes: Notes) -> None:
    """Of what went in parts: at least what was answered is there to go on from."""
    camat = await office.as_("camat")
    assert notes.reached
    for number, (at, offset) in notes.reached.items():
        shown = (await camat.get(at)).json()
        assert shown["offset"] >= offset
        assert (shown["offset"] == shown["length"]) is (shown["version"] is not None)
        assert number not in notes.answered or shown["version"] is not None


async def send_again(office: Office, uploads: list[Sent]) -> None:
    """What was never answered: whole under its key, or on from where it stands."""
    assert uploads
    camat = await office.as_("camat")
    for sent in uploads:
        if not sent.in_parts:
            await sent.whole(camat)
            continue
        at = await sent.begin(camat)
        await sent.go_on(camat, at, (await camat.get(at)).json()["offset"], noting=lambda _: None)


async def test_what_was_answered_outlives_any_crash_and_nothing_is_there_by_halves(
    office_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resumable_uploads, "MAX_UNFINISHED", 1000)
    settings = {"ALUR_DATA_DIR": str(tmp_path), "ALUR_DATABASE_URL": office_url, "ALUR_SIGNING_KEY": generate_key_pem()}
    async with open_office(office_url, tmp_path, **settings) as office:
        runs = [await Run.start(office, year=2001 + number) for number in range(INSTANCES)]
        ids = tuple(run.id for run in runs)
        given = {"settings": settings, "token": await office.token("camat"), "instances": ids, "notes": str(tmp_path / "notes")}
        killed = kill_again_and_again(given | {"kills": KILLS, "seed": office_url[:6]})
        assert sum(killed.values()) == KILLS
        assert killed.keys() == {"clock", *POINTS}

        notes, found = read_notes(tmp_path / "notes"), await visible(office, runs)
        assert {notes.sent[number] for number in notes.answered} <= set(found.values()) <= set(notes.sent.values())
        assert len(set(found.values())) == len(found)
        assert await found_anywhere(office) == []

        await nothing_answered_is_lost(office, notes)

        versions = await stored_keys(office, VERSION.c.storage_key)
        assert await stored_keys(office, BLOB.c.storage_key) == versions
        named = versions | {key for parts in await stored_keys(office, UPLOAD.c.parts) for key, _ in parts}
        root = blobs_of(office).root
        kept = {str(path.relative_to(root)) for path in files(office) if path.parent.name != "incoming"}
        assert named < kept  # what a crash left is named by nothing
        assert await remove_orphans(office.database, blobs_of(office), datetime(2999, 1, 1, tzinfo=UTC)) == len(kept - named)
        assert {str(path.relative_to(root)) for path in files(office) if path.parent.name != "incoming"} == named

        again = sorted(notes.sent.keys() - notes.answered)[::4]
        await send_again(office, [Sent(number, ids) for number in again])
        there = Counter((await visible(office, runs)).values())
        assert {notes.sent[number] for number in {*again, *notes.answered}} <= there.keys() <= set(notes.sent.values())
        assert set(there.values()) == {1}
        assert await found_anywhere(office) == []
