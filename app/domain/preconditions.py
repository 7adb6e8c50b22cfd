"""Which version of a thing a caller decided on (`If-Match`), judged right after the load."""

from dataclasses import dataclass

from app.domain.problems import PreconditionRequired, Stale


@dataclass(frozen=True, slots=True)
class Expected:
    """`versions` None: any will do. `missing`: the act must name one, and did not."""

    versions: frozenset[int] | None = None
    missing: bool = False

    def check(self, version: int) -> None:
        if self.missing:
            raise PreconditionRequired
        if self.versions is not None and version not in self.versions:
            raise Stale


ANY_VERSION = Expected()
