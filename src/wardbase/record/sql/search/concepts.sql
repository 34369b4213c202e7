-- Codes
-- Codes whose meaning has all the words asked for, those in use for the purpose first.
SELECT min(c.system) AS system, c.code, min(c.display) AS display,
       bool_or(c.concept_id = ANY(%(used)s)) AS is_used
  FROM concept c
 WHERE c.system = ANY(%(systems)s) AND c.display IS NOT NULL
   AND (c.code = %(asked)s
        OR (SELECT bool_and(strpos(lower(c.display), word) > 0) FROM unnest(%(words)s::text[]) word))
 GROUP BY c.system, c.code
 ORDER BY is_used DESC, starts_with(lower(min(c.display)), lower(%(asked)s)) DESC,
          length(min(c.display)), c.code
 LIMIT 12
