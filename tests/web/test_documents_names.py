"""Names of files as hostile and clumsy senders give them: kept as words to show, never a path, never a header of their own."""

import re
from email.message import Message
from urllib.parse import unquote

import pytest
from httpx import AsyncClient

from tests.support.forms import FORM, PDF, a_file, form, part
from tests.support.office import Office
from tests.support.shared_office import blobs_of, files, fresh

NAMES: dict[str, tuple[str, str]] = {
    "a path upwards": ("../../etc/passwd", "passwd.pdf"),
    "a path of Windows": ("C:\\Users\\camat\\draf.pdf", "draf.pdf"),
    "only a path": ("../..", "dokumen.pdf"),
    "percent-escaped": ("..%2f..%2fetc%2fpasswd%00.pdf", "passwd.pdf"),
    "escaped twice": ("a%252fb.pdf", "a%2fb.pdf"),
    "a NUL": ("draf.pdf\0.exe", "draf.pdf.exe.pdf"),
    "a line of its own": ("a%0d%0aSet-Cookie: x=1.pdf", "aSet-Cookie: x=1.pdf"),
    "a quote": ("a%22; filename=evil.html", 'a"; filename=evil.html.pdf'),
    "dots alone": ("...", "dokumen.pdf"),
    "a name of Windows' own": ("laporan.pdf. .", "laporan.pdf"),
    "turned around": ("draf\u202efdp.exe", "draffdp.exe.pdf"),
    "Indonesian": ("Laporan Kinerja (Tw. IV) – final.pdf", "Laporan Kinerja (Tw. IV) – final.pdf"),
    "Javanese and a duck": ("ꦗꦮ 🦆.pdf", "ꦗꦮ 🦆.pdf"),
    "composed anew": ("e\u0301.pdf", "é.pdf"),
    "endless": ("x" * 900 + ".pdf", "x" * 251 + ".pdf"),
    "endless and wide": ("🦆" * 300 + ".pdf", "🦆" * 62 + ".pdf"),
    "markup": ("<img src=x onerror=alert(1)>.svg", "<img src=x onerror=alert(1)>.svg.pdf"),
    "SQL": ("'; DROP TABLE document; --.pdf", "'; DROP TABLE document; --.pdf"),
}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
async def camat(office: Office) -> AsyncClient:
    return await office.as_("camat")


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_is_kept_as_words_and_sent_back_as_one_header(office: Office, camat: AsyncClient, name: str) -> None:
    sent, kept = NAMES[name]
    run, stored = await fresh(office), files(office)
    answer = await camat.post(
        f"/v1/instances/{run.id}/documents", content=form(part("slot", "draf_tim"), a_file(PDF, sent.replace('"', "%22"))), headers=FORM
    )
    assert (answer.status_code, answer.json()["filename"]) == (201, kept)
    (blob,) = files(office) - stored
    assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f-]{36}", blob.relative_to(blobs_of(office).root).as_posix())
    found = await camat.get(f"{answer.headers['location']}/versions/1/content")
    header = found.headers["content-disposition"]
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith('attachment; filename="')
    assert "set-cookie" not in found.headers
    assert unquote(header.partition("filename*=UTF-8''")[2]) == kept


@pytest.mark.parametrize("name", NAMES)
async def test_an_old_client_reads_a_plain_name_without_a_path(office: Office, camat: AsyncClient, name: str) -> None:
    run = await fresh(office)
    answer = await camat.post(
        f"/v1/instances/{run.id}/documents", content=form(part("slot", "draf_tim"), a_file(PDF, NAMES[name][0].replace('"', "%22"))), headers=FORM
    )
    found = await camat.get(f"{answer.headers['location']}/versions/1/content")
    message = Message()
    message["Content-Disposition"] = found.headers["content-disposition"].partition("; filename*=")[0]
    plain = message.get_filename()
    assert plain is not None
    assert re.fullmatch(r"[0-9A-Za-z _()-][0-9A-Za-z ._()-]*", plain)
    assert not plain.endswith((".", " "))


async def test_two_files_of_one_name_are_two_files(office: Office, camat: AsyncClient) -> None:
    run, stored = await fresh(office), files(office)
    for content in (PDF + b"one", PDF + b"two"):
        answer = await camat.post(f"/v1/instances/{run.id}/documents", content=form(part("slot", "draf_tim"), a_file(content, "a.pdf")), headers=FORM)
    path = answer.headers["location"]
    assert [(await camat.get(f"{path}/versions/{n}/content")).content for n in (1, 2)] == [PDF + b"one", PDF + b"two"]
    assert len(files(office) - stored) == 2


async def test_a_name_in_latin_1_is_read_and_filename_star_is_preferred(office: Office, camat: AsyncClient) -> None:
    run = await fresh(office)
    latin = a_file(PDF, "XX").replace(b"XX", "r\u00e9sum\u00e9.pdf".encode("latin-1"))
    starred = a_file(PDF, "fallback.pdf").replace(b'"fallback.pdf"', b"\"fallback.pdf\"; filename*=UTF-8''d%C3%A9j%C3%A0.pdf")
    for body, kept in ((latin, "résumé.pdf"), (starred, "déjà.pdf")):
        answer = await camat.post(f"/v1/instances/{run.id}/documents", content=form(part("slot", "draf_tim"), body), headers=FORM)
        assert (answer.status_code, answer.json()["filename"]) == (201, kept)
