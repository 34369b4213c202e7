-- Patients by name
-- Patients of whom a name has a match for every word asked for, the best matches first.
WITH asked AS (
    SELECT * FROM unnest(%(tokens)s::int[], %(words)s::text[], %(family)s::boolean[],
                         %(scores)s::float8[]) AS a (token, word, is_family, score)
),
by_family AS (
    SELECT n.patient_id, a.token, a.score
      FROM asked a JOIN patient_name n ON lower(left(n.family, 100)) = a.word
     WHERE a.is_family
    UNION ALL
    SELECT n.patient_id, p.token, 0.9
      FROM unnest(%(prefixes)s::text[]) WITH ORDINALITY AS p (prefix, token)
      JOIN patient_name n ON lower(left(n.family, 100)) >= p.prefix
                         AND lower(left(n.family, 100)) < p.prefix || chr(1114111)
),
by_given AS (
    SELECT n.patient_id, a.token, a.score * 0.95 AS score
      FROM patient_name n, unnest(n.given) AS g JOIN asked a ON a.word = lower(left(g, 100))
     WHERE NOT a.is_family
       AND (%(anywhere)s OR n.patient_id IN (SELECT patient_id FROM by_family))
),
best AS (
    SELECT patient_id, token, max(score) AS score
      FROM (SELECT * FROM by_family UNION ALL SELECT * FROM by_given) AS hit
     GROUP BY patient_id, token
)
SELECT b.patient_id
  FROM best b JOIN patient p USING (patient_id)
 WHERE (%(born_from)s::date IS NULL OR p.birth_on BETWEEN %(born_from)s AND %(born_to)s)
 GROUP BY b.patient_id
HAVING count(*) = %(token_count)s
 ORDER BY sum(b.score) DESC, b.patient_id
 LIMIT %(most)s
