-- Enter combinations of profiles, tags and labels that are new; the number of every one asked for.
WITH entered AS (
    INSERT INTO meta (elements, hash)
    SELECT * FROM unnest(%s::json[], %s::uuid[])
    ON CONFLICT (hash) DO NOTHING
    RETURNING hash, meta_id
)
SELECT hash, meta_id FROM entered
UNION ALL
SELECT hash, meta_id FROM meta WHERE hash = ANY(%s::uuid[])
