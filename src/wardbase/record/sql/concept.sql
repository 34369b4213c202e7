-- Enter concepts that are new; the number of every one asked for.
WITH entered AS (
    INSERT INTO concept (system, version, code, display, user_selected, text_is_display, hash)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[],
                         %s::boolean[], %s::uuid[])
    ON CONFLICT (hash) DO NOTHING
    RETURNING hash, concept_id
)
SELECT hash, concept_id FROM entered
UNION ALL
SELECT hash, concept_id FROM concept WHERE hash = ANY(%s::uuid[])
