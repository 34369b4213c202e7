-- Hypertension not under control
WITH hypertensive AS (
    SELECT DISTINCT c.resource->'subject'->>'reference' AS patient
      FROM resource c
     WHERE c.resource @> '{"resourceType": "Condition"}'
       AND c.resource @? '$.code.coding[*] ? (
               @.system == "http://snomed.info/sct"
                 && (@.code == "38341003" || @.code == "59621000")
               || @.system like_regex "icd-10" && @.code like_regex "^I1[0-5]")'
       AND NOT c.resource ? 'abatementDateTime'
), pressure AS (
    SELECT DISTINCT ON (1) o.resource->'subject'->>'reference' AS patient,
           (o.resource->>'effectiveDateTime')::timestamptz AS effective_at,
           jsonb_path_query_first(o.resource, '$.component[*]
             ? (@.code.coding[*].code == "8480-6").valueQuantity.value')::numeric AS systolic,
           jsonb_path_query_first(o.resource, '$.component[*]
             ? (@.code.coding[*].code == "8462-4").valueQuantity.value')::numeric AS diastolic
      FROM resource o
     WHERE (   o.resource @> '{"resourceType": "Observation", "code": {"coding": [{"code": "85354-9"}]}}'
            OR o.resource @> '{"resourceType": "Observation", "code": {"coding": [{"code": "55284-4"}]}}')
       AND o.resource @? '$.component[*].code.coding[*] ? (@.code == "8480-6")'
       AND o.resource @? '$.component[*].code.coding[*] ? (@.code == "8462-4")'
     ORDER BY 1, 2 DESC, o.id
)
SELECT p.resource->>'id' AS patient,
       (p.resource#>>'{name,0,family}') || ', ' ||
         (SELECT string_agg(g, ' ') FROM jsonb_array_elements_text(p.resource#>'{name,0,given}') g)
         AS name,
       extract(year FROM age((p.resource->>'birthDate')::date))::int AS age,
       b.systolic, b.diastolic, b.effective_at::date AS measured_on
  FROM hypertensive h
  JOIN resource p ON p.id = h.patient
  JOIN pressure b ON b.patient = h.patient AND (b.systolic >= 140 OR b.diastolic >= 90)
 WHERE NOT p.resource ? 'deceasedDateTime'
 ORDER BY b.systolic DESC, p.id
