"""The two lists that tell Office programs what the parts of a file are: content types and relations."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from app.outside.content.found import NotTakenError
from app.outside.content.zips import damaged

_MAIN: Mapping[str, Literal["docx", "xlsx"]] = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
}
_MACROS = re.compile("macro|vba|activex", re.IGNORECASE)
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_REMOTE = frozenset({"attachedtemplate", "oleobject", "frame", "subdocument", "afchunk", "control", "package"})
"""Relations that an Office program follows while it opens the file. What they lead to must be inside."""

_CODE = frozenset({"vbaproject", "wordvbadata", "activexcontrolbinary", "xlmacrosheet", "xlintlmacrosheet"})
_LOCAL = re.compile(r"(file:///)?[A-Za-z]:[/\\].*|[^/\\:]+", re.DOTALL)
"""On the author's own disk, as Word writes it into every document that was begun from a template: nothing is fetched for the reader.
Likewise the workbook of a chart that was pasted with its link, which is how Word pastes one."""

_DRIVE = re.compile("[a-z]:/")
_CHART = re.compile(r"(word|xl)/charts/_rels/[^/]+\.rels")

_ENCODINGS = frozenset({None, "utf-8", "us-ascii"})

Handler = Callable[[str, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class ContentTypes:
    """In lower case: by the part's path, and by its ending."""

    parts: Mapping[str, str]
    endings: Mapping[str, str]

    def of(self, part: str) -> str:
        return self.parts.get(part) or self.endings.get(part.rpartition(".")[2], "")


@dataclass(frozen=True, slots=True)
class Package:
    """`names` of all parts, in lower case; `relations`: the list that leads to the main part."""

    types: ContentTypes
    names: frozenset[str]
    relations: bytes


def content_types(text: bytes) -> ContentTypes:
    parts: dict[str, str] = {}
    endings: dict[str, str] = {}

    def element(name: str, attributes: Mapping[str, str]) -> None:
        said = attributes.get("ContentType", "").strip().lower()
        if _MACROS.search(said):
            raise NotTakenError("macros")
        if name == f"{_TYPES} Override":
            _once(parts, attributes.get("PartName", "").lower().removeprefix("/"), said)
        elif name == f"{_TYPES} Default":
            _once(endings, attributes.get("Extension", "").lower(), said)

    _parse(text, element)
    return ContentTypes(parts, endings)


def _once(said: dict[str, str], key: str, value: str) -> None:
    if said.setdefault(key, value) != value:
        raise damaged()


def refuse_relations(text: bytes, *, at: str) -> None:
    """`at`: the list's own name, which says whose relations they are."""
    linked = frozenset({"attachedtemplate", "oleobject"} if _CHART.fullmatch(at) else {"attachedtemplate"})

    def element(name: str, attributes: Mapping[str, str]) -> None:
        if name != f"{_RELATIONS} Relationship":
            return
        what = _last(attributes.get("Type", ""))
        if what in _CODE:
            raise NotTakenError("macros")
        target, is_outside = attributes.get("Target", ""), attributes.get("TargetMode", "").strip().lower() == "external"
        if what == "afchunk" and not is_outside:  # a page, a mail, an RTF: Word reads it by its content type, whatever its name
            raise NotTakenError("embedded_object", part=target[-100:])
        if is_outside and what == "image" and _is_share(target):
            raise NotTakenError("external_content", variant="picture")
        if not is_outside or what not in _REMOTE:
            return
        if what in linked and _LOCAL.fullmatch(unquote(target)):
            return
        raise NotTakenError("external_content")

    _parse(text, element)


def _is_share(target: str) -> bool:
    """Windows signs its user in, with a hash of their password, at whatever host a picture is to come from."""
    plain = unquote(target).strip().replace("\\", "/").lower()
    is_file, path = plain.startswith("file:"), plain.removeprefix("file:")
    host = path.lstrip("/")
    slashes = len(path) - len(host)
    if slashes < 2 or (is_file and slashes == 3) or _DRIVE.match(host):
        return False
    return not host.startswith("localhost/")


def main_part(package: Package) -> Literal["docx", "xlsx"]:
    """What the package's only main part is."""
    targets: list[str] = []

    def element(name: str, attributes: Mapping[str, str]) -> None:
        if name == f"{_RELATIONS} Relationship" and _last(attributes.get("Type", "")) == "officedocument":
            targets.append(attributes.get("Target", "").lower().removeprefix("/"))

    _parse(package.relations, element)
    if len(targets) != 1 or targets[0] not in package.names:
        raise damaged()
    said = package.types.of(targets[0])
    if "template" in said:
        raise NotTakenError("office_template")
    if said not in _MAIN:
        raise NotTakenError("type_unknown", variant="archive")
    return _MAIN[said]


def _last(relation_type: str) -> str:
    return relation_type.strip().rstrip("/").rpartition("/")[2].lower()


def _parse(text: bytes, element: Handler) -> None:
    """Without a document type there are no entities to expand, and no other file to read."""
    from xml.parsers import expat  # noqa: PLC0415  only where an Office file came in

    def no_doctype(*_: object) -> None:
        raise damaged()

    def declared(_: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise damaged()

    if b"\x00" in text:  # UTF-16, whatever it declares
        raise damaged()
    parser = expat.ParserCreate("utf-8", " ")
    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = no_doctype
    parser.XmlDeclHandler = declared
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise damaged() from error
