"""multipart/form-data read as it comes: small fields into memory, the one `file` straight into a sink.

FastAPI's own `UploadFile` reads the whole body before anyone asked who sends it, and has no cap. Here the route decides first and calls
`read_form` then; python-multipart does the splitting, all limits are ours.
"""

import re
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote_to_bytes

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from app.domain.problems import FieldError, Invalid, PayloadTooLarge, UnsupportedMediaType
from app.web.filenames import clean_filename

FORM_DATA = "multipart/form-data"
FILE = "file"
MAX_FIELDS = 16
MAX_FIELD_BYTES = 16 * 1024
MAX_HEADER_BYTES = 4 * 1024
MAX_HEADERS = 8
OVERHEAD_BYTES = (MAX_FIELDS + 1) * MAX_FIELD_BYTES
"""What a body may hold beside the file: every field at its largest, and room for boundaries and headers."""

MAX_MEDIA_TYPE = 150
OCTET_STREAM = "application/octet-stream"

_WORDS = {
    "malformed_multipart": ("Isi permintaan bukan multipart/form-data yang benar.", "The body is not well-formed multipart/form-data."),
    "boundary_missing": ("Content-Type tidak menyebut boundary yang benar.", "Content-Type names no valid boundary."),
    "truncated": ("Isi permintaan terputus sebelum batas penutup.", "The body ends before its closing boundary."),
    "part_unnamed": ("Ada bagian tanpa nama.", "A part has no name."),
    "transfer_encoding": (
        "Kirim bagian ini sebagai biner, tanpa Content-Transfer-Encoding.",
        "Send this part as binary, without Content-Transfer-Encoding.",
    ),
    "too_many_fields": (f"Paling banyak {MAX_FIELDS} isian.", f"At most {MAX_FIELDS} fields."),
    "duplicate_field": ("Disebut lebih dari sekali.", "Given more than once."),
    "too_long": (f"Paling banyak {MAX_FIELD_BYTES} byte.", f"At most {MAX_FIELD_BYTES} bytes."),
    "not_text": ("Harus berupa teks UTF-8 tanpa NUL.", "Must be UTF-8 text without NUL."),
    "not_a_file": (
        "Kirim sebagai berkas, dengan filename (curl: -F file=@nama.pdf).",
        "Send it as a file, with a filename (curl: -F file=@name.pdf).",
    ),
    "unexpected_file": (f"Hanya bagian {FILE} yang berupa berkas.", f"Only the part {FILE} is a file."),
}

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")  # RFC 2046 §5.1.1
_PARAMETER = re.compile(r"""[ \t]*;[ \t]*([0-9A-Za-z!#$%&'*+\-.^_`|~]+)[ \t]*=[ \t]*(?:"((?:\\"|[^"])*)"(?=[ \t]*(?:;|$))|([^;"]*))""")
"""The last quote ends a quoted value, not the first: curl writes `\\"` for a quote, browsers leave a backslash before the last one alone."""

_MEDIA_TYPE = re.compile(r"[0-9a-z!#$&^_.+\-]+/[0-9a-z!#$&^_.+\-]+")  # RFC 6838 §4.2


class Sink(Protocol):
    """Where the bytes of the file go; a `TemporaryBlob` is one."""

    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    async def write(self, chunk: bytes) -> None: ...
    async def finish(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """`filename` and `media_type` are what the sender said, cleaned: data, never a path and never a promise."""

    filename: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Form:
    fields: dict[str, str]
    file: ReceivedFile | None


async def read_form(request: Request, sink: Sink, *, max_file_bytes: int) -> Form:
    """The whole form; the file's bytes are in the (finished) sink.

    Raises Invalid, PayloadTooLarge, UnsupportedMediaType, and whatever the sink raises. A declared length over the cap is refused unread.
    """
    parts = _Parts(_boundary(request.headers.get("content-type", "")), max_file_bytes)
    most = max_file_bytes + OVERHEAD_BYTES
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 18 or int(declared) > most):
        raise PayloadTooLarge(max_file_bytes)
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > most:
            raise PayloadTooLarge(max_file_bytes)
        for piece in parts.feed(chunk):
            await sink.write(piece)
    if not parts.ended:
        raise _invalid("truncated")
    return Form(parts.fields, await _received(parts.file, sink))


async def _received(part: "_Part | None", sink: Sink) -> ReceivedFile | None:
    """A browser sends an unnamed, empty file for a field that was left alone: that is no file."""
    if part is None or not (part.filename or part.size):
        return None
    await sink.finish()
    return ReceivedFile(filename=clean_filename(part.filename or ""), media_type=part.media_type, size=sink.size, sha256=sink.sha256)


@dataclass(slots=True)
class _Part:
    """`filename` is None for a field. `value` collects a field's bytes; a file's are counted and passed on."""

    name: str
    filename: str | None
    media_type: str
    value: bytearray = field(default_factory=bytearray)
    size: int = 0


