"""What follows the tables: the view `awaiting`, and the triggers.

`statements()` is part of the schema, after its tables and keys.
"""

import json
from collections.abc import Iterator

from wardbase.model.field import Reference, leaves
from wardbase.model.table import RESOURCES, Child, Resource

_CHANGED = """
CREATE FUNCTION changed_by_sql() RETURNS trigger LANGUAGE plpgsql AS $$
-- A column changed by SQL drops the element that shadows it in the remainder, and the content is no
-- longer the one its hash says. The writer only inserts and deletes; linking says what it does.
DECLARE
    element_of jsonb := TG_ARGV[2]::jsonb;
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
    changed text[];
    resource uuid := (after ->> TG_ARGV[1])::uuid;
BEGIN
    IF current_setting('wardbase.linking', true) = 'on' THEN
        RETURN NEW;
    END IF;
    SELECT array_agg(DISTINCT e.value) INTO changed
      FROM jsonb_each_text(element_of) e
     WHERE before -> e.key IS DISTINCT FROM after -> e.key;
    IF changed IS NULL THEN
        RETURN NEW;
    END IF;
    UPDATE rest r
       SET elements = coalesce((SELECT json_object_agg(k.key, k.value) FROM json_each(r.elements) k
                                 WHERE k.key <> ALL (changed)), '{}')
     WHERE r.type = TG_ARGV[0] AND r.key = resource;
    DELETE FROM rest r WHERE r.type = TG_ARGV[0] AND r.key = resource
       AND NOT EXISTS (SELECT FROM json_each(r.elements));
    IF TG_TABLE_NAME = TG_ARGV[3] THEN
        NEW.hash := gen_random_uuid();
        NEW.written_at := clock_timestamp();
    ELSE
        EXECUTE format('UPDATE %I SET hash = gen_random_uuid(), written_at = clock_timestamp()'
                       ' WHERE %I = $1', TG_ARGV[3], TG_ARGV[1]) USING resource;
    END IF;
    RETURN NEW;
END $$
""".strip()


_KEPT = """
CREATE FUNCTION keep_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of % are never changed or removed: rows may say them', TG_TABLE_NAME;
END $$
""".strip()


def statements() -> Iterator[str]:
    """The statements, in order."""
    yield _KEPT
    for table in ("reference", "meta"):
        # In place of a foreign key on each of two hundred columns, paid with every row.
        yield (
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION keep_entries()"
        )
    yield _awaiting()
    yield (
        "COMMENT ON VIEW awaiting IS 'One row per reference whose target has not arrived: it is "
        "linked when it does.'"
    )
    yield _CHANGED
    for resource in RESOURCES.values():
        for of in resource.everything():
            yield _trigger(resource, of)


def _awaiting() -> str:
    parts = []
    for of, leaf in reference_fields():
        nothing = " AND ".join(f"t.{key} IS NULL" for key in leaf.key_columns())
        parts.append(
            f"SELECT '{of.table.name}' AS table_name, '{leaf.stem}' AS reference_name,"
            f" t.{of.key[0]} AS key, t.{leaf.stem}_ref AS reference_id, r.type AS target_type,"
            f" r.text AS target\n  FROM {of.table.name} t"
            f" JOIN reference r ON r.reference_id = t.{leaf.stem}_ref\n"
            f" WHERE t.{leaf.stem}_ref IS NOT NULL AND {nothing} AND r.type IS NOT NULL"
        )
    return "CREATE VIEW awaiting AS\n" + "\nUNION ALL\n".join(parts)


def reference_fields() -> Iterator[tuple[Resource | Child, Reference]]:
    """Every field of the model that is a reference with keys, and its table."""
    for resource in RESOURCES.values():
        for of in resource.everything():
            for leaf in leaves(of.fields):
                if isinstance(leaf, Reference) and leaf.targets:
                    yield of, leaf


def _trigger(resource: Resource, of: Resource | Child) -> str:
    element_of = json.dumps(_elements(of), separators=(",", ":"))
    arguments = ", ".join(
        f"'{argument}'" for argument in (resource.type, of.key[0], element_of, resource.table.name)
    )
    return (
        f"CREATE TRIGGER {of.table.name[:48]}_changed BEFORE UPDATE ON {of.table.name}"
        f" FOR EACH ROW EXECUTE FUNCTION changed_by_sql({arguments})"
    )


def _elements(of: Resource | Child) -> dict[str, str]:
    """The top-level element that each column is part of."""
    found: dict[str, str] = {}
    for each in of.fields:
        element = each.element if isinstance(of, Resource) else _top(of)
        for leaf in leaves((each,)):
            found.update((column.name, element) for column in leaf.columns())
    return found


def _top(of: Child) -> str:
    return of.element if isinstance(of.parent, Resource) else _top(of.parent)
