"""Pictures: a few kilobytes may say that they are gigabytes once unpacked, so what they say is read before anyone unpacks them."""

from os import SEEK_END
from typing import BinaryIO
from zlib import crc32

from app.outside.content.found import NotTakenError

MOST_PIXELS = 50_000_000
MOST_SIDE = 20_000

_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_MOST_MARKERS = 4096
_SCAN, _END = 0xDA, 0xD9
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF markers; those left out are tables."""

_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


def check_png(file: BinaryIO) -> None:
    file.seek(8)
    header = file.read(25)
    if len(header) < 25 or header[:8] != b"\x00\x00\x00\rIHDR" or crc32(header[4:21]) != int.from_bytes(header[21:], "big"):
        raise NotTakenError("image_damaged")
    _within(int.from_bytes(header[8:12], "big"), int.from_bytes(header[12:16], "big"))
    size = file.seek(0, SEEK_END)
    file.seek(max(0, size - len(_PNG_END)))
    if file.read() != _PNG_END:
        raise NotTakenError("image_damaged")


def check_jpeg(file: BinaryIO) -> None:
    """Every frame header before the first scan; the picture's own thumbnails lie inside their segments."""
    file.seek(2)
    frames = 0
    for _ in range(_MOST_MARKERS):
        marker = _marker(file)
        if marker == _SCAN and frames:
            return
        if marker in {_SCAN, _END}:
            break
        if marker in _WITHOUT_LENGTH:
            continue
        start = file.tell()
        length = int.from_bytes(_exactly(file, 2), "big")
        if length < 2:
            break
        if marker in _FRAMES:
            frames += 1
            frame = _exactly(file, 5)
            _within(int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big"))
        file.seek(start + length)
    raise NotTakenError("image_damaged")


def _marker(file: BinaryIO) -> int:
    """Any number of 0xFF may stand before it; a few do."""
    if _exactly(file, 1) != b"\xff":
        raise NotTakenError("image_damaged")
    for _ in range(16):
        code = _exactly(file, 1)[0]
        if code != 0xFF:
            return code
    raise NotTakenError("image_damaged")


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise NotTakenError("image_damaged")
    return data


def _within(width: int, height: int) -> None:
    if width == 0 or height == 0:
        raise NotTakenError("image_damaged")
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        megapixels, side = MOST_PIXELS // 1_000_000, MOST_SIDE
        raise NotTakenError("image_too_large", width=width, height=height, megapixels=megapixels, side=side)
