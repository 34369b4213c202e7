-- Latest results
-- Laboratory results of the latest day that has any, by patient: those out of range first.
WITH RECURSIVE code (code_id) AS (
    (SELECT code_id FROM observation WHERE code_id IS NOT NULL ORDER BY code_id LIMIT 1)
    UNION ALL
    SELECT (SELECT o.code_id FROM observation o WHERE o.code_id > c.code_id
             ORDER BY o.code_id LIMIT 1)
      FROM code c WHERE c.code_id IS NOT NULL
),
laboratory AS (
    SELECT c.code_id, l.effective_at
      FROM code c,
           LATERAL (SELECT o.effective_at, o.category_id FROM observation o
                     WHERE o.code_id = c.code_id AND o.effective_at <= now()
                     ORDER BY o.effective_at DESC LIMIT 1) l
      JOIN concept g ON g.concept_id = l.category_id AND g.code = 'laboratory'
),
day AS (
    SELECT date_trunc('day', max(effective_at)) AS start FROM laboratory
),
result AS (
    SELECT o.*
      FROM laboratory l JOIN observation o USING (code_id)
     WHERE o.effective_at >= (SELECT start FROM day)
       AND o.effective_at < (SELECT start FROM day) + interval '1 day'
)
SELECT coalesce(p.id, p.patient_id::text) AS patient,
       coalesce(n.family || ', ' || array_to_string(n.given, ' '), n.text) AS name,
       coalesce(o.code_text, k.display, k.code) AS result, k.code,
       o.value, coalesce(u.display, u.code) AS unit,
       coalesce(o.value_text, v.display, o.value_string) AS finding,
       i.code AS interpretation, o.effective_at, o.effective_form,
       coalesce(o.id, o.observation_id::text) AS observation
  FROM result o
  JOIN patient p USING (patient_id)
  JOIN concept k ON k.concept_id = o.code_id
  LEFT JOIN patient_name n ON n.patient_id = p.patient_id AND n.n = 1
  LEFT JOIN concept u ON u.concept_id = o.value_unit_id
  LEFT JOIN concept v ON v.concept_id = o.value_id
  LEFT JOIN concept i ON i.concept_id = o.interpretation_id
 ORDER BY (i.code IN ('H', 'HH', 'L', 'LL', 'A', 'AA')) IS TRUE DESC, o.effective_at DESC,
          o.observation_id
 LIMIT 200
