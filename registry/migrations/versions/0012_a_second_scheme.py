"""A second scheme: who would apply under it, and which one a list asks about"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('organisations', sa.Column('confirmation_asked_at', sa.DateTime(), nullable=True))
    asked = sa.text('confirmation_asked_at IS NOT NULL')
    op.create_index(
        'ix_organisations_confirmation_asked_at', 'organisations', ['confirmation_asked_at'],
        sqlite_where=asked, postgresql_where=asked,
    )
    # Until now every list asked about the only scheme there was.
    op.add_column('supplier_lists', sa.Column('scheme', sa.String(), nullable=False, server_default='impact'))


def downgrade():
    raise NotImplementedError("restore a backup instead")
