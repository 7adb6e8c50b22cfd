"""Years of work in a few seconds: instances, rounds and tasks made by the database itself, for looking at plans.

Only what lists read is there; these instances have no log and cannot be acted on.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from app.store.database import Database
from tests.support.course import KEY

OFFICES = 20
ROLES = ("camat", "sekretaris", "staf", "tim1", "tim2", "tim3")


@dataclass(frozen=True)
class Bulk:
    """`running` instances at each of the offices (at most 505: one a period), and `completed` ones beside them. Every twentieth is suspended.

    `events` for each instance. The first office of all, Indonesia, has none.
    """

    running: int
    completed: int
    now: datetime
    events: int = 0
    offices: int = OFFICES

    async def insert(self, database: Database) -> None:
        numbers = {"running": self.running, "completed": self.completed, "now": self.now, "key": KEY, "offices": self.offices, "events": self.events}
        async with database.write() as connection:
            await connection.execute(text(_UNDOUBTED))
            for statement in (_OFFICES, _ACCOUNTS, _INSTANCES, _ROUNDS, _STEP_TASKS, _MEMBER_TASKS, _MARK_TASKS, _EVENTS):
                named = {name: value for name, value in numbers.items() if f":{name}" in statement}
                await connection.execute(text(statement), named)
        async with database.read() as connection:
            await connection.execute(text("VACUUM ANALYZE"))


async def account_of(database: Database, username: str) -> UUID:
    async with database.read() as connection:
        found: UUID = (await connection.execute(text("SELECT id FROM account WHERE username = :username"), {"username": username})).scalar_one()
        return found


async def offices(database: Database) -> list[str]:
    async with database.read() as connection:
        return list((await connection.execute(text("SELECT code FROM office WHERE code LIKE '64.02.%' ORDER BY code"))).scalars())


_UNDOUBTED = "SELECT set_config('session_replication_role', 'replica', true) WHERE current_setting('is_superuser') = 'on'"
"""In this transaction no row looks up the rows it refers to, which is three quarters of the work: a million look-ups for rows made here."""

_OFFICES = """
INSERT INTO office (code, name, time_zone, calendar_version, event_sequence, event_hash)
SELECT '64.02.' || n, 'Kecamatan ' || n, 'Asia/Makassar', 1, 0, repeat('0', 64)
FROM generate_series(13, 12 + CAST(:offices AS int)) n ON CONFLICT DO NOTHING
"""

_ACCOUNTS = f"""
INSERT INTO account (id, username, name, office_code, password_hash, active, is_demo, created_at)
SELECT gen_random_uuid(), role || '@' || o.code, role, o.code, '!', true, false, CAST(:now AS timestamptz)
FROM office o, unnest(ARRAY{list(ROLES)}) role WHERE o.code LIKE '64.02.%'
"""

_INSTANCES = """
INSERT INTO instance (id, procedure_key, procedure_version, office_code, period_key, title, state, version, current_step, started_by,
                      started_at, planned_end_at, completed_at, event_sequence, event_hash, event_at)
SELECT uuidv7(make_interval(secs => n - 10000000)), :key, 1, o.code,
       (2000 + n % 101) || CASE WHEN n / 101 % 5 = 0 THEN '' ELSE '-Q' || n / 101 % 5 END, 'Pengumpulan data ' || n,
       CASE WHEN n >= CAST(:running AS int) THEN 'completed' WHEN n % 20 = 0 THEN 'suspended' ELSE 'running' END,
       20, CASE WHEN n < CAST(:running AS int) THEN 1 + n % 7 END, a.id,
       at - interval '20 days', at, CASE WHEN n >= CAST(:running AS int) THEN at END, 40, repeat('0', 64), at
FROM office o JOIN account a ON a.username = 'camat@' || o.code,
     generate_series(0, CAST(:running AS int) + CAST(:completed AS int) - 1) n,
     LATERAL (SELECT CAST(:now AS timestamptz) + CASE WHEN n < CAST(:running AS int) THEN interval '1 hour' * (n * 37 % 900 - 200)
                                                      ELSE -interval '1 day' * (30 + n % 700) END) t (at)
WHERE o.code LIKE '64.02.%'
"""

_ROUNDS = """
INSERT INTO step_round (instance_id, step, round, office_code, state, is_current, started_at, due_at, due_soon_at, paused_at, completed_at,
                        calendar_version, alarm_at)
SELECT i.id, step, 1, i.office_code, CASE WHEN step = i.current_step THEN 'active' ELSE 'completed' END, true,
       due_at - interval '2 days', due_at, due_at - interval '10 hours',
       CASE WHEN step = i.current_step AND i.state = 'suspended' THEN CAST(:now AS timestamptz) - interval '1 day' END,
       CASE WHEN step = i.current_step THEN NULL ELSE due_at - interval '1 hour' END, 2,
       CASE WHEN step = i.current_step AND i.state = 'running' THEN due_at - interval '10 hours' END
FROM instance i, generate_series(1, coalesce(i.current_step, 7)) step,
     LATERAL (SELECT i.planned_end_at - interval '2 days' * (coalesce(i.current_step, 7) - step)) t (due_at)
"""

_STEP_TASKS = """
INSERT INTO task (instance_id, kind, role, slot, member, office_code, step, round, since, due_at, due_soon_at)
SELECT r.instance_id, 'step', role, '', '', r.office_code, r.step, 1, r.started_at, r.due_at, r.due_soon_at
FROM step_round r
JOIN (VALUES (1, 'camat'), (2, 'sekretaris'), (4, 'sekretaris'), (5, 'camat'), (6, 'sekretaris'), (7, 'staf')) p (step, role)
     ON p.step = r.step WHERE r.state = 'active' AND r.paused_at IS NULL
"""

_MEMBER_TASKS = """
INSERT INTO task (instance_id, kind, role, slot, member, account_id, office_code, step, round, since, due_at, due_soon_at)
SELECT r.instance_id, 'step', 'tim_penyusun', '', a.id, a.id, r.office_code, r.step, 1, r.started_at, r.due_at, r.due_soon_at
FROM step_round r JOIN account a ON a.username IN ('tim1@' || r.office_code, 'tim2@' || r.office_code)
WHERE r.state = 'active' AND r.paused_at IS NULL AND r.step IN (3, 4, 6)
"""

_MARK_TASKS = """
INSERT INTO task (instance_id, kind, role, slot, member, office_code, step, round, since, due_at, due_soon_at)
SELECT r.instance_id, kind, role, slot, '', r.office_code, r.step, 1, r.started_at, r.due_at, r.due_soon_at
FROM step_round r, (VALUES ('initial', 'sekretaris', 'laporan_final'), ('signature', 'camat', 'laporan_ditandatangani')) m (kind, role, slot)
WHERE r.state = 'active' AND r.paused_at IS NULL AND r.step = 7
"""

_EVENTS = """
INSERT INTO event (id, stream, sequence, type, instance_id, office_code, at, actor, data, previous_hash, hash)
SELECT gen_random_uuid(), 'instance:' || i.id, n, 'step.activated', i.id, i.office_code, i.started_at, '{}', '{}', repeat('0', 64), repeat('0', 64)
FROM instance i, generate_series(1, CAST(:events AS int)) n ORDER BY n, i.started_at
"""
