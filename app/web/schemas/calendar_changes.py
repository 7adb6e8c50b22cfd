"""What a change of a calendar is answered with: the rows that it made of it, and in a dry run what it would do to open deadlines."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from app.usecases.calendar_effects import MOST_SHOWN, Effect
from app.usecases.calendar_effects import MovedDeadline as Moved
from app.usecases.calendars import Changed
from app.web.schemas.base import AnswerModel
from app.web.schemas.calendars import CalendarRows
from app.web.schemas.common import OfficeRef


class MovedDeadline(AnswerModel):
    """Satu tenggat yang akan bergeser. One deadline that would move."""

    instance_id: UUID
    title: str = Field(examples=["Pengumpulan Data Kinerja Triwulan III 2025"])
    office: OfficeRef
    step: int = Field(examples=[4])
    round: int = Field(examples=[1])
    from_: datetime = Field(serialization_alias="from", examples=["2025-08-19T16:00:00+08:00"])
    to: datetime | None = Field(
        description="null: tidak tersisa jam kerja, jadi tetap. No office time would be left for it, so it would stay.",
        examples=["2025-08-20T16:00:00+08:00"],
    )

    @classmethod
    def of(cls, moved: Moved) -> Self:
        return cls(
            instance_id=moved.instance_id,
            title=moved.title,
            office=OfficeRef(code=moved.office_code, name=moved.office_name),
            step=moved.step,
            round=moved.round,
            from_=moved.before,
            to=moved.after,
        )


class EffectShown(AnswerModel):
    """Akibat perubahan pada tenggat yang berjalan. What a change would do to the deadlines that run now."""

    examined: int = Field(description="Tenggat yang diperiksa. Deadlines looked at.", examples=[12])
    complete: bool = Field(description="Semuanya sudah diperiksa. Whether that is all of them.")
    moved: int = Field(description="Tenggat yang akan bergeser. Deadlines that would move.", examples=[1])
    items: list[MovedDeadline] = Field(description=f"Paling banyak {MOST_SHOWN} di antaranya. At most {MOST_SHOWN} of them.")

    @classmethod
    def of(cls, effect: Effect) -> Self:
        items = [MovedDeadline.of(moved) for moved in effect.items]
        return cls(examined=effect.examined, complete=effect.complete, moved=effect.moved, items=items)


class CalendarChanged(AnswerModel):
    """Kalender sesudah perubahan. The calendar after a change; in a dry run as it would be, where the ids of new rows mean nothing yet."""

    office: str = Field(examples=["64.02.13"])
    version: int = Field(description="Versi kalender kantor ini. Also the version in the ETag.", examples=[3])
    recomputing: bool = Field(description="Tenggat yang berjalan sedang dihitung ulang. Open deadlines are still being recomputed.")
    added: CalendarRows
    changed: CalendarRows = Field(description="Sebagaimana sekarang. As they are now.")
    removed: CalendarRows = Field(description="Sebagaimana tadinya. As they were.")
    effect: EffectShown | None = Field(description="Hanya pada dry run. In a dry run alone.")

    @classmethod
    def of(cls, found: Changed) -> Self:
        difference, office = found.difference, found.office
        return cls(
            office=office,
            version=found.inherited.version,
            recomputing=found.recomputing,
            added=CalendarRows.of(difference.added, office),
            changed=CalendarRows.of(difference.changed, office),
            removed=CalendarRows.of(difference.removed, office),
            effect=None if found.effect is None else EffectShown.of(found.effect),
        )
