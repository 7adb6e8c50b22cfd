import unicodedata
from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.filenames import MAX_BYTES, UNNAMED, clean_filename, content_disposition

any_text = st.text(alphabet=st.characters(codec=None), max_size=300) | st.text(
    alphabet=st.sampled_from("./\\ \0\u202e\u0301e%\u00a0é\ud800"), max_size=40
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("laporan.pdf", "laporan.pdf"),
        ("Laporan Kinerja TW IV 2026 (final).docx", "Laporan Kinerja TW IV 2026 (final).docx"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        (r"C:\Users\camat\laporan.pdf", "laporan.pdf"),
        (r"..\..\boot.ini", "boot.ini"),
        ("a/b\\c/d.pdf", "d.pdf"),
        ("passwd\0.pdf", "passwd.pdf"),
        ("lapor\r\nSet-Cookie: x.pdf", "laporSet-Cookie: x.pdf"),
        ("tab\there.pdf", "tabhere.pdf"),
        ("laporan\u202efdp.exe", "laporanfdp.exe"),
        ("\u2066a\u2069\u200f\u061c.pdf", "a.pdf"),
        ("\ufefflaporan.pdf", "laporan.pdf"),
        ("baris\u2028baru\u2029.pdf", "barisbaru.pdf"),
        ("half \ud800 pair.pdf", "half  pair.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("e\u200b\u0301.pdf", "é.pdf"),
        ("Tangkapan Layar 09.30\u202fAM.png", "Tangkapan Layar 09.30 AM.png"),
        ("  laporan.pdf  ", "laporan.pdf"),
        ("laporan.pdf. . .", "laporan.pdf"),
        (".htaccess", ".htaccess"),
        ("ᬗᬸᬭᬄ.pdf", "ᬗᬸᬭᬄ.pdf"),
        ("100%.pdf", "100%.pdf"),
        ('a"b.pdf', 'a"b.pdf'),
        ("", UNNAMED),
        (".", UNNAMED),
        ("..", UNNAMED),
        (".\u200b.", UNNAMED),
        ("...", UNNAMED),
        ("a/", UNNAMED),
        ("a/..", UNNAMED),
        ("\0", UNNAMED),
        (" \u00a0\u3000", UNNAMED),
    ],
)
def test_a_name_is_cleaned(raw: str, clean: str) -> None:
    assert clean_filename(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a" * 255, "a" * 255),
        ("a" * 256, "a" * 255),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
        ("é" * 200 + ".pdf", "é" * 125 + ".pdf"),
        ("🙂" * 100, "🙂" * 63),
        ("a" * 10 + "." + "b" * 300, "a" * 10 + "." + "b" * 244),
        ("a" * 254 + ". " + "b" * 30, "a" * 254),
    ],
)
def test_a_long_name_is_cut_between_characters_and_before_its_ending(raw: str, clean: str) -> None:
    assert clean_filename(raw) == clean


@given(any_text)
def test_whatever_comes_the_name_is_harmless_and_stays_as_it_is(raw: str) -> None:
    name = clean_filename(raw)
    assert name not in {"", ".", ".."}
    assert len(name.encode()) <= MAX_BYTES
    assert not set(name) & set("/\\")
    assert name == unicodedata.normalize("NFC", name) == clean_filename(name)
    assert not {unicodedata.category(character) for character in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("filename", "header"),
    [
        ("laporan.pdf", "attachment; filename=\"laporan.pdf\"; filename*=UTF-8''laporan.pdf"),
        ("Résumé kinerja.pdf", "attachment; filename=\"Resume kinerja.pdf\"; filename*=UTF-8''R%C3%A9sum%C3%A9%20kinerja.pdf"),
        ('a"b;c\\d%41.pdf', "attachment; filename=\"d_41.pdf\"; filename*=UTF-8''d%2541.pdf"),
        ('a"b;c.pdf', "attachment; filename=\"a_b_c.pdf\"; filename*=UTF-8''a%22b%3Bc.pdf"),
        ("ᬗᬸ.pdf", "attachment; filename=\"dokumen.pdf\"; filename*=UTF-8''%E1%AC%97%E1%AC%B8.pdf"),
        ("🙂", "attachment; filename=\"dokumen\"; filename*=UTF-8''%F0%9F%99%82"),
        ("../../x", "attachment; filename=\"x\"; filename*=UTF-8''x"),
        ("it's (1)*.pdf", "attachment; filename=\"it_s (1)_.pdf\"; filename*=UTF-8''it%27s%20%281%29%2A.pdf"),
        ("a\r\nSet-Cookie: b", "attachment; filename=\"aSet-Cookie_ b\"; filename*=UTF-8''aSet-Cookie%3A%20b"),
    ],
)
def test_the_header_of_a_download(filename: str, header: str) -> None:
    assert content_disposition(filename) == header


@given(any_text)
def test_the_header_is_always_one_line_of_ascii_that_others_read_as_we_mean_it(raw: str) -> None:
    header = content_disposition(raw)
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith('attachment; filename="')
    plain, _, extended = header.partition("; filename*=UTF-8''")
    assert unquote(extended) == clean_filename(raw)
    message = Message()
    message["Content-Disposition"] = plain
    assert message.get_content_disposition() == "attachment"
    fallback = message.get_filename()
    assert fallback
    assert clean_filename(fallback) == fallback
