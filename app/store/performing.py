"""Which roles a suspended step still waits for. Its tasks are gone while it is suspended, so it is asked of the procedure and of the sign-offs."""

from sqlalchemy import CTE, ColumnElement, Integer, String, column, func, select, text

from app.store.tables import InstanceRow, SignOffRow, StepRoundRow, table

INSTANCE = table(InstanceRow)
ROUND = table(StepRoundRow)
SIGN_OFF = table(SignOffRow)

_POSTGRES = """
SELECT p.key, p.version, CAST(s.value ->> 'number' AS integer) AS step,
  CASE WHEN json_typeof(s.value -> 'completion') = 'object' AND r.value ->> 'team' = 'true'
    THEN CAST(s.value -> 'completion' ->> 'quorum' AS integer) ELSE 1 END AS needed
FROM procedure p, json_array_elements(p.definition -> 'steps') s, json_each(p.definition -> 'roles') r
WHERE r.key = :performing AND EXISTS (SELECT 1 FROM json_array_elements_text(s.value -> 'performers') f WHERE f.value = r.key)
"""
_SQLITE = """
SELECT p.key, p.version, json_extract(s.value, '$.number') AS step,
  CASE WHEN json_type(s.value, '$.completion') = 'object' AND json_extract(r.value, '$.team')
    THEN json_extract(s.value, '$.completion.quorum') ELSE 1 END AS needed
FROM procedure p, json_each(p.definition, '$.steps') s, json_each(p.definition, '$.roles') r
WHERE r.key = :performing AND EXISTS (SELECT 1 FROM json_each(s.value, '$.performers') f WHERE f.value = r.key)
"""


def waits_for(role: str, *, is_postgres: bool) -> ColumnElement[bool]:
    """Whether the round's step has a part of that role which too few have signed off: the quorum for the team, one for everyone else."""
    steps = _steps_of(role, is_postgres=is_postgres)
    needed = (
        select(steps.c.needed)
        .join(INSTANCE, (INSTANCE.c.procedure_key == steps.c.key) & (INSTANCE.c.procedure_version == steps.c.version))
        .where(INSTANCE.c.id == ROUND.c.instance_id, steps.c.step == ROUND.c.step)
        .correlate(ROUND)
        .scalar_subquery()
    )
    of_round = (SIGN_OFF.c.instance_id == ROUND.c.instance_id, SIGN_OFF.c.step == ROUND.c.step, SIGN_OFF.c.round == ROUND.c.round)
    given = select(func.count()).select_from(SIGN_OFF).where(*of_round, SIGN_OFF.c.role == role, SIGN_OFF.c.voided_at.is_(None))
    return given.correlate(ROUND).scalar_subquery() < needed


def _steps_of(role: str, *, is_postgres: bool) -> CTE:
    """The steps of every procedure that the role performs, read once a page, and how many must sign off."""
    found = text(_POSTGRES if is_postgres else _SQLITE).bindparams(performing=role)
    named = found.columns(column("key", String), column("version", Integer), column("step", Integer), column("needed", Integer))
    return named.cte("performed").prefix_with("MATERIALIZED")
