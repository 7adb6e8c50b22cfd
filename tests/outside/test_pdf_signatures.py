"""What is found of signatures in a PDF: each fact by itself, for sound files, for changed ones, and for anything at all."""

import io
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import anyio
import pytest

from app.domain.signatures import PdfSignature
from app.outside import pdf_signatures
from app.outside.pdf_signatures import PdfUnreadable, check_trust_roots, verify
from app.outside.pdf_signatures.examining import MAX_LETTERS, examine
from tests.support.signed_pdfs import AT, SIGNED_AT, authority, encrypted, person, plain, roots_file, sealed, signed, updated, with_forms

CAMAT, SEKRETARIS = "Camat Uji", "Sekretaris Uji"
SOUND, ALTERED, UNTRUSTED = (True, True, True), (False, False, True), (True, False, True)


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return roots_file(tmp_path_factory.mktemp("akar"))


@pytest.fixture(scope="module")
def by_camat() -> bytes:
    return signed(plain(), person(CAMAT))


def found(pdf: bytes, roots: Path | None, at: datetime = AT) -> tuple[PdfSignature, ...]:
    return examine(io.BytesIO(pdf), roots=roots, at=at)


def facts(pdf: bytes, roots: Path | None, at: datetime = AT) -> tuple[bool, bool | None, bool]:
    newest = found(pdf, roots, at)[-1]
    return newest.intact, newest.trusted, newest.covers_whole_document


def changed(pdf: bytes, old: bytes, new: bytes) -> bytes:
    assert pdf.count(old) >= 1
    assert len(old) == len(new)
    return pdf.replace(old, new, 1)


EXPIRED = SIGNED_AT + timedelta(minutes=30)
"""Before AT."""

CASES: dict[str, tuple[Callable[[], bytes], tuple[bool, bool | None, bool]]] = {
    "elliptic curve": (lambda: signed(plain(), person(CAMAT)), SOUND),
    "RSA": (lambda: signed(plain(), person(CAMAT, kind="rsa")), SOUND),
    "a key too weak": (lambda: signed(plain(), person(CAMAT, kind="dsa")), ALTERED),
    "another authority": (lambda: signed(plain(), person(CAMAT, by="Otoritas Lain")), UNTRUSTED),
    "a certificate that is over": (lambda: signed(plain(), person(CAMAT, until=EXPIRED)), UNTRUSTED),
    "over now, but stamped before": (lambda: signed(plain(), person(CAMAT, until=EXPIRED), stamped=SIGNED_AT), SOUND),
    "stamped when it was over": (lambda: signed(plain(), person(CAMAT, until=EXPIRED), stamped=EXPIRED + timedelta(minutes=5)), UNTRUSTED),
    "sealed by a time stamp later": (lambda: sealed(signed(plain(), person(CAMAT))), SOUND),
    "bytes after that": (lambda: sealed(signed(plain(), person(CAMAT))) + b"% lagi", (True, True, False)),
    "two signers": (lambda: signed(signed(plain(), person(CAMAT)), person(SEKRETARIS), field="Kedua"), SOUND),
    "changed after signing": (lambda: updated(signed(plain(), person(CAMAT))), (True, True, False)),
    "bytes after the end": (lambda: signed(plain(), person(CAMAT)) + b"\n% lagi", (True, True, False)),
    "a byte inside": (lambda: changed(signed(plain(), person(CAMAT)), b"Laporan", b"Laporam"), ALTERED),
    "changed, then signed by another": (lambda: signed(updated(signed(plain(), person(CAMAT))), person(SEKRETARIS), field="Kedua"), SOUND),
}


@pytest.mark.parametrize("case", CASES)
def test_facts_of_the_newest(case: str, roots: Path) -> None:
    make, wanted = CASES[case]
    assert facts(make(), roots) == wanted


def test_who_signed_and_when(by_camat: bytes, roots: Path) -> None:
    (one,) = found(by_camat, roots)
    assert (one.field, one.signer, one.issuer, one.timestamped) == ("Camat", CAMAT, "Otoritas Uji", False)
    assert one.serial_number == format(person(CAMAT).certificate.serial_number, "x")
    (stamped,) = found(signed(plain(), person(CAMAT), stamped=SIGNED_AT), roots)
    assert (stamped.signed_at, stamped.timestamped) == (SIGNED_AT, True)


def test_without_trust_roots_nobody_can_say(by_camat: bytes) -> None:
    assert facts(by_camat, None) == (True, None, True)
    (stamped,) = found(signed(plain(), person(CAMAT), stamped=SIGNED_AT), None)
    assert not stamped.timestamped


def test_the_first_of_two_does_not_cover_the_second(roots: Path) -> None:
    first, second = found(signed(signed(plain(), person(CAMAT)), person(SEKRETARIS), field="Kedua"), roots)
    assert [(s.signer, s.intact, s.covers_whole_document) for s in (first, second)] == [(CAMAT, True, False), (SEKRETARIS, True, True)]


def test_a_certificate_is_judged_at_the_moment_given(roots: Path) -> None:
    pdf = signed(plain(), person(CAMAT, until=EXPIRED))
    assert facts(pdf, roots, EXPIRED - timedelta(minutes=1)) == SOUND


