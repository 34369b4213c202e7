"""Which statements an SQL text has, and what each locks."""

import pytest

from wardbase.store.migrations.statements import is_concurrent, lock_of, statements


def test_semicolons_in_strings_names_bodies_and_comments_end_nothing() -> None:
    text = """
    -- a; comment
    INSERT INTO t VALUES ('a;b', E'it\\'s; c', "d;e"); /* ;
    */ CREATE FUNCTION f() RETURNS int AS $body$ SELECT 1; $body$ LANGUAGE sql;
    SELECT 1 - 2, 3/4, $$;$$;;
    """
    found = list(statements(text))
    assert [statement.split()[0] for statement in found] == ["INSERT", "CREATE", "SELECT"]
    assert found[2] == "SELECT 1 - 2, 3/4, $$;$$"


@pytest.mark.parametrize(
    ("statement", "lock"),
    [
        ("CREATE TABLE t (a int)", "none"),
        ("CREATE TABLE t (a int REFERENCES u)", "SHARE ROW EXCLUSIVE"),
        ("CREATE INDEX i ON t (a)", "SHARE"),
        ("CREATE UNIQUE INDEX i ON t (a)", "SHARE"),
        ("CREATE INDEX CONCURRENTLY i ON t (a)", "SHARE UPDATE EXCLUSIVE"),
        ("DROP INDEX i", "ACCESS EXCLUSIVE"),
        ("drop index concurrently i", "SHARE UPDATE EXCLUSIVE"),
        ("ALTER TABLE t ADD COLUMN b int", "ACCESS EXCLUSIVE"),
        ("ALTER TABLE t ALTER COLUMN b SET NOT NULL", "ACCESS EXCLUSIVE"),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID", "ACCESS EXCLUSIVE"),
        ("ALTER TABLE t\n  VALIDATE CONSTRAINT c", "SHARE UPDATE EXCLUSIVE"),
        ("ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u", "SHARE ROW EXCLUSIVE"),
        ("ALTER TABLE t ALTER a SET STATISTICS 500", "SHARE UPDATE EXCLUSIVE"),
        ("CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()", "SHARE ROW EXCLUSIVE"),
        ("COMMENT ON TABLE t IS 'x'", "SHARE UPDATE EXCLUSIVE"),
        ("UPDATE t SET a = 1", "ROW EXCLUSIVE"),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", "ROW EXCLUSIVE"),
        ("DROP TABLE t", "ACCESS EXCLUSIVE"),
        ("TRUNCATE t", "ACCESS EXCLUSIVE"),
        ("SELECT 1", "ACCESS SHARE"),
        ("GRANT SELECT ON t TO r", "none"),
        ("DO $$ BEGIN END $$", "ACCESS EXCLUSIVE"),
    ],
)
def test_lock_is_the_manuals(statement: str, lock: str) -> None:
    assert lock_of(statement).name == lock


def test_concurrently_in_a_string_is_none() -> None:
    assert is_concurrent("CREATE INDEX CONCURRENTLY i ON t (a)")
    assert not is_concurrent("COMMENT ON TABLE t IS 'built concurrently'")
    assert not is_concurrent("INSERT INTO t VALUES ('create concurrently')")
