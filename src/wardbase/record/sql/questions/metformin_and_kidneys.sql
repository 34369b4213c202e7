-- On metformin with failing kidneys
-- Everyone with an active prescription of metformin whose last eGFR is below 45: reduce the dose, stop it below 30.
WITH metformin AS (
    SELECT DISTINCT r.patient_id
      FROM medication_request r
      LEFT JOIN medication m USING (medication_id)
      JOIN concept k ON k.concept_id = coalesce(r.medication_code_id, m.code_id)
     WHERE r.status = 'active' AND (k.display ILIKE '%%metformin%%' OR k.code LIKE 'A10BA02%%')
),
latest AS (
    SELECT DISTINCT ON (o.patient_id) o.patient_id, o.value, o.effective_at
      FROM metformin JOIN observation o USING (patient_id)
     WHERE o.value IS NOT NULL
       AND o.code_id = ANY (ARRAY(
               SELECT concept_id FROM concept
                WHERE system = 'http://loinc.org'
                  AND code IN ('33914-3', '62238-1', '98979-8', '48642-3', '77147-7')))
     ORDER BY o.patient_id, o.effective_at DESC NULLS LAST, o.observation_id
)
SELECT coalesce(p.id, p.patient_id::text) AS patient,
       n.family || ', ' || array_to_string(n.given, ' ') AS name,
       extract(year FROM age(p.birth_on))::int AS age,
       e.value AS egfr, e.effective_at::date AS measured_on,
       CASE WHEN e.value < 30 THEN 'stop' ELSE 'reduce' END AS advice
  FROM metformin x
  JOIN patient p USING (patient_id)
  LEFT JOIN patient_name n ON n.patient_id = p.patient_id AND n.n = 1
  JOIN latest e ON e.patient_id = x.patient_id AND e.value < 45
 WHERE p.deceased_at IS NULL
 ORDER BY e.value, p.patient_id
