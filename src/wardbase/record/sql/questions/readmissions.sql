-- Readmissions within 30 days
-- Stays in hospital that began within 30 days of the end of another of the same patient: the latest first.
WITH stay AS (
    SELECT e.encounter_id, e.patient_id, e.started_at, e.ended_at, e.type_id, e.type_text,
           lag(e.ended_at) OVER (PARTITION BY e.patient_id ORDER BY e.started_at, e.encounter_id)
             AS left_at
      FROM encounter e
     WHERE e.class_id = ANY (ARRAY(SELECT concept_id FROM concept
                                    WHERE code IN ('IMP', 'ACUTE', 'NONAC')))
       AND e.status = 'finished'
)
SELECT coalesce(p.id, p.patient_id::text) AS patient,
       n.family || ', ' || array_to_string(n.given, ' ') AS name,
       s.left_at::date AS left_on, s.started_at::date AS back_on,
       s.started_at::date - s.left_at::date AS days,
       coalesce(s.type_text, k.display) AS stay
  FROM stay s
  JOIN patient p USING (patient_id)
  LEFT JOIN patient_name n ON n.patient_id = p.patient_id AND n.n = 1
  LEFT JOIN concept k ON k.concept_id = s.type_id
 WHERE s.started_at > s.left_at AND s.started_at <= s.left_at + interval '30 days'
 ORDER BY s.started_at DESC, s.encounter_id
