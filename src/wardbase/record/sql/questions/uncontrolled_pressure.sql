-- Hypertension not under control
-- Everyone with hypertension whose last blood pressure was 140/90 or higher: the highest systolic first.
WITH hypertensive AS (
    SELECT DISTINCT c.patient_id
      FROM condition c
      JOIN concept k ON k.concept_id = c.code_id
     WHERE (k.code IN ('38341003', '59621000') AND k.system = 'http://snomed.info/sct'
            OR k.code ~ '^I1[0-5]' AND k.system LIKE '%%icd-10%%')
       AND c.abatement_at IS NULL
)
SELECT coalesce(p.id, p.patient_id::text) AS patient,
       n.family || ', ' || array_to_string(n.given, ' ') AS name,
       extract(year FROM age(p.birth_on))::int AS age,
       b.systolic, b.diastolic, b.effective_at::date AS measured_on
  FROM hypertensive h
  JOIN patient p USING (patient_id)
  LEFT JOIN patient_name n ON n.patient_id = p.patient_id AND n.n = 1
  JOIN LATERAL (
        SELECT o.effective_at, s.value AS systolic, d.value AS diastolic
          FROM observation o
          JOIN observation_component s ON s.observation_id = o.observation_id
           AND s.code_id IN (SELECT concept_id FROM concept WHERE code = '8480-6')
          JOIN observation_component d ON d.observation_id = o.observation_id
           AND d.code_id IN (SELECT concept_id FROM concept WHERE code = '8462-4')
         WHERE o.patient_id = h.patient_id
           AND o.code_id IN (SELECT concept_id FROM concept WHERE code IN ('85354-9', '55284-4'))
         ORDER BY o.effective_at DESC, o.observation_id LIMIT 1) b
    ON b.systolic >= 140 OR b.diastolic >= 90
 WHERE p.deceased_at IS NULL
 ORDER BY b.systolic DESC, p.patient_id
