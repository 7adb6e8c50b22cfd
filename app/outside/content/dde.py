"""DDE in Office files: fields, links and formulas that start another program.

Parts are known by their content: their names and types are the sender's.
"""

import re
from collections.abc import Sequence
from html import unescape

from app.outside.content.found import NotTakenError
from app.outside.content.zips import Budget, damaged

_MOST_PENDING = 256 * 1024
"""Of one tag with its text: formulas end at 8192 characters, fields soon after."""

_MARKUP = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<")
_ENCODING = re.compile(rb"\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([^\"']*)")
_ENCODINGS = frozenset({b"utf-8", b"utf-16", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252"})
"""Those in which the names below are spelled as they are below, NULs aside."""

_FIELD_HINTS = (b"ddeLink", b"instrText", b"fldSimple", b"fldChar")
_TAG = rb"<(?:[\w.-]+:)?(%s)(?=[\s>/])"
_REST = rb"((?:[^<>\"']|\"[^<\"]*\"|'[^<']*')*+)>"
_FIELDS, _FORMULAS = _TAG % b"ddeLink|instrText|fldSimple|fldChar", _TAG % b"definedName|f"
_OURS = re.compile(_FIELDS + b"|" + _FORMULAS)
_IN_FIELD = re.compile(_FIELDS + _REST + rb"([^<]*+)(<!)?")
_IN_FORMULA = re.compile(_FORMULAS + _REST + rb"([^<|]*+(?:\|[^<]*+|(?=<!)))(<!)?")
_INSTRUCTION = re.compile(r"\binstr\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_FIELD = re.compile(r"\s*DDE(?:AUTO)?\b", re.IGNORECASE)
_MOST_FIELD = 1000
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\[[^\[\]]*\]")
_CALL = re.compile(r"\|[^!]*!")
"""`program|topic!item`, where it stands neither in a text nor in the name of a sheet or column."""


class DdeSearch:
    """Of one part, piece by piece. Raises NotTakenError."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
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
        if b"|" in text or b"<!" in text:
            self._elements(_IN_FORMULA.findall(text))
        if any(hint in text for hint in _FIELD_HINTS):
            self._elements(_IN_FIELD.findall(text))

    def _elements(self, found: Sequence[tuple[bytes, bytes, bytes, bytes]]) -> None:
        self._budget.take(searched=len(found))
        for name, attributes, content, hides in found:
            if hides and name in {b"instrText", b"f", b"definedName"}:  # a comment or CDATA amid what a program runs
                raise damaged()
            self._element(name, attributes, unescape(content.decode(errors="replace")))

    def _element(self, name: bytes, attributes: bytes, content: str) -> None:
        if name == b"ddeLink":
            raise _found()
        if name == b"fldChar":
            self._field = ""
        elif name == b"instrText":
            self._field = (self._field + content)[:_MOST_FIELD]
            _refuse_field(self._field)
        elif name == b"fldSimple":
            for instruction in _INSTRUCTION.findall(unescape(attributes.decode(errors="replace"))):
                _refuse_field("".join(instruction))
        elif "|" in content and _CALL.search(_QUOTED.sub("", content)):
            raise _found()


def _refuse_field(instruction: str) -> None:
    if _FIELD.match(instruction):
        raise _found()


def _found() -> NotTakenError:
    return NotTakenError("external_content", variant="dde")
