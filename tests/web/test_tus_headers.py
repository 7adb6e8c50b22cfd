"""tus's headers, read one by one."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.problems import Invalid
from app.web.filenames import clean_filename
from app.web.tus import asked_checksum, asked_offset, asked_upload, is_number, parse_metadata
from tests.support.tus import BYTES, metadata

KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), min_size=1, max_size=20)
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=50)


@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_metadata_comes_out_as_it_went_in(values: dict[str, str]) -> None:
    header = ", ".join(f"{key} {base64.b64encode(value.encode()).decode()}".rstrip() for key, value in values.items())
    assert parse_metadata(header) == (values, [])


@given(st.text(max_size=100))
def test_no_header_breaks_the_parser(header: str) -> None:
    found, mistakes = parse_metadata(header)
    assert not (found and mistakes) or all(isinstance(key, str) for key in found)
    with suppress(Invalid):
        asked = asked_upload(header, header)
        assert asked.filename == clean_filename(asked.filename)


@pytest.mark.parametrize(
    "header",
    [
        "slot",
        "slot ?",
        "slot ZHJhZg",
        "slot ZHJhZg==,slot ZHJhZg==",
        ",",
        "slot ZHJhZg==,",
        "sl\u00f6t ZHJhZg==",
        "a\tb ZHJhZg==",
        "slot /w==",
        "slot AA==",
    ],
)
def test_metadata_that_cannot_be(header: str) -> None:
    """Said once: what was not understood is not called missing."""
    with pytest.raises(Invalid) as refused:
        asked_upload(header, "5")
    assert {mistake.pointer for mistake in refused.value.errors} <= {"Upload-Metadata"} or header == "slot"


def test_keys_for_other_servers_are_passed_over_and_a_value_may_be_missing() -> None:
    header = metadata(slot="draf", filename="a/b/../laporan.pdf", relativePath="null", filetype="application/pdf") + ",is_confidential"
    asked = asked_upload(header, "5")
    assert (asked.slot, asked.filename, asked.note, asked.sha256) == ("draf", "laporan.pdf", None, None)


@pytest.mark.parametrize("said", [None, "", "-1", "+1", "1.0", "1e3", "\u0663", " 1", "9" * 16])
def test_a_length_or_offset_that_is_no_number(said: str | None) -> None:
    assert said is None or not is_number(said)
    with pytest.raises(Invalid):
        asked_offset(BYTES, said)
    with pytest.raises(Invalid):
        asked_upload(metadata(slot="a", filename="b"), said)


def test_a_checksum_without_its_digest_fits_nothing() -> None:
    checksum = asked_checksum("sha1 ")
    assert checksum is not None
    assert checksum.digest == b""
