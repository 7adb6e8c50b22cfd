"""DDE in Office files: fields, links and formulas that start another program.

Parts are known by their content: their names and types are the sender's.
"""

import re
from html import unescape

from app.outside.content.found import NotTakenError
from app.outside.content.zips import damaged

_MOST_PENDING = 256 * 1024
"""Of one tag with its text: formulas end at 8192 characters, fields soon after."""

_MARKUP = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<")
_ENCODING = re.compile(rb"\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([^\"']*)")
_ENCODINGS = frozenset({b"utf-8", b"utf-16", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252"})
"""Those in which the names below are spelled as they are below, NULs aside."""

_HINTS = (b"ddeLink", b"instrText", b"fldSimple", b"fldChar", b"|")
_TAG = rb"<(?:[\w.-]+:)?(%s)(?=[\s>/])"
_OURS = re.compile(_TAG % rb"ddeLink|instrText|fldSimple|fldChar|definedName|f")
_WITH_TEXT = re.compile(_OURS.pattern + rb"((?:[^<>\"']|\"[^<\"]*\"|'[^<']*')*+)>([^<]*+)(<!)?")
_INSTRUCTION = re.compile(r"\binstr\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_FIELD = re.compile(r"\s*DDE(?:AUTO)?\b", re.IGNORECASE)
_MOST_FIELD = 1000
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\[[^\[\]]*\]")
_CALL = re.compile(r"\|[^!]*!")
"""`program|topic!item`, where it stands neither in a text nor in the name of a sheet or column."""


class DdeSearch:
    """Of one part, piece by piece. Raises NotTakenError."""

    def __init__(self) -> None:
        self._begun = False
        self._is_markup = False
        self._pending = b""
        self._field = ""

    def feed(self, piece: bytes) -> None:
        if not self._begun:
            self._begin(piece)
        if self._is_markup:
            self._search(self._pending + piece.replace(b"\x00", b""))  # UTF-16 is read as if it were UTF-8

    def end(self) -> None:
        self._look_at(self._pending)

    def _begin(self, piece: bytes) -> None:
        text = piece[:1024].replace(b"\x00", b"")
        self._begun = True
        self._is_markup = _MARKUP.match(text) is not None
        declared = _ENCODING.match(text.lstrip(b"\xef\xbb\xbf\xff\xfe"))
        if declared is not None and declared[1].lower() not in _ENCODINGS:
            raise damaged()

    def _search(self, text: bytes) -> None:
        """Up to the last tag, which may go on in the next piece."""
        cut = max(0, text.rfind(b"<", 0, -1))
        self._look_at(text[: cut + 2])
        self._pending = text[cut:]
        if len(self._pending) > _MOST_PENDING:
            if _OURS.match(self._pending):
                raise damaged()
            self._pending = b""

    def _look_at(self, text: bytes) -> None:
        if not any(hint in text for hint in _HINTS):
            return
        for name, attributes, content, hides in _WITH_TEXT.findall(text):
            self._element(name, unescape(attributes.decode(errors="replace")), unescape(content.decode(errors="replace")))
            if hides and name in {b"instrText", b"f", b"definedName"}:  # a comment or CDATA amid what a program runs
                raise damaged()

    def _element(self, name: bytes, attributes: str, content: str) -> None:
        if name == b"ddeLink":
            raise _found()
        if name == b"fldChar":
            self._field = ""
        elif name == b"instrText":
            self._field = (self._field + content)[:_MOST_FIELD]
            _refuse_field(self._field)
        elif name == b"fldSimple":
            for instruction in _INSTRUCTION.findall(attributes):
                _refuse_field("".join(instruction))
        elif "|" in content and _CALL.search(_QUOTED.sub("", content)):
            raise _found()


def _refuse_field(instruction: str) -> None:
    if _FIELD.match(instruction):
        raise _found()


def _found() -> NotTakenError:
    return NotTakenError("external_content", variant="dde")
