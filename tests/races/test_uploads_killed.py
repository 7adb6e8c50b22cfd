"""kill -9 between the first byte and the answer, again and again: what was answered is there, and what is there is whole.

An upload whose answer never came may or may not be there; sent again under its Idempotency-Key it is there once.
"""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.outside.tokens import generate_key_pem
from app.store.tables import BlobRow, DocumentVersionRow, table
from tests.support.audit import found_anywhere
from tests.support.office import Office, Run, digest, open_office
from tests.support.shared_office import blobs_of, files
from tests.support.upload_driver import POINTS, Sent

KILLS = 100
"""On each of the two databases."""

INSTANCES = 5
BLOB, VERSION = table(BlobRow), table(DocumentVersionRow)


@dataclass(frozen=True, slots=True)
class Notes:
    """By the number of the upload: the SHA-256 of what was sent; document and version of what was answered."""

    sent: dict[int, str]
    answered: dict[int, tuple[str, int]]


def kill_again_and_again(orders: dict[str, Any]) -> Counter[str]:
    """How many died where."""
    command = [sys.executable, "-m", "tests.support.upload_driver"]
    done = subprocess.run(command, input=json.dumps(orders), capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return Counter(json.loads(done.stdout.splitlines()[-1]))


def read_notes(path: Path) -> Notes:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    sent = {line["sent"]: line["sha256"] for line in lines if "sent" in line}
    return Notes(sent, {line["answered"]: (line["document"], line["version"]) for line in lines if "answered" in line})


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


async def stored_keys(office: Office, column: Any) -> set[str]:
    async with office.database.read() as connection:
        return set((await connection.execute(select(column))).scalars())


async def test_what_was_answered_outlives_any_crash_and_nothing_is_there_by_halves(office_url: str, tmp_path: Path) -> None:
    settings = {"ALUR_DATA_DIR": str(tmp_path), "ALUR_DATABASE_URL": office_url, "ALUR_SIGNING_KEY": generate_key_pem()}
    async with open_office(office_url, tmp_path, **settings) as office:
        runs = [await Run.start(office, year=2001 + number) for number in range(INSTANCES)]
        ids = tuple(run.id for run in runs)
        given = {"settings": settings, "token": await office.token("camat"), "instances": ids, "notes": str(tmp_path / "notes")}
        killed = kill_again_and_again(given | {"kills": KILLS, "seed": office_url[:6]})
        assert sum(killed.values()) == KILLS
        assert killed.keys() == {"clock", *POINTS}

        notes, found = read_notes(tmp_path / "notes"), await visible(office, runs)
        assert {number: found.get(where) for number, where in notes.answered.items()} == {n: notes.sent[n] for n in notes.answered}
        assert set(found.values()) <= set(notes.sent.values())
        assert len(set(found.values())) == len(found)
        assert await found_anywhere(office) == []

        named = await stored_keys(office, VERSION.c.storage_key)
        assert await stored_keys(office, BLOB.c.storage_key) == named
        root = blobs_of(office).root
        kept = {str(path.relative_to(root)) for path in files(office) if path.parent.name != "incoming"}
        assert named < kept  # what a crash left is named by nothing, and is swept one day

        await send_again(office, [Sent(number, ids) for number in notes.sent.keys() - notes.answered.keys()])
        assert Counter((await visible(office, runs)).values()) == Counter(notes.sent.values())
        assert await found_anywhere(office) == []


async def send_again(office: Office, uploads: list[Sent]) -> None:
    assert uploads
    camat = await office.as_("camat")
    for sent in uploads:
        answer = await camat.post(sent.path, **sent.form())
        assert answer.status_code == 201, answer.text
