"""Names of files, in and out: what a sender called a file is kept as data and never becomes a path."""

import re
import unicodedata
from urllib.parse import quote

MAX_BYTES = 255
UNNAMED = "dokumen"

_LONGEST_ENDING = 16
_SEPARATOR = re.compile(r"[/\\]")
_TRAILING = " ."  # Windows drops them, so "laporan.pdf" and "laporan.pdf." would be one file there
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories: controls and NUL, bidirectional overrides and other format characters, half surrogates, line ends."""

_ATTR_CHARS = "!#$&+-.^_`|~"  # RFC 5987, beside letters and digits


def clean_filename(raw: str) -> str:
    """What a person may be shown: the last component of a path, visible characters in NFC, at most 255 bytes of UTF-8, never empty or dots alone."""
    last = _SEPARATOR.split(raw)[-1]
    visible = unicodedata.normalize("NFC", "".join(map(_visible, last)))
    return _shortened(visible.lstrip(" ").rstrip(_TRAILING)).rstrip(_TRAILING) or UNNAMED


def content_disposition(filename: str) -> str:
    """RFC 6266: always an attachment, with a name in ASCII for old clients and the true one in `filename*`."""
    name = clean_filename(filename)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    safe = re.sub(r"[^0-9A-Za-z ._()-]", "_", plain).lstrip(" ").rstrip(_TRAILING)
    fallback = f"{UNNAMED}{safe}" if not safe or safe.startswith(".") else safe
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    return "" if category in _INVISIBLE else " " if category == "Zs" else character


def _shortened(name: str) -> str:
    """Cut before the ending, which says what the file is."""
    encoded = name.encode()
    if len(encoded) <= MAX_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    kept = dot + ending if stem and len(ending.encode()) <= _LONGEST_ENDING else ""
    return encoded[: MAX_BYTES - len(kept.encode())].decode(errors="ignore") + kept
