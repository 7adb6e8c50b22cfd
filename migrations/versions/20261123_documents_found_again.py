"""documents found again"""

import sqlalchemy as sa
from alembic import op

revision = "5b0c7f3d91ae"
down_revision = "87e76e49f22b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("document_record", schema=None) as batch_op:
        batch_op.create_index("ix_document_record_lower_number", [sa.text("lower(number)"), "office_code"], unique=False)
        batch_op.create_index("ix_document_record_classification", ["classification", "office_code"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("document_record", schema=None) as batch_op:
        batch_op.drop_index("ix_document_record_classification")
        batch_op.drop_index("ix_document_record_lower_number")
