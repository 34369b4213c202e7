-- Hypertension not under control
-- Everyone with hypertension whose last blood pressure was 140/90 or higher: the highest systolic first.
WITH hypertensive AS (
    SELECT DISTINCT c.patient_id
      FROM condition c
      JOIN concept k ON k.concept_id = c.code_id
     WHERE (k.code IN ('38341003', '59621000') AND k.system = 'http://snomed.info/sct'
            OR k.code ~ '^I1[0-5]' AND k.system LIKE '%%icd-10%%')
       AND c.abatement_at IS NULL
),
latest AS (
    SELECT DISTINCT ON (o.patient_id) o.patient_id, o.observation_id, o.effective_at
      FROM hypertensive JOIN observation o USING (patient_id)
     WHERE o.code_id = ANY (ARRAY(SELECT concept_id FROM concept
                                   WHERE code IN ('85354-9', '55284-4')))
     ORDER BY o.patient_id, o.effective_at DESC NULLS LAST, o.observation_id
)
SELECT coalesce(p.id, p.patient_id::text) AS patient,
       n.family || ', ' || array_to_string(n.given, ' ') AS name,
       extract(year FROM age(p.birth_on))::int AS age,
       s.value AS systolic, d.value AS diastolic, b.effective_at::date AS measured_on
  FROM latest b
  JOIN observation_component s ON s.observation_id = b.observation_id
   AND s.code_id = ANY (ARRAY(SELECT concept_id FROM concept WHERE code = '8480-6'))
  JOIN observation_component d ON d.observation_id = b.observation_id
   AND d.code_id = ANY (ARRAY(SELECT concept_id FROM concept WHERE code = '8462-4'))
  JOIN patient p ON p.patient_id = b.patient_id
  LEFT JOIN patient_name n ON n.patient_id = p.patient_id AND n.n = 1
 WHERE (s.value >= 140 OR d.value >= 90) AND p.deceased_at IS NULL
 ORDER BY s.value DESC, p.patient_id
