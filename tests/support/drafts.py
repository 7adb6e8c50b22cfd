"""Drafts of procedures for tests: two sound ones, and changing one in place."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from app.outside import catalog

DROP = object()
"""As a new value: take the field or item away."""

SHIPPED: dict[str, Any] = catalog.read(catalog.shipped()["pengumpulan-data-kinerja.yaml"]).value
OTHER_FILE = (Path(__file__).parent / "other_sop.yaml").read_bytes()
OTHER: dict[str, Any] = catalog.read(OTHER_FILE).value


def changed(draft: Any, changes: dict[str, Any]) -> Any:
    """A copy of the draft with the value at each JSON pointer set, added (`/steps/-`) or dropped, one after the other."""
    root = {"": deepcopy(draft)}
    for pointer, value in changes.items():
        *path, last = pointer.split("/")
        here: Any = root
        for part in path:
            here = here[int(part)] if isinstance(here, list) else here[part]
        if last == "-":
            here.append(value)
            continue
        name = int(last) if isinstance(here, list) else last
        if value is DROP:
            del here[name]
        else:
            here[name] = value
    return root[""]
