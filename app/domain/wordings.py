"""The two sentences of one code, and whom it concerns."""

from dataclasses import dataclass
from typing import Literal

Concern = Literal["caller", "state", "input"]
Language = Literal["id", "en"]


@dataclass(frozen=True, slots=True)
class Wording:
    """`{name}` places are filled from the refusal's `params`."""

    concern: Concern
    id: str
    en: str