class _Parts:
    """Turns the parser's callbacks into fields and pieces of the file. `feed` hands out the pieces that one chunk of the body held."""

    def __init__(self, boundary: str, max_file_bytes: int) -> None:
        self.fields: dict[str, str] = {}
        self.file: _Part | None = None
        self.ended = False
        self._max_file_bytes = max_file_bytes
        self._part: _Part
        self._pieces: list[bytes] = []
        self._headers: dict[str, str] = {}
        self._header_name, self._header_value = bytearray(), bytearray()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._headers.clear,
                "on_header_field": self._on_header_name,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
            max_header_count=MAX_HEADERS,
            max_header_size=MAX_HEADER_BYTES,
        )

    def feed(self, chunk: bytes) -> list[bytes]:
        self._pieces = []
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _invalid("malformed_multipart") from error
        return self._pieces

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        name = self._header_name.decode("ascii").lower()
        if name in self._headers:
            raise _invalid("malformed_multipart")
        self._headers[name] = _text_of(bytes(self._header_value)).strip(" \t")
        self._header_name, self._header_value = bytearray(), bytearray()

    def _on_headers_finished(self) -> None:
        part = _part_of(self._headers)
        if part.name in self.fields or (part.name == FILE and self.file):
            raise _invalid("duplicate_field", part.name)
        if part.name == FILE:
            self.file = part
        elif len(self.fields) == MAX_FIELDS:
            raise _invalid("too_many_fields")
        self._part = part

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._part.size += end - start
        if self._part is self.file:
            if self._part.size > self._max_file_bytes:
                raise PayloadTooLarge(self._max_file_bytes)
            self._pieces.append(data[start:end])
        elif self._part.size > MAX_FIELD_BYTES:
            raise _invalid("too_long", self._part.name)
        else:
            self._part.value += data[start:end]

    def _on_part_end(self) -> None:
        if self._part is not self.file:
            self.fields[self._part.name] = _field_text(self._part)

    def _on_end(self) -> None:
        self.ended = True


def _part_of(headers: dict[str, str]) -> _Part:
    kind, parameters = _parsed(headers.get("content-disposition", ""))
    name = parameters.get("name")
    if kind != "form-data" or not name:
        raise _invalid("part_unnamed")
    if headers.get("content-transfer-encoding", "binary").lower() not in {"binary", "8bit", "7bit"}:
        raise _invalid("transfer_encoding", name)
    filename = _filename(parameters)
    if (name == FILE) != (filename is not None):
        raise _invalid("not_a_file" if name == FILE else "unexpected_file", name)
    return _Part(name, filename, _media_type(headers.get("content-type", "")))


def _filename(parameters: dict[str, str]) -> str | None:
    """`filename*` (RFC 5987) before `filename`, whose percent-escapes (RFC 7578 §2, all browsers) are undone once, if they are UTF-8."""
    charset, _, rest = parameters.get("filename*", "").partition("'")
    if charset.lower() in {"utf-8", "iso-8859-1"}:
        try:
            return unquote_to_bytes(rest.partition("'")[2]).decode(charset)
        except UnicodeDecodeError:
            pass
    plain = parameters.get("filename")
    try:
        return None if plain is None else unquote_to_bytes(plain).decode()
    except UnicodeDecodeError:
        return plain


def _media_type(header: str) -> str:
    essence = header.partition(";")[0].strip(" \t").lower()
    return essence if len(essence) <= MAX_MEDIA_TYPE and _MEDIA_TYPE.fullmatch(essence) else OCTET_STREAM


def _field_text(part: _Part) -> str:
    try:
        text = part.value.decode()
    except UnicodeDecodeError as error:
        raise _invalid("not_text", part.name) from error
    if "\0" in text:
        raise _invalid("not_text", part.name)
    return text


def _boundary(content_type: str) -> str:
    if content_type.partition(";")[0].strip(" \t").lower() != FORM_DATA:
        raise UnsupportedMediaType(FORM_DATA)
    boundary = _parsed(content_type)[1].get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise _invalid("boundary_missing")
    return boundary


def _parsed(header: str) -> tuple[str, dict[str, str]]:
    """`kind; name="value"; …`. A parameter twice, or anything between parameters, is malformed: two readers would read it differently."""
    kind = header.partition(";")[0]
    parameters: dict[str, str] = {}
    position = len(kind)
    while match := _PARAMETER.match(header, position):
        name, quoted, bare = match.group(1).lower(), match.group(2), match.group(3)
        if name in parameters:
            raise _invalid("malformed_multipart")
        parameters[name] = bare.strip(" \t") if quoted is None else re.sub(r'\\(["\\])', r"\1", quoted)
        position = match.end()
    if header[position:].strip(" \t;"):
        raise _invalid("malformed_multipart")
    return kind.strip(" \t").lower(), parameters


def _text_of(raw: bytes) -> str:
    """UTF-8, as RFC 7578 has it; else Latin-1, which every byte is."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _invalid(code: str, name: str = "") -> Invalid:
    """`name` is the field that is wrong; without one, it is the body as a whole."""
    pointer = "/" + name.replace("~", "~0").replace("/", "~1") if name else ""
    indonesian, english = _WORDS[code]
    return Invalid(FieldError(pointer, code, id=indonesian, en=english))
