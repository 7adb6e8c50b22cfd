"""The container of Office files, read so strictly that every program sees the same entries in it, and none of them unpacks to more than it says.

Entries lie one behind another from the first byte to the directory: nothing before, between, behind or shared.
"""

import struct
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from os import SEEK_END
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from app.outside.content.found import NotTakenError
from app.outside.content.sniffing import END_BYTES, END_OF_ARCHIVE, MOST_COMMENT

MOST_ENTRIES = 2000
MOST_DIRECTORY_BYTES = 512 * 1024
MOST_UNPACKED = 256 * 1024 * 1024
RATIO = 200
"""Unpacked to packed, of one entry above a megabyte: sheets of equal cells reach some 100; DEFLATE itself ends at 1032."""

TOTAL_RATIO = 100
_SMALL_ENTRY, _SMALL_TOTAL = 1024 * 1024, 16 * 1024 * 1024
PIECE_BYTES = 64 * 1024

_LOCAL = struct.Struct("<4s5H3I2H")
_END_64_BYTES = 56
_LOCATOR_64_BYTES = 20
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_DESCRIPTOR, _UTF_8 = 0x8, 0x800
_IN_EXTRA = 0xFFFFFFFF
"""The size stands behind the name, in 64 bits."""

_DESCRIPTOR_SIZES = (0, 12, 16, 20, 24)


@dataclass
class Budget:
    """What may still be done, for an archive and those within it together. `parsed`: bytes of XML. `searched`: fields and formulas looked at."""

    unpacked: int = MOST_UNPACKED
    entries: int = MOST_ENTRIES
    parsed: int = 4 * 1024 * 1024
    searched: int = 500_000

    def take(self, *, unpacked: int = 0, entries: int = 0, parsed: int = 0, searched: int = 0) -> None:
        self.unpacked -= unpacked
        self.entries -= entries
        self.parsed -= parsed
        self.searched -= searched
        if min(self.unpacked, self.entries, self.parsed, self.searched) < 0:
            raise NotTakenError("archive_too_large")


def damaged() -> NotTakenError:
    return NotTakenError("archive_damaged")


def entries_of(file: BinaryIO) -> Sequence[ZipInfo]:
    """In the order of their bytes, each of them where it says it is. Raises NotTakenError."""
    directory_at, said = _directory_at(file)
    try:
        with ZipFile(file) as archive:
            infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    except (BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError) as error:
        raise damaged() from error
    if len(infos) != said:
        raise damaged()
    _check_sizes(infos)
    expected: Collection[int] = (0,)
    for info in infos:
        expected = _check_place(file, info, expected)
    if directory_at not in expected:
        raise damaged()
    return infos


def _directory_at(file: BinaryIO) -> tuple[int, int]:
    """Where the directory begins, and how many entries it has. Before `zipfile` reads it: it would take any number of entries into memory."""
    size = file.seek(0, SEEK_END)
    file.seek(max(0, size - END_BYTES - MOST_COMMENT - _END_64_BYTES - _LOCATOR_64_BYTES))
    tail = file.read()
    at = tail.rfind(END_OF_ARCHIVE)
    if at < 0 or len(tail) - at < END_BYTES:
        raise damaged()
    this_disk, first_disk, here, entries, length, offset, comment = struct.unpack("<4H2IH", tail[at + 4 : at + END_BYTES])
    if at + END_BYTES + comment != len(tail) or this_disk or first_disk or here != entries:
        raise damaged()
    end = size - len(tail) + at
    if tail[max(0, at - _LOCATOR_64_BYTES) : at].startswith(b"PK\x06\x07"):
        at -= _LOCATOR_64_BYTES + _END_64_BYTES
        end -= _LOCATOR_64_BYTES + _END_64_BYTES
        said = entries, length, offset
        entries, length, offset = _end_64(tail[max(0, at) : at + _END_64_BYTES] if at >= 0 else b"")
        _refuse_another(said, (entries, length, offset))
    if entries > MOST_ENTRIES or length > MOST_DIRECTORY_BYTES:
        raise NotTakenError("archive_too_large")
    if entries == 0 or offset + length != end:
        raise damaged()
    return int(offset), int(entries)


def _refuse_another(short: tuple[int, int, int], long: tuple[int, int, int]) -> None:
    """Programs differ in which of the two ends they believe: where the short one names a directory at all, it is the same."""
    for said, meant, elsewhere in zip(short, long, (0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF), strict=True):
        if said not in {meant, elsewhere}:
            raise damaged()


