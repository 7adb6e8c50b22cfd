"""Bodies about transitions: one model an action, told apart by `action`."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, RootModel

from app.domain import transitions as domain
from app.domain.transitions import Action
from app.web.paging import Listing
from app.web.schemas.base import AnswerModel, Day, RequestModel, Whole
from app.web.schemas.common import ActorShown
from app.web.schemas.instances import InstanceShown

Text = Annotated[str | None, Field(default=None, max_length=10_000)]
StepNumber = Annotated[Whole, Field(ge=1, le=200, examples=[1])]
RoleKey = Annotated[str | None, Field(default=None, max_length=63, description="Bagian yang dimaksud bila Anda memegang lebih dari satu.")]


class MemberRequest(RequestModel):
    username: str = Field(min_length=1, max_length=100, examples=["tim1"])


class InstrumentRequest(RequestModel):
    """Surat keputusan: nomor dan tanggalnya."""

    number: str | None = Field(default=None, min_length=1, max_length=100, examples=["188.45/12/2026"])
    date: Day


class TeamFormation(RequestModel):
    """Anggota tim, dari pegawai kantor. The members, from the office's people."""

    members: list[MemberRequest] = Field(max_length=100)
    instrument: InstrumentRequest | None = None


class _Transition(RequestModel):
    comment: str | None = Field(default=None, max_length=10_000)


class CompleteTransition(_Transition):
    """Paripurnakan bagian Anda. Sign off your part; the step completes when all parts are signed off."""

    action: Literal["complete"]
    step: StepNumber
    as_role: RoleKey
    team: TeamFormation | None = None
    late_reason: Text
    decision: Literal["yes", "no"] | None = None


class ReturnTransition(_Transition):
    """Kembalikan ke langkah yang ditetapkan prosedur. Return to a declared step."""

    action: Literal["return"]
    step: StepNumber
    to_step: Whole | None = Field(default=None, ge=1, le=200, examples=[4])
    reason: Text


class ClaimTransition(_Transition):
    """Ambil satu bagian agar tidak dikerjakan dua kali. Claim a part so that nobody else does it too."""

    action: Literal["claim"]
    step: StepNumber
    as_role: RoleKey


class ReleaseTransition(_Transition):
    """Lepaskan bagian yang diambil. Let go a claimed part."""

    action: Literal["release"]
    step: StepNumber
    as_role: RoleKey


class SuspendTransition(_Transition):
    """Tangguhkan: jam berhenti. Suspend: the clock stops."""

    action: Literal["suspend"]
    reason: Text


class ResumeTransition(_Transition):
    """Lanjutkan: jam berjalan lagi. Resume: the clock runs on."""

    action: Literal["resume"]


class CancelTransition(_Transition):
    """Batalkan pelaksanaan. Cancel the instance."""

    action: Literal["cancel"]
    reason: Text


class ChangeTeamTransition(_Transition):
    """Ubah anggota tim; paraf yang sudah ada tetap. Change the team; sign-offs given stand."""

    action: Literal["change_team"]
    team: TeamFormation | None = None
    reason: Text


class TransitionRequest(
    RootModel[
        Annotated[
            CompleteTransition
            | ReturnTransition
            | ClaimTransition
            | ReleaseTransition
            | SuspendTransition
            | ResumeTransition
            | CancelTransition
            | ChangeTeamTransition,
            Field(discriminator="action"),
        ]
    ]
):
    """Satu transisi, dibedakan oleh `action`. One transition, told apart by `action`."""

    def asked(self) -> domain.TransitionRequest:
        given = {name: value for name in _PLAIN if (value := getattr(self.root, name, None)) is not None}
        return domain.TransitionRequest(team=_team(getattr(self.root, "team", None)), **given)


_PLAIN = ("action", "step", "as_role", "to_step", "reason", "late_reason", "decision", "comment")


def _team(team: TeamFormation | None) -> domain.TeamRequest | None:
    if team is None:
        return None
    instrument = None if team.instrument is None else {"number": team.instrument.number, "date": team.instrument.date.isoformat()}
    return domain.TeamRequest(tuple(member.username for member in team.members), instrument)


class TransitionShown(AnswerModel):
    """Transisi yang tercatat; `id` kosong pada dry run. The recorded transition; `id` is null in a dry run."""

    id: UUID | None
    action: Action
    step: int | None
    to_step: int | None
    decision: Literal["yes", "no"] | None
    actor: ActorShown
    at: datetime
    reason: str | None
    late_reason: str | None
    comment: str | None


class TransitionTaken(AnswerModel):
    """Transisi dan keadaan sesudahnya. The transition and the instance after it."""

    transition: TransitionShown
    instance: InstanceShown


class TransitionList(Listing[TransitionShown]):
    """Transisi yang sudah diambil, yang lama dahulu."""
