"""The answer of a check of deadlines."""

from app.web.schemas.base import AnswerModel, Whole


class DeadlineCheck(AnswerModel):
    """Yang baru saja dikerjakan di kantor-kantor Anda. How many due times moved, how often something was told, and whether anything is left."""

    recomputed: Whole
    due_soon: Whole
    missed: Whole
    remaining: bool
