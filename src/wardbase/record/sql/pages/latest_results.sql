-- Latest results
-- Laboratory results of the latest day that has any, by patient: those out of range first.
WITH laboratory AS (
    SELECT array_agg(concept_id) AS codes FROM concept WHERE code = 'laboratory'
),
day AS (
    SELECT date_trunc('day', o.effective_at) AS start
      FROM observation o
     WHERE o.category_id = ANY ((SELECT codes FROM laboratory)::integer[])
       AND o.effective_at <= now()
     ORDER BY o.effective_at DESC LIMIT 1
),
result AS (
    SELECT o.*
      FROM observation o
     WHERE o.category_id = ANY ((SELECT codes FROM laboratory)::integer[])
       AND o.effective_at >= (SELECT start FROM day)
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
