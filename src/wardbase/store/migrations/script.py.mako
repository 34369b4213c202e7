"""${message}"""

from wardbase.store.migrations.run import run_file

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    run_file(__file__)
