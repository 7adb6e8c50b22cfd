"""What is odd but not wrong: said beside an answer, and refused to nobody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """A code for programs, and a sentence in each language."""

    code: str
    id: str
    en: str
