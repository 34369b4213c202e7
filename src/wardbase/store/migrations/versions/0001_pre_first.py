"""The whole schema of the first release."""

from wardbase.store.migrations.run import run_file

revision = "0001_pre"
down_revision = None


def upgrade() -> None:
    run_file(__file__)
