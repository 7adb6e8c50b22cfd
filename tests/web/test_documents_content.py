"""What a file is decides whether it comes in, over HTTP: what is refused leaves nothing behind, and nothing ever answers 500."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from anyio import from_thread, to_thread
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.content import FACTS
from app.domain.documents import CHUNK_BYTES
from app.domain.problems import Refused
from app.domain.procedures import DocumentType, Slot
from app.outside.storage import DiskBlobs
from app.usecases.receiving import Reception, take_in
from tests.support.blobs import files as lying_in
from tests.support.contents import EVIL, OLE, VALID, docx
from tests.support.office import Office
from tests.support.shared_office import blobs_of, files, fresh, nothing_saved
from tests.web.test_frame_errors import problem

SLOT = "draf_tim"
IN_ITS_PLACE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f-]{36}")
CLAIMED = ["application/pdf", "application/octet-stream", "text/html", "application/x-msdownload", "image/svg+xml"]


@pytest.fixture(scope="module")
def office_settings() -> dict[str, str]:
    return {"ALUR_MAX_UPLOAD_BYTES": str(2 * CHUNK_BYTES)}


@pytest.mark.parametrize("key", FACTS)
async def test_the_type_that_is_stored_and_given_out_is_the_one_found(office: Office, key: DocumentType) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    name = "laporan.csv" if key == "csv" else "laporan.exe"
    answer = await camat.post(
        f"/v1/instances/{run.id}/documents", data={"slot": SLOT}, files={"file": (name, VALID[key], "application/x-msdownload")}
    )
    assert answer.status_code == 201, answer.text
    ending = "" if key == "csv" else FACTS[key].endings[0]
    shown = answer.json()
    assert (shown["media_type"], shown["filename"]) == (FACTS[key].media_type, name + ending)
    given_out = await camat.get(f"{answer.headers['location']}/versions/1/content")
    assert (given_out.content, given_out.headers["content-type"].partition(";")[0]) == (VALID[key], FACTS[key].media_type)
    assert f'filename="{name}{ending}"' in given_out.headers["content-disposition"]


@pytest.mark.parametrize("filename", ["laporan.pdf", "laporan.docx"])
@pytest.mark.parametrize("what", [what for what in EVIL if EVIL[what]])
async def test_what_is_refused_leaves_nothing(office: Office, what: str, filename: str) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    path = f"/v1/instances/{run.id}/documents"
    async with nothing_saved(office):
        answer = await camat.post(path, data={"slot": SLOT}, files={"file": (filename, EVIL[what], "application/pdf")})
    refusals = answer.json()["refusals"]
    problem(answer, 422, refusals[0]["code"])
    assert len(refusals) == 1
    assert refusals[0]["message"]


async def test_a_refusal_is_told_in_the_language_asked_for(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    path, evil = f"/v1/instances/{run.id}/documents", {"file": ("a.docx", docx({"word/vbaProject.bin": OLE}), "x/y")}
    for language, words in (("id", "tanpa makro"), ("en", "without macros")):
        answer = await camat.post(path, data={"slot": SLOT}, files=evil, headers={"Accept-Language": language})
        assert words in answer.text


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    raw=st.text(max_size=40) | st.sampled_from(["../../../etc/cron.d/x", "C:\\Windows\\a.exe", "a.csv", "a.docm", "a\0.pdf", "." * 300]),
    content=st.sampled_from([*VALID.values(), *EVIL.values()]) | st.binary(max_size=60),
    cut=st.integers(0, 4),
    claimed=st.sampled_from(CLAIMED),
)
def _anything(check: Callable[..., Awaitable[None]], *, raw: str, content: bytes, cut: int, claimed: str) -> None:
    from_thread.run(check, raw, content[: len(content) - cut], claimed)


async def test_whatever_is_sent_is_judged_and_lies_in_its_place(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    path, root = f"/v1/instances/{run.id}/documents", blobs_of(office).root

    async def check(raw: str, content: bytes, claimed: str) -> None:
        stored = files(office)
        name = raw.encode("utf-8", "ignore").decode()
        answer = await camat.post(path, data={"slot": SLOT}, files={"file": (name or "x", content, claimed)})
        more = files(office) - stored
        if answer.status_code != 201:
            assert answer.status_code == 422, answer.text
            assert not more
            return
        shown = answer.json()
        (kept,) = more
        assert IN_ITS_PLACE.fullmatch(kept.relative_to(root).as_posix())
        assert kept.read_bytes() == content
        facts = next(facts for facts in FACTS.values() if facts.media_type == shown["media_type"])
        assert shown["filename"].lower().endswith(facts.endings)
        assert content in VALID.values() or not content.startswith((b"MZ", b"\x7fELF", b"#!", b"PK", b"<", OLE[:8]))

    await to_thread.run_sync(_anything, check)


@pytest.mark.parametrize("key", FACTS)
async def test_a_slot_that_takes_one_kind_refuses_the_others_before_anything_is_kept(tmp_path: Path, key: DocumentType) -> None:
    store, slot = DiskBlobs(tmp_path), Slot(label="Laporan", accepts=(key,))
    reception = Reception(blobs=store)
    for other, content in VALID.items():
        async with reception.blobs.receive(CHUNK_BYTES) as temporary:
            await temporary.write(content)
            await temporary.finish()
            if other == key:
                stored = await take_in(reception, temporary, slot, filename="a.csv")
                assert stored.media_type == FACTS[key].media_type
                continue
            with pytest.raises(Refused) as refused:
                await take_in(reception, temporary, slot, filename="a.csv")
            assert [refusal.code for refusal in refused.value.refusals] == ["type_not_accepted"]
    assert len(lying_in(store)) == 1
