"""people and access"""

import json
from datetime import UTC, date, datetime

import sqlalchemy as sa
import sqlmodel
from alembic import op

import app.store.types

revision = "d36ff53968c4"
down_revision = "f980d48c78c8"
branch_labels = None
depends_on = None


FOUNDED = date(1970, 1, 1)
"""Since when the first parent of an office stands."""

AT_FOUNDING = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failure")),
    )
    with op.batch_alter_table("sign_in_failure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_failure_last_at"), ["last_at"], unique=False)

    op.create_table(
        "office_parent",
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("parent_code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("from_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("instrument_number", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("instrument_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["code"], ["office.code"], name=op.f("fk_office_parent_code_office")),
        sa.ForeignKeyConstraint(["parent_code"], ["office.code"], name=op.f("fk_office_parent_parent_code_office")),
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_office_parent")),
    )
    with op.batch_alter_table("office_parent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_office_parent_parent_code"), ["parent_code"], unique=False)

    op.create_table(
        "familiar_address",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("last_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_familiar_address_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "address", name=op.f("pk_familiar_address")),
    )
    with op.batch_alter_table("familiar_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_familiar_address_last_at"), ["last_at"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "service_account",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("scopes", app.store.types.JsonColumn, nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_service_account_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_service_account")),
    )
    op.create_table(
        "refresh_token",
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_refresh_token_session_id_session"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_refresh_token")),
    )
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refresh_token_session_id"), ["session_id"], unique=False)

    _account()
    with op.batch_alter_table("assignment") as batch_op:
        batch_op.add_column(sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=20), server_default="local", nullable=False))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.create_check_constraint(op.f("ck_assignment_source"), "source IN ('local', 'issuer')")
    _office()
    op.execute("INSERT INTO refresh_token (hash, session_id, issued_at) SELECT refresh_hash, id, refreshed_at FROM session")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("client", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True))
        batch_op.add_column(sa.Column("second_factor", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.add_column(sa.Column("withheld", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.drop_column("refresh_hash")


def _account() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), server_default="person", nullable=False))
        batch_op.add_column(sa.Column("office_code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True))
        batch_op.add_column(sa.Column("nip", sqlmodel.sql.sqltypes.AutoString(length=18), nullable=True))
        batch_op.add_column(sa.Column("password_changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("issuer", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True))
        batch_op.add_column(sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=True))
        batch_op.add_column(sa.Column("claims_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("tokens_not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("totp_secret", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=True))
        batch_op.add_column(sa.Column("totp_pending", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=True))
        batch_op.add_column(sa.Column("totp_step", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("second_factor_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("reset_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))
        batch_op.add_column(sa.Column("reset_expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("reset_by", sa.Uuid(), nullable=True))
    _give_every_account_its_office()
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.alter_column("office_code", existing_type=sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False)
        batch_op.create_index(batch_op.f("ix_account_office_code"), ["office_code"], unique=False)
        batch_op.create_unique_constraint("uq_account_issuer_subject", ["issuer", "subject"])
        batch_op.create_unique_constraint(batch_op.f("uq_account_nip"), ["nip"])
        batch_op.create_foreign_key(batch_op.f("fk_account_office_code_office"), "office", ["office_code"], ["code"])
        batch_op.create_foreign_key(batch_op.f("fk_account_reset_by_account"), "account", ["reset_by"], ["id"])
        batch_op.create_check_constraint(op.f("ck_account_kind"), "kind IN ('person', 'machine')")


def _give_every_account_its_office() -> None:
    """The one in whose stream its beginning is recorded."""
    connection = op.get_bind()
    account = sa.table("account", sa.column("id", sa.Uuid()), sa.column("office_code", sa.String()))
    told = connection.execute(sa.text("SELECT office_code, data FROM event WHERE type = 'account.created'"))
    homes = {_as_json(data).get("account_id"): office for office, data in told}
    for (account_id,) in connection.execute(sa.select(account.c.id)).all():
        home = homes.get(str(account_id), "ID")
        connection.execute(account.update().where(account.c.id == account_id).values(office_code=home))


def _as_json(data: object) -> dict[str, object]:
    found: dict[str, object] = json.loads(data) if isinstance(data, str) else data  # type: ignore[assignment]
    return found


def _office() -> None:
    connection = op.get_bind()
    parents = connection.execute(sa.text("SELECT code, parent_code FROM office WHERE parent_code IS NOT NULL")).all()
    covers = connection.execute(sa.text("SELECT ancestor, code, depth FROM office_cover")).all()
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.drop_constraint(batch_op.f("fk_office_parent_code_office"), type_="foreignkey")
        batch_op.drop_column("parent_code")
    op.drop_table("office_cover")
    cover = op.create_table(
        "office_cover",
        sa.Column("ancestor", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("from_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ancestor"], ["office.code"], name=op.f("fk_office_cover_ancestor_office")),
        sa.ForeignKeyConstraint(["code"], ["office.code"], name=op.f("fk_office_cover_code_office")),
        sa.PrimaryKeyConstraint("ancestor", "code", "from_at", name=op.f("pk_office_cover")),
    )
    with op.batch_alter_table("office_cover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_office_cover_code"), ["code"], unique=False)
    office_parent = sa.table(
        "office_parent",
        sa.column("code", sa.String()),
        sa.column("valid_from", sa.Date()),
        sa.column("parent_code", sa.String()),
        sa.column("from_at", sqlmodel.sql.sqltypes.UTCDateTime()),
    )
    rows = [{"code": code, "valid_from": FOUNDED, "parent_code": parent, "from_at": AT_FOUNDING} for code, parent in parents]
    op.bulk_insert(office_parent, rows)
    op.bulk_insert(cover, [{"ancestor": above, "code": code, "from_at": AT_FOUNDING, "depth": depth} for above, code, depth in covers])


def downgrade() -> None:
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refresh_hash", sa.VARCHAR(length=64), server_default="!", nullable=False))
        batch_op.drop_column("withheld")
        batch_op.drop_column("second_factor")
        batch_op.drop_column("client")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.alter_column("refresh_hash", existing_type=sa.VARCHAR(length=64), server_default=None)
    op.execute(
        "UPDATE session SET refresh_hash = COALESCE((SELECT t.hash FROM refresh_token t WHERE t.session_id = session.id AND t.used_at IS NULL), '!')"
    )
    _office_as_it_was()
    with op.batch_alter_table("assignment") as batch_op:
        batch_op.drop_constraint(op.f("ck_assignment_source"), type_="check")
        batch_op.drop_column("withdrawn")
        batch_op.drop_column("version")
        batch_op.drop_column("source")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_account_kind"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_account_reset_by_account"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_account_office_code_office"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_account_nip"), type_="unique")
        batch_op.drop_constraint("uq_account_issuer_subject", type_="unique")
        batch_op.drop_index(batch_op.f("ix_account_office_code"))
        batch_op.drop_column("reset_by")
        batch_op.drop_column("reset_expires_at")
        batch_op.drop_column("reset_hash")
        batch_op.drop_column("second_factor_at")
        batch_op.drop_column("totp_step")
        batch_op.drop_column("totp_pending")
        batch_op.drop_column("totp_secret")
        batch_op.drop_column("tokens_not_before")
        batch_op.drop_column("claims_at")
        batch_op.drop_column("subject")
        batch_op.drop_column("issuer")
        batch_op.drop_column("version")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("password_changed_at")
        batch_op.drop_column("nip")
        batch_op.drop_column("office_code")
        batch_op.drop_column("kind")
    for name in ("refresh_token", "service_account", "recovery_code", "familiar_address", "office_parent", "sign_in_failure"):
        op.drop_table(name)


def _office_as_it_was() -> None:
    """Each office under its latest parent."""
    connection = op.get_bind()
    parents = dict(connection.execute(sa.text("SELECT code, parent_code FROM office_parent ORDER BY valid_from")).all())
    covers = connection.execute(sa.text("SELECT ancestor, code, depth FROM office_cover WHERE until_at IS NULL")).all()
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_code", sa.VARCHAR(length=40), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_office_parent_code_office"), "office", ["parent_code"], ["code"])
        batch_op.drop_column("version")
    for code, parent in parents.items():
        connection.execute(sa.text("UPDATE office SET parent_code = :parent WHERE code = :code"), {"parent": parent, "code": code})
    op.drop_table("office_cover")
    cover = op.create_table(
        "office_cover",
        sa.Column("ancestor", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ancestor"], ["office.code"], name=op.f("fk_office_cover_ancestor_office")),
        sa.ForeignKeyConstraint(["code"], ["office.code"], name=op.f("fk_office_cover_code_office")),
        sa.PrimaryKeyConstraint("ancestor", "code", name=op.f("pk_office_cover")),
    )
    with op.batch_alter_table("office_cover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_office_cover_code"), ["code"], unique=False)
    op.bulk_insert(cover, [{"ancestor": above, "code": code, "depth": depth} for above, code, depth in covers])
