"""damage of restricted records noted, metadata of uploads kept"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "c41f0a6be2d7"
down_revision = "5b0c7f3d91ae"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("restricted_record", schema=None) as batch_op:
        batch_op.add_column(sa.Column("damaged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.add_column(sa.Column("said", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.drop_column("said")
    with op.batch_alter_table("restricted_record", schema=None) as batch_op:
        batch_op.drop_column("damaged_at")
