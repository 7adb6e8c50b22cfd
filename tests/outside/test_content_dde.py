"""Fields, links and formulas that start another program, wherever a part lies and however it is written."""

import time
from contextlib import suppress

import pytest

from app.outside.content import Examined
from app.outside.content.dde import DdeSearch
from app.outside.content.found import NotTakenError
from app.outside.content.zips import Budget
from tests.support.contents import docx
from tests.support.examined import refused, seen


def field(*instructions: str, between: str = "</w:r><w:r><w:rPr/>") -> bytes:
    """As Word writes one: in as many runs as it was typed in."""
    texts = between.join(f'<w:instrText xml:space="preserve">{text}</w:instrText>' for text in instructions)
    begin, end = ('<w:fldChar w:fldCharType="begin"/>', '<w:fldChar w:fldCharType="end"/>')
    return f'<w:document xmlns:w="urn:w"><w:p><w:r>{begin}</w:r><w:r>{texts}</w:r><w:r>{end}</w:r></w:p></w:document>'.encode()


def formula(text: str, tag: str = "f") -> bytes:
    return f'<worksheet><c r="A1"><{tag}>{text}</{tag.partition(" ")[0]}><v>0</v></c></worksheet>'.encode()


LINK = b'<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'


@pytest.mark.parametrize("name", ["word/document.xml", "word/footer1.xml", "xl/lain/isi.xml", "word/media/image1.png", "customXml/a.txt"])
@pytest.mark.parametrize(
    "part",
    [
        LINK,
        b"\xef\xbb\xbf" + LINK,
        LINK.replace(b"ddeLink", b"x:ddeLink"),
        LINK.decode().encode("utf-16"),
        LINK.decode().encode("utf-16-be"),
        field(r' DDEAUTO c:\\windows\\system32\\cmd.exe "/k calc" '),
        field("dde Excel Book1 A1"),
        field(" DD", "EA", "UTO cmd"),
        field("&#68;DE cmd"),
        field("PAGE").replace(b"</w:p>", b"") + field("DDE cmd"),
        b"<w:p><w:fldSimple w:dirty='0' w:instr='DDEAUTO cmd \"/k calc\"'><w:r/></w:fldSimple></w:p>",
        b'<w:p><w:fldSimple w:instr="&#x44;DE cmd"/></w:p>',
        b"<w:instrText a='>'>DDE cmd</w:instrText>",
        formula("cmd|'/c calc'!A0"),
        formula("1+'cmd'|'/c calc'!A0"),
        formula('IF(A1="x",cmd|&apos;/c calc&apos;!A0)', 'f t="shared" ref="A1:A9" si="0"'),
        formula("cmd|x!A0", 'definedName name="a"'),
        formula("cmd|x!A0", "xm:f"),
    ],
)
def test_what_starts_another_program_is_refused(name: str, part: bytes) -> None:
    assert refused(docx({name: part})) == "external_content:dde"


@pytest.mark.parametrize(
    "part",
    [
        field("DDE<!-- -->AUTO").replace(b"DDE<", b"DD<"),
        field("<![CDATA[DDEAUTO cmd]]>"),
        formula("cmd<!-- -->|x!A0"),
        field("x" * 400_000),
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        b"\xef\xbb\xbf<?xml version='1.0' encoding='ibm037'?><a/>",
    ],
)
def test_what_hides_how_it_is_read_is_refused(part: bytes) -> None:
    assert refused(docx({"word/document.xml": part})) == "archive_damaged"


@pytest.mark.parametrize(
    "part",
    [
        field(" PAGE "),
        field(" MERGEFIELD DDE "),
        field(' HYPERLINK "https://a.example/DDE" '),
        field("DDER x"),
        b"<w:t>Saluran DDE | Balai Desa! ddeLink</w:t>",
        b"<w:p>DDEAUTO cmd</w:p>",
        formula("SUM(A1:A9)"),
        formula('"a|b"&amp;A1&amp;"!"'),
        formula("'Target|Realisasi'!A1"),
        formula("Tabel1[Target|Realisasi]+Lembar!A1"),
        formula("Jalan | Lorong!", "t"),
        b"<w:t>" + b"x" * 600_000 + b"|</w:t>",
        b"<!-- catatan --><a><![CDATA[x|y!z]]></a>",
        b'<?xml version="1.0" encoding="UTF-8"?><w:document/>',
        '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"),
    ],
)
def test_what_only_speaks_of_it_is_taken(part: bytes) -> None:
    assert isinstance(seen(docx({"word/document.xml": part}), "a.docx"), Examined)


@pytest.mark.parametrize("part", [LINK, field(" DD", "EAUTO cmd"), formula("cmd|'/c calc'!A0"), b'<w:p><w:fldSimple w:instr="DDE cmd"/>'])
def test_it_is_found_wherever_one_piece_ends_and_the_next_begins(part: bytes) -> None:
    for at in range(1, len(part)):
        with pytest.raises(NotTakenError):
            _searched(part[:at], part[at:])


def _searched(*pieces: bytes) -> None:
    search = DdeSearch(Budget())
    for piece in pieces:
        search.feed(piece)
    search.end()


@pytest.mark.parametrize(
    "unit", [b"<", b"<f ", b'<f "', b"<f|", b"<f a='", b"<f>|", b"<instrText>x", b"<f>|'", b"<a>|", b"|", b"<fldSimple instr='", b"<!", b"<f><!"]
)
def test_no_part_keeps_it_busy(unit: bytes) -> None:
    before = time.process_time()
    with suppress(NotTakenError):
        _searched(b"<a>", *[(unit * 65536)[:65536]] * 64)
    assert time.process_time() - before < 2
