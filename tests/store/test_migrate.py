"""Schema changes over all tenants: whole, resumable, in two halves, giving way to the work."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wardbase.model import after, metadata
from wardbase.store import connection, control, migrate
from wardbase.store import tenant as tenants
from wardbase.store.migrate import TenantsLeft
from wardbase.store.migrations import freeze, history
from wardbase.store.migrations.history import Phase, PreFirst, SchemaNewer, SeveralBehind, steps
from wardbase.store.migrations.run import MixedMigration, NotRepeatable

pytestmark = pytest.mark.usefixtures("database_server")

CATALOGUE = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid),
               col_description(c.oid, a.attnum), a.attcompression, a.attnum
          FROM pg_attribute a
          JOIN pg_class c ON c.oid = a.attrelid
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped""",
    "relations": """
        SELECT relname, relkind, relpersistence, reloptions, obj_description(oid, 'pg_class')
          FROM pg_class WHERE relnamespace = 'public'::regnamespace""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, condeferrable, condeferred,
               convalidated, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "functions": """
        SELECT proname, pg_get_functiondef(oid)
          FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'""",
    "triggers": """
        SELECT tgrelid::regclass::text, pg_get_triggerdef(oid)
          FROM pg_trigger WHERE NOT tgisinternal""",
}


@pytest.fixture
def other_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the migrations to add to."""
    folder = tmp_path / "migrations"
    shutil.copytree(history.HERE, folder)
    monkeypatch.setattr(history, "HERE", folder)
    monkeypatch.setattr(migrate, "START", "fork")  # so that workers see this history too
    _forget_history()
    yield folder
    monkeypatch.undo()
    _forget_history()


def _forget_history() -> None:
    history.fingerprint.cache_clear()
    history._script.cache_clear()


def add(folder: Path, stem: str, sql: str) -> None:
    """Add a migration after the last."""
    number, half, _ = stem.split("_", 2)
    (folder / "sql" / f"{stem}.sql").write_text(sql)
    (folder / "versions" / f"{stem}.py").write_text(
        "from wardbase.store.migrations.run import run_file\n"
        f"revision = '{number}_{half}'\ndown_revision = {history.head()!r}\n"
        "def upgrade() -> None:\n    run_file(__file__)\n"
    )
    _forget_history()


# --- the first schema ---


def test_frozen_schema_is_the_declared_one() -> None:
    assert freeze.frozen() == freeze.FIRST.read_text(), (
        "python -m wardbase.store.migrations.freeze writes it anew"
    )


def test_migrated_database_equals_a_fresh_one(tenant: str) -> None:
    with connection.administration() as admin:
        connection.create("fresh", admin)
        try:
            with connection.engine("fresh").begin() as fresh:
                metadata.create_all(fresh)
                for statement in after.statements():
                    fresh.exec_driver_sql(statement.replace("%", "%%"))
            assert catalogue("fresh") == catalogue(control.database_of(tenant))
        finally:
            connection.drop("fresh", admin)


def catalogue(database: str) -> dict[str, list[object]]:
    """What the catalogue says of a database, but for Alembic's own table."""
    with connection.connect(database) as c:
        return {
            what: sorted(
                (row for row in c.execute(query.encode()) if "alembic_version" not in str(row)),
                key=str,
            )
            for what, query in CATALOGUE.items()
        }


def test_history_is_one_line_named_by_its_files() -> None:
    previous = None
    for script in reversed(list(history._script().walk_revisions())):
        stem = Path(script.path).stem
        assert script.revision == "_".join(stem.split("_")[:2])
        assert script.down_revision == previous
        assert previous is None or previous < script.revision or previous[:4] == stem[:4]
        previous = script.revision


# --- two halves ---


@pytest.mark.parametrize(
    ("waiting", "phase", "run"),
    [
        (["2_pre", "2_post"], Phase.ALL, ["2_pre", "2_post"]),
        (["2_pre", "2_post"], Phase.PRE, ["2_pre"]),
        (["2_pre", "3_pre"], Phase.PRE, ["2_pre", "3_pre"]),
        (["2_post"], Phase.PRE, []),
        (["2_post", "3_pre"], Phase.POST, ["2_post"]),
        ([], Phase.POST, []),
    ],
)
def test_a_phase_runs_its_half(waiting: list[str], phase: Phase, run: list[str]) -> None:
    assert steps(waiting, phase) == run


def test_a_half_is_refused_before_its_time() -> None:
    with pytest.raises(PreFirst, match="2_pre"):
        steps(["2_pre", "2_post"], Phase.POST)
    with pytest.raises(SeveralBehind, match="2_post"):
        steps(["2_pre", "2_post", "3_pre"], Phase.PRE)


def test_pre_then_post(tenant: str, other_history: Path) -> None:
    add(other_history, "0002_pre_ward", "CREATE TABLE ward (ward_id int PRIMARY KEY);")
    add(other_history, "0002_post_ward", "DROP TABLE ward;")
    outcomes = migrate.migrate(tenant, Phase.PRE)
    assert [(o.before, o.after) for o in outcomes] == [("0001_pre", "0002_pre")]
    assert tenants.get(tenant).schema_version == "0002_pre"
    assert "ward" in tables(tenant)
    migrate.migrate(tenant, Phase.POST)
    assert tenants.get(tenant).schema_version == "0002_post"
    assert "ward" not in tables(tenant)
    assert migrate.plan(tenant) == []


