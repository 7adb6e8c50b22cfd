"""`Range: bytes=…` (RFC 9110 §14): one range is honoured; several, or what cannot be read, get the whole file."""

import re

from app.domain.problems import Problem

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class RangeNotSatisfiable(Problem):
    """The range begins behind the end; carries the size in bytes."""

    code = "range_not_satisfiable"

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"beyond {size} bytes")


def asked_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and length; None for the whole file. Raises RangeNotSatisfiable."""
    found = _ONE_RANGE.fullmatch(header.replace(" ", "")) if header else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        if length == 0:
            raise RangeNotSatisfiable(size)
        return size - length, length
    first, last = int(found[1]), min(int(found[2] or size), size - 1)
    if found[2] and int(found[2]) < first:
        return None
    if first >= size:
        raise RangeNotSatisfiable(size)
    return first, last - first + 1