def test_a_signature_written_shorter_covers_nothing(by_camat: bytes, roots: Path) -> None:
    """As a literal string it needs half the room: the rest of the gap would be nobody's. The lengths that pyHanko compares stay the same."""
    start = by_camat.index(b"/Contents <") + len(b"/Contents ")
    end = by_camat.index(b">", start) + 1
    raw = bytes.fromhex(by_camat[start + 1 : end - 1].decode())
    for byte, escaped in ((b"\\", b"\\\\"), (b"(", b"\\("), (b")", b"\\)"), (b"\r", b"\\r")):
        raw = raw.replace(byte, escaped)
    literal = b"(" + raw + b")"
    smuggled = by_camat[:start] + literal + b" " * (end - start - len(literal)) + by_camat[end:]
    assert facts(smuggled, roots) == (True, True, False)


@pytest.mark.parametrize(
    ("pdf", "reason"),
    [
        (b"", "damaged"),
        (b"%PDF-1.7", "damaged"),
        (b"bukan PDF", "damaged"),
        (encrypted(plain()), "encrypted"),
        (with_forms(plain()), "forms"),
    ],
)
def test_what_cannot_be_read_says_why(pdf: bytes, reason: str, roots: Path) -> None:
    with pytest.raises(PdfUnreadable) as unreadable:
        found(pdf, roots)
    assert unreadable.value.reason == reason


def test_without_a_signature_nothing_is_found(roots: Path) -> None:
    assert found(plain(), roots) == ()


def test_cut_or_changed_anywhere_it_is_never_sound(by_camat: bytes, roots: Path) -> None:
    """Cut at a hundred places, changed at a hundred. What fills the room behind the signature in its own field is no part of it."""
    contents = range(by_camat.index(b"/Contents <"), by_camat.index(b">", by_camat.index(b"/Contents <")))
    for at in range(0, len(by_camat), len(by_camat) // 100):
        assert not _sound(by_camat[:at], roots), at
        if at not in contents:
            assert not _sound(by_camat[:at] + bytes([by_camat[at] ^ 1]) + by_camat[at + 1 :], roots), at


def _sound(pdf: bytes, roots: Path) -> bool:
    try:
        signatures = found(pdf, roots)
    except PdfUnreadable:
        return False
    return bool(signatures) and facts(pdf, roots) == SOUND


def test_names_are_cut_and_legible(roots: Path) -> None:
    (one,) = found(signed(plain(), person("Camat\x00\n" + "A" * 57), field="x" * 300), roots)
    assert one.signer == "Camat" + "A" * 57
    assert len(one.field) == MAX_LETTERS


# ── the child ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_child_says_the_same(by_camat: bytes, roots: Path, tmp_path: Path) -> None:
    path = tmp_path / "laporan.pdf"
    path.write_bytes(by_camat)
    assert anyio.run(partial(verify, path, trust_roots=roots, at=AT)) == found(by_camat, roots)


STAND_IN = """
import sys
sys.path.insert(0, {root!r})
from app.outside.pdf_signatures.__main__ import limit
limit()
try:
    {code}
except MemoryError:
    sys.stdout.write('{{"unreadable": "costly"}}')
"""


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import time; time.sleep(60)", "costly"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "costly"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "costly"),
        ("bytearray(2 * 1024**3)", "costly"),
        ("raise SystemExit(3)", "crashed"),
    ],
)
async def test_a_child_that_fails_is_no_failure_of_ours(code: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for pyHanko that never ends, crashes, or takes all memory; under the same limits."""
    stand_in = tmp_path / "stand_in.py"
    stand_in.write_text(STAND_IN.format(root=str(Path.cwd()), code=code))
    monkeypatch.setattr(pdf_signatures, "COMMAND", ("-B", str(stand_in)))
    monkeypatch.setattr(pdf_signatures, "SECONDS", 1.5)
    with pytest.raises(PdfUnreadable) as unreadable:
        await verify(tmp_path / "laporan.pdf", trust_roots=None, at=AT)
    assert unreadable.value.reason == reason


async def test_trust_roots_that_are_gone_are_no_fault_of_the_file(by_camat: bytes, tmp_path: Path) -> None:
    path = tmp_path / "laporan.pdf"
    path.write_bytes(by_camat)
    with pytest.raises(PdfUnreadable, match="crashed"):
        await verify(path, trust_roots=tmp_path / "tidak-ada.pem", at=AT)


def test_the_child_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALUR_SIGNING_KEY", "rahasia")
    assert set(pdf_signatures.environment()) <= {"PATH", "LD_LIBRARY_PATH", "LANG"}
    assert "ALUR_SIGNING_KEY" in os.environ


def test_trust_roots_are_certificates(tmp_path: Path, roots: Path) -> None:
    check_trust_roots(roots)
    broken = tmp_path / "akar.pem"
    for content in (b"", authority().pem[:80], b"bukan PEM"):
        broken.write_bytes(content)
        with pytest.raises(ValueError, match="no file of PEM certificates"):
            check_trust_roots(broken)
    with pytest.raises(ValueError, match="no file of PEM certificates"):
        check_trust_roots(tmp_path / "tidak-ada.pem")