def tables(tenant: str) -> set[str]:
    with connection.connect(control.database_of(tenant)) as c:
        return {name for (name,) in c.execute("SELECT tablename FROM pg_tables")}


# --- many tenants ---


@pytest.fixture
def three(tenant: str, forget: Callable[[str], None]) -> Iterator[list[str]]:
    names = [tenant, f"{tenant}-b", f"{tenant}-c"]
    for name in names[1:]:
        tenants.create(name, country="DE")
    yield names
    for name in names[1:]:
        forget(name)


def test_one_failure_leaves_the_others_done_and_can_be_resumed(
    three: list[str], other_history: Path
) -> None:
    add(other_history, "0002_pre_ward", "CREATE TABLE ward ();\nCREATE TABLE bed ();")
    with connection.connect(control.database_of(three[1])) as c:
        c.execute("CREATE TABLE bed ()")  # in the way of the second statement
    done: list[migrate.Outcome] = []
    with pytest.raises(TenantsLeft, match=three[1]):
        migrate.migrate(report=done.append)
    assert {o.tenant for o in done if o.problem} == {three[1]}
    assert "bed" in next(o.problem or "" for o in done if o.problem)
    assert "ward" not in tables(three[1])  # undone as a whole
    versions = {name: tenants.get(name).schema_version for name in three}
    assert sorted(map(str, versions.values())) == ["0001_pre", "0002_pre", "0002_pre"]

    with connection.connect(control.database_of(three[1])) as c:
        c.execute("DROP TABLE bed")
    again = {o.tenant: o.before for o in migrate.migrate()}
    assert again[three[1]] == "0001_pre"
    assert again[three[0]] == "0002_pre"
    assert {tenants.get(name).schema_version for name in three} == {"0002_pre"}


def test_control_database_catches_up_after_a_stop_in_between(
    tenant: str, other_history: Path
) -> None:
    add(other_history, "0002_pre_ward", "CREATE TABLE ward ();")
    migrate.migrate(tenant)
    with control.connect() as books:
        books.execute("UPDATE tenant SET schema_version = '0001_pre' WHERE name = %s", [tenant])
    migrate.migrate(tenant)
    assert tenants.get(tenant).schema_version == "0002_pre"


def test_waits_for_a_long_transaction_without_making_others_wait(
    tenant: str, other_history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(other_history, "0002_pre_ward", "ALTER TABLE audit ADD COLUMN ward text;")
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "100ms")
    database = control.database_of(tenant)
    slowest = 0.0
    with connection.connect(database) as busy:
        busy.execute("INSERT INTO audit (caller, purpose, action, what) VALUES ('','','','')")
        running = threading.Thread(target=migrate.migrate, args=(tenant,))
        running.start()
        for _ in range(10):
            began = time.monotonic()
            with connection.connect(database) as other:
                other.execute("SELECT count(*) FROM audit")
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.03)
        assert running.is_alive()
    running.join(30)
    assert tenants.get(tenant).schema_version == "0002_pre"
    assert slowest < 1


def test_index_built_beside_the_work_is_built_again_if_left_invalid(
    tenant: str, other_history: Path
) -> None:
    add(
        other_history,
        "0002_pre_index",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_at ON audit (at);",
    )
    with connection.connect(control.database_of(tenant)) as c:
        c.execute("CREATE INDEX audit_at ON audit (at)")
        c.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'audit_at'::regclass")
    migrate.migrate(tenant)
    with connection.connect(control.database_of(tenant)) as c:
        row = c.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'audit_at'::regclass"
        ).fetchone()
    assert row == (True,)
    assert tenants.get(tenant).schema_version == "0002_pre"


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON audit (at); SELECT 1", MixedMigration),
        ("CREATE INDEX CONCURRENTLY i ON audit (at)", NotRepeatable),
    ],
)
def test_unsafe_file_is_refused(
    tenant: str, other_history: Path, sql: str, problem: type[Exception]
) -> None:
    add(other_history, "0002_pre_bad", sql)
    done: list[migrate.Outcome] = []
    with pytest.raises(TenantsLeft):
        migrate.migrate(tenant, report=done.append)
    assert done[0].problem is not None
    assert "0002_pre_bad.sql" in done[0].problem
    assert "CONCURRENTLY" in done[0].problem


def test_newer_tenant_is_refused(tenant: str) -> None:
    with pytest.raises(SchemaNewer, match="newer"):
        history.pending("9999_pre", tenant)


def test_plan_says_what_locks(tenant: str, other_history: Path) -> None:
    add(
        other_history,
        "0002_pre_ward",
        "ALTER TABLE audit ADD COLUMN ward text;\n-- why\n"
        "COMMENT ON COLUMN audit.ward IS 'a;b 5%';",
    )
    planned = migrate.plan(tenant)
    assert [(p.lock, p.statement) for p in planned] == [
        ("ACCESS EXCLUSIVE", "ALTER TABLE audit ADD COLUMN ward text"),
        ("SHARE UPDATE EXCLUSIVE", "COMMENT ON COLUMN audit.ward IS 'a;b 5%'"),
    ]
    assert tenants.get(tenant).schema_version == "0001_pre"
