"""Shapes that several nouns share."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from app.domain.durations import Unit
from app.domain.instances import Period, Snapshot
from app.domain.refusals import Language, Refusal
from app.web.schemas.base import AnswerModel, Day, RequestModel, Whole

CalendarDay = date
"""A field of a letter is called `date` too."""


class OfficeRef(AnswerModel):
    """Kantor. An office by its region code."""

    code: str = Field(examples=["64.02.13"])
    name: str = Field(examples=["Kecamatan Samboja"])


class ProcedureRef(AnswerModel):
    """Prosedur beserta versinya. The procedure and the version that the instance started with."""

    key: str = Field(examples=["pengumpulan-data-kinerja"])
    version: int = Field(examples=[1])
    title: str = Field(examples=["Pengumpulan Data Kinerja"])


class PeriodRequest(RequestModel):
    """Periode: satu triwulan, atau setahun bila quarter tidak diisi. A quarter, or a whole year without one."""

    year: Whole = Field(ge=2000, le=2100, examples=[2026])
    quarter: Whole | None = Field(default=None, ge=1, le=4, examples=[4])


class PeriodShown(AnswerModel):
    year: int = Field(examples=[2026])
    quarter: int | None = Field(examples=[4])

    @classmethod
    def of(cls, period: Period) -> Self:
        return cls(year=period.year, quarter=period.quarter)


class ActorShown(AnswerModel):
    """Siapa yang bertindak, sebagaimana jabatannya saat itu. Who acted, as they stood then."""

    account_id: UUID
    name: str = Field(examples=["Ratna Dewi"])
    role: str = Field(examples=["camat"])
    office: str = Field(examples=["64.02.13"])
    capacity: Literal["definitive", "plt", "plh", "pj"]
    label: str = Field(examples=["Plh. Camat"])

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        return cls.model_validate(snapshot)


class LetterRequest(RequestModel):
    """Surat perintah atau keputusan. The letter or decree that says so."""

    number: str | None = Field(default=None, min_length=1, max_length=100, examples=["800/12/2026"])
    date: Day | None = None


class LetterShown(AnswerModel):
    number: str | None = Field(examples=["800/12/2026"])
    date: CalendarDay | None

    @classmethod
    def of(cls, number: str | None, on: CalendarDay | None) -> Self | None:
        return None if number is None and on is None else cls(number=number, date=on)


class RefusalShown(AnswerModel):
    """Satu alasan penolakan. One reason against."""

    code: str = Field(examples=["input_missing"])
    message: str

    @classmethod
    def of(cls, refusal: Refusal, language: Language) -> Self:
        return cls(code=refusal.code, message=refusal.message(language))


class DurationShown(AnswerModel):
    """Waktu menurut SOP. `hour` and `minute` are office time."""

    value: int = Field(examples=[30])
    unit: Unit = Field(examples=["minute"])


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """As the office's clock shows it."""
    return moment.astimezone(zone)


def local_or_none(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if moment is None else moment.astimezone(zone)
