-- Latest HbA1c of each diabetic
WITH diabetic AS (
    SELECT DISTINCT c.resource->'subject'->>'reference' AS patient
      FROM resource c
     WHERE c.resource @> '{"resourceType": "Condition"}'
       AND c.resource @? '$.code.coding[*] ? (
               @.system == "http://snomed.info/sct"
                 && (@.code == "44054006" || @.code == "46635009" || @.code == "73211009")
               || (@.system starts with "http://hl7.org/fhir/sid/icd-10"
                   || @.system == "http://fhir.de/CodeSystem/bfarm/icd-10-gm")
                 && @.code like_regex "^E1[01]")'
       AND NOT c.resource ? 'abatementDateTime'
), hba1c AS (
    SELECT DISTINCT ON (1) o.resource->'subject'->>'reference' AS patient,
           o.resource->'valueQuantity' AS value,
           (o.resource->>'effectiveDateTime')::timestamptz AS effective_at
      FROM resource o
     WHERE o.resource @> '{"resourceType": "Observation",
                           "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}]}}'
     ORDER BY 1, 3 DESC, o.id
)
SELECT p.resource->>'id' AS patient,
       (p.resource#>>'{name,0,family}') || ', ' ||
         (SELECT string_agg(g, ' ') FROM jsonb_array_elements_text(p.resource#>'{name,0,given}') g)
         AS name,
       extract(year FROM age((p.resource->>'birthDate')::date))::int AS age,
       (a.value->>'value')::numeric AS hba1c, a.value->>'code' AS unit,
       a.effective_at::date AS measured_on
  FROM diabetic d
  JOIN resource p ON p.id = d.patient
  LEFT JOIN hba1c a ON a.patient = d.patient
 WHERE NOT p.resource ? 'deceasedDateTime'
 ORDER BY 4 DESC NULLS LAST, p.id
