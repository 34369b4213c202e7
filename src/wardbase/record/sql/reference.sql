-- Enter texts of references that are new; the number of every one asked for.
WITH entered AS (
    INSERT INTO reference (text, type, key, system, value, hash)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::uuid[])
    ON CONFLICT (hash) DO NOTHING
    RETURNING hash, reference_id
)
SELECT hash, reference_id FROM entered
UNION ALL
SELECT hash, reference_id FROM reference WHERE hash = ANY(%s::uuid[])
