"""Bodies about offices: what an administrator enters, and what an office looks like."""

from datetime import date, datetime
from typing import Self

from pydantic import Field

from app.domain.offices import AT_FOUNDING, Move, NewOffice, Parent
from app.store.offices import KnownOffice, OfficeLine
from app.web.paging import Listing
from app.web.patterns import NOT_BLANK
from app.web.schemas.base import AnswerModel, Day, RequestModel
from app.web.schemas.common import LetterRequest, LetterShown, OfficeRef

_CODE = r"^[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$"


class OfficeCreation(RequestModel):
    """Kantor baru di bawah kantor lain. A new office under another."""

    code: str = Field(max_length=40, pattern=_CODE, examples=["64.02.13.1001"])
    name: str = Field(min_length=1, max_length=200, pattern=NOT_BLANK, examples=["Kelurahan Sungai Seluang"])
    parent: str = Field(max_length=40, examples=["64.02.13"])
    time_zone: str = Field(max_length=64, examples=["Asia/Makassar"])

    def asked(self) -> NewOffice:
        return NewOffice(self.code, self.name, self.parent, self.time_zone)


class OfficeRenaming(RequestModel):
    """Nama baru. A new name; the code stays, because everything else counts on it."""

    name: str = Field(min_length=1, max_length=200, pattern=NOT_BLANK, examples=["Kecamatan Samboja"])


class OfficeMove(RequestModel):
    """Kantor atasan yang baru, sejak awal hari `valid_from` di zona waktu kantor ini. The new parent, from the start of that day on."""

    parent: str = Field(max_length=40, examples=["64.71"])
    valid_from: Day = Field(examples=["2027-07-01"])
    instrument: LetterRequest | None = None

    def asked(self, code: str) -> Move:
        if self.instrument is None:
            return Move(code, self.parent, self.valid_from)
        return Move(code, self.parent, self.valid_from, self.instrument.number, self.instrument.date)


class OfficeParentShown(AnswerModel):
    """Satu kantor atasan dan sejak kapan; tanpa tanggal: sejak semula. A parent, and since when; null: from the beginning."""

    parent: OfficeRef
    valid_from: date | None = Field(examples=["2027-07-01"])
    instrument: LetterShown | None

    @classmethod
    def of(cls, parent: Parent, name: str) -> Self:
        founding = parent.from_at == AT_FOUNDING
        instrument = LetterShown.of(parent.instrument_number, parent.instrument_date)
        return cls(parent=OfficeRef(code=parent.code, name=name), valid_from=None if founding else parent.valid_from, instrument=instrument)


class OfficeShown(AnswerModel):
    """Kantor: `parent` yang berlaku sekarang, `parents` menurut waktu. The parent standing now; all of them in order of time."""

    code: str = Field(examples=["64.02.13"])
    name: str = Field(examples=["Kecamatan Samboja"])
    time_zone: str = Field(examples=["Asia/Makassar"])
    parent: OfficeRef | None
    parents: list[OfficeParentShown]
    children: int = Field(description="Banyaknya kantor tepat di bawahnya sekarang. Offices directly below it now.", examples=[0])
    version: int = Field(examples=[1])

    @classmethod
    def of(cls, office: KnownOffice, now: datetime) -> Self:
        above = office.parent_at(now)
        return cls(
            code=office.code,
            name=office.name,
            time_zone=office.time_zone,
            parent=None if above is None else OfficeRef(code=above.code, name=office.names[above.code]),
            parents=[OfficeParentShown.of(parent, office.names[parent.code]) for parent in office.parents],
            children=office.children,
            version=office.version,
        )


class OfficeSummary(AnswerModel):
    """Kantor dalam daftar. An office in a list, with the parent standing now."""

    code: str = Field(examples=["64.02.13"])
    name: str = Field(examples=["Kecamatan Samboja"])
    time_zone: str = Field(examples=["Asia/Makassar"])
    parent: OfficeRef | None

    @classmethod
    def of(cls, line: OfficeLine) -> Self:
        above = None if line.parent is None or line.parent_name is None else OfficeRef(code=line.parent, name=line.parent_name)
        return cls(code=line.code, name=line.name, time_zone=line.time_zone, parent=above)


class OfficeList(Listing[OfficeSummary]):
    """Daftar kantor. Offices, by code."""
