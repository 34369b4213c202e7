-- Enter the further codings of concepts.
INSERT INTO concept_coding (concept_id, n, system, version, code, display, user_selected)
SELECT c.concept_id, f.n, f.system, f.version, f.code, f.display, f.user_selected
  FROM unnest(%s::uuid[], %s::smallint[], %s::text[], %s::text[], %s::text[], %s::text[],
              %s::boolean[])
       AS f (hash, n, system, version, code, display, user_selected)
  JOIN concept c USING (hash)
ON CONFLICT DO NOTHING
