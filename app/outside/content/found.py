"""What looking into a file comes to."""

from dataclasses import dataclass

from app.domain.procedures import DocumentType
from app.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Examined:
    """`filename`: as it is stored."""

    kind: DocumentType
    media_type: str
    filename: str


class NotTakenError(Exception):
    """Leaves `examine` as its refusal."""

    def __init__(self, code: str, *, variant: str = "", **params: str | int) -> None:
        self.refusal = Refusal(code, params, variant)
        super().__init__(code)
