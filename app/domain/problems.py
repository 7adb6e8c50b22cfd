"""What a use case raises when it cannot answer; only the edge knows the HTTP status of each.

Problem
├── NotVisible            it does not exist, or not for this caller (the same answer)
├── Refused               the rules say no; carries every refusal
├── Invalid               the request itself is malformed; carries a pointer per mistake
├── Unauthenticated       nobody, or nobody we know
├── Stale                 If-Match names an older version
├── PreconditionRequired  this change must say which version it was decided on (If-Match)
├── KeyReused             the Idempotency-Key was used with another body
├── PayloadTooLarge       the body is over the cap; carries the cap in bytes
├── UnsupportedMediaType  the body is of another kind than this operation reads; carries what it reads
├── TooManyRequests       come again later; carries when
└── Unavailable           something we need is out for the moment
    └── StorageFull       there is no room: for documents, or in the database
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.refusals import Refusal, in_order


class Problem(Exception):
    """`code` is the stable name of the problem."""

    code = "problem"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake in a request: a JSON pointer (`/period/year`) or `?name`, a code, and a sentence in each language."""

    pointer: str
    code: str
    id: str
    en: str


class NotVisible(Problem):
    """`pointer` to what names it, where that stands in the body (`/office`). What is out of sight and what is nowhere are answered alike."""

    code = "not_found"

    def __init__(self, pointer: str = "") -> None:
        self.pointer = pointer
        super().__init__(pointer)

    @property
    def errors(self) -> tuple[FieldError, ...]:
        indonesian, english = "Tidak ada, atau bukan untuk Anda lihat.", "It does not exist, or it is not yours to see."
        return (FieldError(self.pointer, self.code, indonesian, english),) if self.pointer else ()


class Refused(Problem):
    """Carries all refusals, the caller's own first."""

    code = "refused"

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = in_order(refusals)
        super().__init__(", ".join(refusal.code for refusal in self.refusals))


class Invalid(Problem):
    code = "invalid_request"

    def __init__(self, *errors: FieldError) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{error.pointer}: {error.code}" for error in errors))


class Unauthenticated(Problem):
    """`code` says why, as far as the caller may know: `token_missing`, `token_invalid`, `session_ended`, `bad_credentials`.

    `variant`: which of its sentences, where what was wrong is no password.
    """

    def __init__(self, code: str = "token_invalid", *, variant: str = "") -> None:
        self.code = code
        self.variant = variant
        super().__init__(code)


class Stale(Problem):
    code = "precondition_failed"


class PreconditionRequired(Problem):
    code = "precondition_required"


class KeyReused(Problem):
    code = "idempotency_key_reused"


class PayloadTooLarge(Problem):
    code = "payload_too_large"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"over {limit} bytes")


class UnsupportedMediaType(Problem):
    code = "unsupported_media_type"

    def __init__(self, accepted: str) -> None:
        self.accepted = accepted
        super().__init__(f"expects {accepted}")


class TooManyRequests(Problem):
    """`retry_after` in seconds."""

    code = "too_many_requests"

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"retry after {retry_after} s")


class Unavailable(Problem):
    """`retry_after` in seconds."""

    code = "unavailable"
    retry_after = 2


class StorageFull(Unavailable):
    """The disk, the bucket or the quota is full; nothing of what was asked is left behind. Somebody has to make room, so a client need not hurry."""

    code = "storage_full"
    retry_after = 60
