"""What this caller may do with a document: computed by the rules that guard each POST, so that a button never lies."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.domain.documents import MarkRequest, Upload, mark_refusals, mark_roles, upload_refusals
from app.domain.instances import Document, DocumentVersion, MarkName
from app.domain.refusals import Refusal, in_order
from app.domain.signatures import type_refusals
from app.domain.transitions import Situation

DocumentAction = Literal["upload", "initial", "sign"]

_MARKS: tuple[tuple[DocumentAction, MarkName, tuple[str, ...]], ...] = (
    ("initial", "initial", ("hierarchical", "coordination")),
    ("sign", "signature", ("wet", "electronic")),
)


@dataclass(frozen=True, slots=True)
class AvailableDocumentAction:
    """`kind`: of the mark; None for a new version. What an electronic signature needs beside is in the bytes, which nobody has looked at here."""

    action: DocumentAction
    kind: str | None
    refusals: tuple[Refusal, ...]

    @property
    def allowed(self) -> bool:
        return not self.refusals


def document_actions(situation: Situation, document: Document, *, hold: bool) -> tuple[AvailableDocumentAction, ...]:
    """A new version, and each kind of mark that the procedure asks for on it, put on the latest version; none once the instance is closed.

    `hold`: what is quarantined is not given out.
    """
    latest = situation.instance.latest(document.slot)
    if latest is None or not situation.instance.is_open:
        return ()
    return tuple(_judged(situation, document, latest, hold=hold))


def _judged(situation: Situation, document: Document, latest: DocumentVersion, *, hold: bool) -> Iterator[AvailableDocumentAction]:
    yield AvailableDocumentAction("upload", None, in_order(upload_refusals(situation, Upload(slot=document.slot))))
    for action, mark, kinds in _MARKS:
        if not mark_roles(situation.instance, document.slot, mark):
            continue
        for kind in kinds:
            request = MarkRequest(document.id, latest.version, mark, kind, hold)
            of_type = type_refusals(latest.media_type) if kind == "electronic" else ()
            yield AvailableDocumentAction(action, kind, in_order((*mark_refusals(situation, request), *of_type)))
