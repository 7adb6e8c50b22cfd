"""Salary papers are planted with words found nowhere else; then everything is searched for them that anybody else may ever look into."""

import json
import re
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from app.outside.storage import TemporaryBlob
from app.store.database import Database
from tests.support.authorization import ROWS
from tests.support.callers import Names, all_callers, ask, things_at_samboja
from tests.support.cells import ABOVE, HERE
from tests.support.contract import document, operations
from tests.support.office import Office, open_office
from tests.support.restricted_records import KEEPER, WITH_KEY, add, change, row_of
from tests.support.shared_office import blobs_of

CONTENT = b"%PDF-1.7\n" + b"Gaji pokok IV/a: kuningan-merak-4123400\n" * 3000
FILE, NOTE, KIND = "kuningan-berkas-gaji-2026.pdf", "kuningan-catatan rapel", "spp_spm_ls_gaji"
WORDS = ("kuningan", sha256(CONTENT).hexdigest())
"""What the content, the name and the note have in common, and what the content alone has."""
SIZE = re.compile(rf"(?<!\d){len(CONTENT)}(?!\d)")


def found_in(text: str) -> list[str]:
    """The words of papers in it, their kind and size too; in whatever case, and behind JSON's escapes."""
    lowered = text.lower()
    return [word for word in (*WORDS, KIND) if word in lowered] + SIZE.findall(text)


def said_in(answer: httpx.Response) -> str:
    """Sheets and bundles are ZIP archives: what is in them; the procedure aside, which names the kinds of records that it keeps."""
    said = answer.text + str(answer.headers)
    if answer.content.startswith(b"PK"):
        with ZipFile(BytesIO(answer.content)) as archive:
            said += "".join(name + archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if name != "procedure.json")
    return said


async def plant(office: Office, instance_id: str) -> str:
    """Added, tried again, refused in each way, read in each way, and damaged afterwards."""
    paper: dict[str, Any] = {"filename": FILE, "note": NOTE, "record": KIND}
    key = {"Idempotency-Key": "tanam"}
    answer = await add(office, instance_id, CONTENT, headers=key, **paper)
    assert answer.status_code == 201, answer.text
    again = await add(office, instance_id, CONTENT, headers=key, **paper)
    refused = [await add(office, instance_id, CONTENT, headers=key, **(paper | {"note": f"{NOTE} dua"}))]
    refused += [await add(office, instance_id, CONTENT, who=who, **paper) for who in ("camat", "admin", "camat.muarajawa")]
    refused += [await add(office, instance_id, CONTENT, **(paper | {"record": "kuningan"}))]
    refused += [await add(office, instance_id, CONTENT, **(paper | {"note": NOTE * 300}))]
    refused += [await add(office, instance_id, b"", **paper)]
    assert {found.status_code for found in refused} == {403, 404, 422}
    record, keeper = str(answer.json()["id"]), await office.as_(KEEPER.username)
    paths = [f"/v1/instances/{instance_id}/restricted-records", f"/v1/restricted-records/{record}", f"/v1/restricted-records/{record}/content"]
    read = [await keeper.get(path) for path in paths]
    assert [found_in(read[0].text) != [], found_in(read[1].text) != [], read[2].content] == [True, True, CONTENT]
    for said in (answer, again, *refused):
        assert found_in(said.text + str(said.headers)) == []
    return record


async def damage(office: Office, record: str) -> None:
    row, keeper = await row_of(office, record), await office.as_(KEEPER.username)
    path = blobs_of(office).root / row["storage_key"]
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"x")
    answers = [await keeper.get(f"/v1/restricted-records/{record}/content")]
    path.write_bytes(whole)
    await change(office, record, sealed=row["sealed"][:-8])
    answers += [await keeper.get(f"/v1/restricted-records/{record}"), await keeper.get(f"/v1/restricted-records/{record}/content")]
    await change(office, record, sealed=row["sealed"])
    assert {answer.status_code for answer in answers} == {503}
    assert found_in("".join(answer.text + str(answer.headers) for answer in answers)) == []


async def dump(database: Database) -> dict[str, str]:
    """Every column of every table; procedures aside, which name the kinds of records that they keep."""
    async with database.read() as connection:
        return {
            name: json.dumps([list(row) for row in await connection.execute(select(table))], default=str)
            for name, table in SQLModel.metadata.tables.items()
            if name != "procedure"
        }


def everything_below(directory: Path) -> list[bytes]:
    return [path.read_bytes() for path in directory.rglob("*") if path.is_file()]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """All that uploads hand to the disk."""
    seen: list[bytes] = []
    write = TemporaryBlob.write

    async def noting(self: TemporaryBlob, chunk: bytes) -> None:
        seen.append(bytes(chunk))
        await write(self, chunk)

    monkeypatch.setattr(TemporaryBlob, "write", noting)
    return seen


async def test_nothing_of_a_paper_is_kept_or_logged(
    office_url: str, tmp_path: Path, written: list[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(office_url, tmp_path, **WITH_KEY) as office:
        await office.enrol(KEEPER)
        instance = (await (await office.as_("camat")).post("/v1/instances", json=NEW)).json()["id"]
        await damage(office, await plant(office, instance))
        dumped = await dump(office.database)
        assert {name: found_in(text) for name, text in dumped.items() if found_in(text)} == {}
        assert "restricted_record.read" in dumped["event"]
        assert "tanam" in dumped["idempotency_key"]
    logged = capsys.readouterr()
    assert "restricted record damaged" in logged.out + logged.err
    assert found_in(logged.out + logged.err) == []
    assert written
    on_disk = everything_below(tmp_path)
    assert len(on_disk) >= 1 + office.database.url.startswith("sqlite")
    for content in (*written, *on_disk):
        assert [word for word in WORDS if word.encode() in content.lower()] == []


NEW = {"procedure": "pengumpulan-data-kinerja", "office": "64.02.13", "period": {"year": 2097}}


async def test_nobody_else_reads_a_word_anywhere(sqlite_office_url: str, tmp_path: Path) -> None:
    """Every GET of the document, by every other caller, about the very instance; and the description of the API itself."""
    async with open_office(sqlite_office_url, tmp_path, **WITH_KEY) as office:
        callers = await all_callers(office)
        names: Names = await things_at_samboja(office)
        names |= {"record_id": await plant(office, names["instance_id"])}
        reading = [row for row in ROWS if operations()[row.operation][1] == "get" and not {"key", "version"} >= names_in(row.operation) > set()]
        assert {"listInstances", "listEvents", "getInstance", "listDocuments", "listInstanceEvents"} <= {row.operation for row in reading}
        for row in reading:
            for who in f"{HERE} {ABOVE} camat.muarajawa machine".split():
                answer = await ask(callers, row, who, names)
                mine = who == KEEPER.username and "Restricted" in row.operation
                assert mine or found_in(said_in(answer)) == [], (row.operation, who)
    assert found_in(json.dumps(document())) == []


def names_in(operation: str) -> set[str]:
    return {found["name"] for found in operations()[operation][2].get("parameters", []) if found["in"] == "path"}
