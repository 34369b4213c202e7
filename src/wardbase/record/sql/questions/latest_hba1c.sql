-- Latest HbA1c of each diabetic
-- Everyone with type 1 or 2 diabetes that is not over, with the last HbA1c in percent: the highest first, then those never tested.
WITH diabetic AS (
    SELECT DISTINCT c.patient_id
      FROM condition c
      JOIN concept k ON k.concept_id = c.code_id
     WHERE (k.system = 'http://snomed.info/sct' AND k.code IN ('44054006', '46635009', '73211009')
            OR k.system LIKE 'http://hl7.org/fhir/sid/icd-10%%' AND k.code ~ '^E1[01]'
            OR k.system LIKE 'http://fhir.de/CodeSystem/bfarm/icd-10-gm' AND k.code ~ '^E1[01]')
       AND c.abatement_at IS NULL
),
latest AS (
    SELECT DISTINCT ON (o.patient_id) o.patient_id, o.value, o.value_unit_id, o.effective_at
      FROM observation o
     WHERE o.code_id = ANY (ARRAY(SELECT concept_id FROM concept
                                   WHERE system = 'http://loinc.org' AND code = '4548-4'))
     ORDER BY o.patient_id, o.effective_at DESC NULLS LAST, o.observation_id
)
SELECT coalesce(p.id, p.patient_id::text) AS patient,
       n.family || ', ' || array_to_string(n.given, ' ') AS name,
       extract(year FROM age(p.birth_on))::int AS age,
       a.value AS hba1c, u.code AS unit, a.effective_at::date AS measured_on
  FROM diabetic d
  JOIN patient p USING (patient_id)
  LEFT JOIN patient_name n ON n.patient_id = p.patient_id AND n.n = 1
  LEFT JOIN latest a ON a.patient_id = d.patient_id
  LEFT JOIN concept u ON u.concept_id = a.value_unit_id
 WHERE p.deceased_at IS NULL
 ORDER BY a.value DESC NULLS LAST, p.patient_id
