"""The child rows of an instance: which field of the domain's value lies in which table, and what names a row among its siblings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from app.domain.instances import Claim, Document, DocumentVersion, Mark, Member, SignOff, StepRound, Suspension
from app.domain.waiting import Task
from app.store.tables import (
    ClaimRow,
    DocumentRow,
    DocumentVersionRow,
    InstanceRow,
    MarkRow,
    MemberRow,
    SignOffRow,
    StepRoundRow,
    SuspensionRow,
    TaskRow,
    table,
)

INSTANCE = table(InstanceRow)


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of child rows: the field of `Instance` that holds them, their table, and what names a row among its siblings."""

    field: str
    kind: type
    table: Table
    key: Callable[[Any], Any]


COLLECTIONS: tuple[Collection, ...] = (
    Collection("rounds", StepRound, table(StepRoundRow), lambda r: (r.step, r.round)),
    Collection("sign_offs", SignOff, table(SignOffRow), lambda r: (r.step, r.round, r.role, r.account_id, r.number)),
    Collection("claims", Claim, table(ClaimRow), lambda r: (r.step, r.role)),
    Collection("members", Member, table(MemberRow), lambda r: r.account_id),
    Collection("suspensions", Suspension, table(SuspensionRow), lambda r: r.number),
    Collection("documents", Document, table(DocumentRow), lambda r: r.id),
    Collection("versions", DocumentVersion, table(DocumentVersionRow), lambda r: (r.document_id, r.version)),
    Collection("marks", Mark, table(MarkRow), lambda r: r.id),
)
TASK = Collection("tasks", Task, table(TaskRow), lambda r: (r.kind, r.role, r.slot, r.member))
