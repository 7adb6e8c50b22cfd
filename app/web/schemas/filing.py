"""Bodies about records keeping: how documents are filed, retention schedules, what is due for disposal."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from app.domain.filing import Due, FinalAction, RetentionRule, SecurityClass, closed_at, over_on, rule_for
from app.store.filed_documents import FiledLine
from app.store.filing import OfficeSchedule
from app.usecases.filing import FiledDocument
from app.web.paging import Listing
from app.web.patterns import CLASSIFICATION, NOT_BLANK, RULE_KEY
from app.web.schemas.base import AnswerModel, Day, RequestModel, Whole, mistake
from app.web.schemas.common import ActorShown, local_or_none
from app.web.schemas.instances import InstanceState
from app.web.schemas.listing_view import Procedures, procedure_of, show_instance
from app.web.schemas.worklists import InstanceRef

Classification = Annotated[
    str, Field(pattern=CLASSIFICATION, max_length=50, description="Kode klasifikasi arsip. Digits and dots.", examples=["000.8.6.3"])
]
RuleKey = Annotated[str, Field(pattern=RULE_KEY, max_length=63, examples=["laporan_kinerja"])]
Years = Annotated[Whole, Field(ge=0, le=200, examples=[2])]


def trimmed(text: str) -> str:
    """Without the blanks around it: a number given twice would not be seen. What Python alone takes for blank stays as it is."""
    return text.strip() or text


_Text = Annotated[str, Field(pattern=NOT_BLANK, max_length=100), AfterValidator(trimmed)]


class DocumentRecordRequest(RequestModel):
    """Metadata arsip, diganti seluruhnya. All of it is replaced: `{}` says ordinary, without code, rule or number."""

    classification: Classification | None = None
    security_class: SecurityClass = "ordinary"
    retention_rule: RuleKey | None = Field(None, description="null: menurut klasifikasi. By the classification.")
    number: _Text | None = Field(None, description="Nomor naskah.", examples=["000.8.6.3/12/2027"])
    numbered_by: _Text | None = Field(None, description="null: kantor ini. Who gave the number; null: this office.", examples=["SRIKANDI"])
    dated: Day | None = Field(None, examples=["2027-01-29"])


class RetentionRuleRequest(RequestModel):
    """`classification`: it applies to this code and all below it; null: only to documents that name the rule."""

    key: RuleKey
    title: str = Field(pattern=NOT_BLANK, max_length=300, examples=["Laporan kinerja kecamatan"])
    classification: Classification | None
    active_years: Years
    inactive_years: Years
    final_action: FinalAction


def _once(rules: list[RetentionRuleRequest]) -> list[RetentionRuleRequest]:
    codes = [rule.classification for rule in rules if rule.classification is not None]
    if any(count > 1 for count in (*Counter(rule.key for rule in rules).values(), *Counter(codes).values())):
        raise mistake(
            "rule_twice",
            indonesian="Setiap key dan setiap klasifikasi hanya boleh satu kali.",
            english="Each key and each classification may stand there once.",
        )
    return rules


class RetentionScheduleRequest(RequestModel):
    """Jadwal retensi arsip (JRA) kantor ini, diganti seluruhnya. `rules: []`: as the office above says."""

    source: str = Field(pattern=NOT_BLANK, max_length=400, description="Dasar hukumnya. The regulation.", examples=["Peraturan Bupati tentang JRA"])
    rules: Annotated[list[RetentionRuleRequest], Field(max_length=500), AfterValidator(_once)]


class RetentionRuleShown(AnswerModel):
    key: str
    title: str
    classification: str | None
    active_years: int
    inactive_years: int
    final_action: FinalAction

    @classmethod
    def of(cls, rule: RetentionRule) -> Self:
        return cls(
            key=rule.key,
            title=rule.title,
            classification=rule.classification,
            active_years=rule.active_years,
            inactive_years=rule.inactive_years,
            final_action=rule.final_action,
        )


class RetentionScheduleShown(AnswerModel):
    """Jadwal yang berlaku di kantor ini. `from_office`: whose it is, the nearest at or above; null where there is none."""

    from_office: str | None = Field(examples=["64.02"])
    source: str | None
    rules: list[RetentionRuleShown]
    version: int = Field(description="Dari yang ditetapkan kantor ini sendiri. Of what this office itself says; 0: nothing yet.")

    @classmethod
    def of(cls, held: OfficeSchedule) -> Self:
        said = held.schedule
        rules = [RetentionRuleShown.of(rule) for rule in held.rules]
        return cls(from_office=None if said is None else said.office, source=None if said is None else said.source, rules=rules, version=held.version)


class FiledAs(AnswerModel):
    classification: str | None
    security_class: SecurityClass
    number: str | None
    numbered_by: str | None
    dated: date | None


class DocumentRecordShown(FiledAs):
    """Metadata arsip satu dokumen. `rule`: what holds for it now; `retention_over_on`: null while its instance is open."""

    document_id: UUID
    retention_rule: str | None
    rule: RetentionRuleShown | None
    retention_over_on: date | None
    described_by: ActorShown | None
    described_at: datetime | None

    @classmethod
    def of(cls, filed: FiledDocument) -> Self:
        said, office = filed.record.filing, filed.instance.office
        rule, closed = rule_for(filed.held.rules, said), closed_at(filed.instance)
        described_at = filed.record.described_at
        return cls(
            **_said(said),
            document_id=filed.document_id,
            retention_rule=said.retention_rule,
            rule=None if rule is None else RetentionRuleShown.of(rule),
            retention_over_on=None if rule is None or closed is None else over_on(closed, office.zone, rule.years),
            described_by=None if filed.record.described_by is None else ActorShown.of(filed.record.described_by),
            described_at=None if described_at is None else described_at.astimezone(office.zone),
        )


def _said(filing: Any) -> dict[str, Any]:
    return {name: getattr(filing, name) for name in FiledAs.model_fields}


class RecordShown(FiledAs):
    """Satu dokumen dengan versinya yang berlaku. Metadata only: content that is held back stays so. `rule`: what holds for it now.

    `security_class` of what nobody described is `ordinary`; `described_at` is null then. `retention_over_on`: null while its instance is open.
    """

    document_id: UUID
    slot: str = Field(examples=["laporan_final"])
    label: str = Field(examples=["Laporan Final"])
    instance: InstanceRef
    instance_state: InstanceState
    closed_at: datetime | None
    version: int
    filename: str = Field(examples=["laporan-final.pdf"])
    media_type: str = Field(examples=["application/pdf"])
    size: int = Field(description="Byte.")
    sha256: str
    scan: Literal["unscanned", "quarantined", "clean", "infected"]
    retention_rule: str | None
    rule: RetentionRuleShown | None
    retention_over_on: date | None
    described_at: datetime | None

    @classmethod
    def of(cls, line: FiledLine, rules: Sequence[RetentionRule], procedures: Procedures) -> Self:
        about, said, zone = line.about, line.filing, ZoneInfo(line.about.time_zone)
        rule = rule_for(rules, said)
        return cls(
            **_said(said),
            document_id=line.document_id,
            slot=line.slot,
            label=procedure_of(about, procedures).slots[line.slot].label,
            instance=show_instance(about, procedures),
            instance_state=line.state,
            closed_at=local_or_none(line.closed_at, zone),
            version=line.version,
            filename=line.filename,
            media_type=line.media_type,
            size=line.size,
            sha256=line.sha256,
            scan=line.scan,
            retention_rule=said.retention_rule,
            rule=None if rule is None else RetentionRuleShown.of(rule),
            retention_over_on=None if rule is None or line.closed_at is None else over_on(line.closed_at, zone, rule.years),
            described_at=local_or_none(line.described_at, zone),
        )


class RecordList(Listing[RecordShown]):
    """Dokumen beserta arsipnya."""


class DueDocument(FiledAs):
    """Satu dokumen yang masa simpannya habis. Nothing is deleted: what becomes of it is for people to decide."""

    document_id: UUID
    slot: str
    instance_id: UUID
    instance_title: str
    office: str
    closed_at: datetime
    rule: RetentionRuleShown
    final_action: FinalAction
    due_since: date = Field(description="Hari pertama sesudah masa simpan. The first day after its retention.")

    @classmethod
    def of(cls, due: Due) -> Self:
        kept = due.kept
        return cls(
            **_said(kept.filing),
            document_id=kept.document_id,
            slot=kept.slot,
            instance_id=kept.instance_id,
            instance_title=kept.instance_title,
            office=kept.office,
            closed_at=kept.closed_at.astimezone(kept.zone),
            rule=RetentionRuleShown.of(due.rule),
            final_action=due.rule.final_action,
            due_since=due.since,
        )


class DueList(Listing[DueDocument]):
    """Yang habis masa simpannya. Nothing is deleted by Alur."""
