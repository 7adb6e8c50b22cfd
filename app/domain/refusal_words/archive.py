"""Why a document is not filed so, or a restricted record not kept."""

from collections.abc import Mapping

from app.domain.wordings import Wording

WORDINGS: Mapping[str, Wording] = {}
