"""The time an SOP allows for a step ("waktu"), in the unit in which the SOP says it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Unit = Literal["minute", "hour", "working_day", "calendar_day"]


class Duration(BaseModel):
    """An allowance. `minute` and `hour` are office time; days are never converted to minutes (domain rule: 480, 450 and 300 circulate)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: int = Field(gt=0, le=10_000)
    unit: Unit

    @property
    def office_minutes(self) -> int | None:
        """Minutes of office time, or None when the allowance is counted in days."""
        return {"minute": self.value, "hour": self.value * 60}.get(self.unit)
