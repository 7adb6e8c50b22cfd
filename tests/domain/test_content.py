"""A stored file is named for what it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.content import ALL_TYPES, FACTS, MAX_NAME_BYTES, ends_as, named_as
from app.domain.procedures import DocumentType
from app.web.filenames import MAX_BYTES, clean_filename


@pytest.mark.parametrize(
    ("filename", "key", "stored"),
    [
        ("laporan.pdf", "pdf", "laporan.pdf"),
        ("LAPORAN.PDF", "pdf", "LAPORAN.PDF"),
        ("laporan.exe", "pdf", "laporan.exe.pdf"),
        ("laporan.pdf.exe", "pdf", "laporan.pdf.exe.pdf"),
        ("laporan", "docx", "laporan.docx"),
        ("foto.jpg", "jpeg", "foto.jpg"),
        ("foto.jpeg", "jpeg", "foto.jpeg"),
        ("foto.png", "jpeg", "foto.png.jpg"),
        ("laporan.docm", "docx", "laporan.docm.docx"),
        ("a" * 255, "pdf", "a" * 251 + ".pdf"),
        ("é" * 127, "xlsx", "é" * 125 + ".xlsx"),
        ("a" * 250 + " .bcd", "pdf", "a" * 250 + ".pdf"),
        ("", "csv", "dokumen.csv"),
    ],
)
def test_a_name_ends_in_what_the_file_is(filename: str, key: DocumentType, stored: str) -> None:
    assert named_as(filename, key) == stored


@given(raw=st.text(max_size=300), key=st.sampled_from(ALL_TYPES))
def test_whatever_the_sender_calls_it(raw: str, key: DocumentType) -> None:
    name = named_as(clean_filename(raw), key)
    assert ends_as(name, key)
    assert clean_filename(name) == name
    assert len(name.encode()) <= MAX_NAME_BYTES == MAX_BYTES
    assert named_as(name, key) == name


def test_no_two_types_share_an_ending_or_a_media_type() -> None:
    endings = [ending for facts in FACTS.values() for ending in facts.endings]
    assert len(endings) == len(set(endings))
    assert len({facts.media_type for facts in FACTS.values()}) == len(FACTS)