def _end_64(record: bytes) -> tuple[int, int, int]:
    if len(record) != _END_64_BYTES or not record.startswith(b"PK\x06\x06"):
        raise damaged()
    _, _, _, this_disk, first_disk, here, entries, length, offset = struct.unpack("<Q2H2I4Q", record[4:])
    if this_disk or first_disk or here != entries:
        raise damaged()
    return entries, length, offset


def _check_sizes(infos: Sequence[ZipInfo]) -> None:
    if len(infos) > MOST_ENTRIES:
        raise NotTakenError("archive_too_large")
    packed = sum(info.compress_size for info in infos)
    unpacked = sum(info.file_size for info in infos)
    if unpacked > MOST_UNPACKED or (unpacked > _SMALL_TOTAL and unpacked > packed * TOTAL_RATIO):
        raise NotTakenError("archive_too_large")
    if any(info.file_size > _SMALL_ENTRY and info.file_size > info.compress_size * RATIO for info in infos):
        raise NotTakenError("archive_too_large")
    names = [info.orig_filename.lower() for info in infos]
    if len(set(names)) != len(names):
        raise damaged()


def _check_place(file: BinaryIO, info: ZipInfo, expected: Collection[int]) -> Collection[int]:
    """Where the next one may begin. The local header says what the directory says; its sizes may follow the bytes instead."""
    if info.flag_bits & _ENCRYPTED:
        raise NotTakenError("archive_encrypted")
    if info.header_offset not in expected or not _is_plain_name(info):
        raise damaged()
    if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED} or info.volume:
        raise damaged()
    end = _data_at(file, info) + info.compress_size
    return [end + size for size in (_DESCRIPTOR_SIZES if info.flag_bits & _DESCRIPTOR else (0,))]


def _data_at(file: BinaryIO, info: ZipInfo) -> int:
    file.seek(info.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) != _LOCAL.size:
        raise damaged()
    mark, _, flags, method, _, _, checksum, packed, unpacked_size, name_length, extra_length = _LOCAL.unpack(header)
    name = file.read(name_length)
    same = mark == b"PK\x03\x04" and method == info.compress_type and flags == info.flag_bits
    if not flags & _DESCRIPTOR:
        same = same and checksum == info.CRC and packed in {info.compress_size, _IN_EXTRA} and unpacked_size in {info.file_size, _IN_EXTRA}
    if not same or name.decode("utf-8" if flags & _UTF_8 else "cp437", "replace") != info.orig_filename:
        raise damaged()
    return info.header_offset + _LOCAL.size + int(name_length) + int(extra_length)


def _is_plain_name(info: ZipInfo) -> bool:
    """A path that stays inside, whichever system unpacks it."""
    name = info.orig_filename
    if name != info.filename or "\\" in name or ":" in name or not name.isprintable():
        return False
    return all(part not in {"", ".", ".."} for part in name.removesuffix("/").split("/"))


def unpacked(file: BinaryIO, info: ZipInfo, budget: Budget) -> Iterator[bytes]:
    """The entry's bytes, in pieces; at their end it is sure that they are as many, and the very ones, that the directory says."""
    file.seek(_data_at(file, info))
    count, checksum = 0, 0
    for piece in _inflated(file, info):
        count += len(piece)
        budget.take(unpacked=len(piece))
        if count > info.file_size:
            raise damaged()
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if count != info.file_size or checksum != info.CRC:
        raise damaged()


def _inflated(file: BinaryIO, info: ZipInfo) -> Iterator[bytes]:
    """The file is read in between by nobody else; each piece has at most 64 KiB."""
    if info.compress_type == ZIP_STORED:
        yield from _raw(file, info.compress_size)
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in _raw(file, info.compress_size):
            rest = packed
            while rest:
                if inflater.eof:
                    raise damaged()
                piece = inflater.decompress(rest, PIECE_BYTES)
                rest = inflater.unconsumed_tail or inflater.unused_data
                if piece:
                    yield piece
        while piece := inflater.decompress(b"", PIECE_BYTES):
            yield piece
    except zlib.error as error:
        raise damaged() from error
    if not inflater.eof or inflater.unused_data:
        raise damaged()


def _raw(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0:
        piece = file.read(min(left, PIECE_BYTES))
        if not piece:
            raise damaged()
        left -= len(piece)
        yield piece
