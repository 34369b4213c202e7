-- On metformin with failing kidneys
WITH metformin AS (
    SELECT DISTINCT r.resource->'subject'->>'reference' AS patient
      FROM resource r
      LEFT JOIN resource m ON m.id = r.resource->'medicationReference'->>'reference'
     CROSS JOIN LATERAL (
           SELECT coalesce(r.resource->'medicationCodeableConcept', m.resource->'code')
                    #> '{coding,0}' AS code) k
     WHERE r.resource @> '{"resourceType": "MedicationRequest", "status": "active"}'
       AND (k.code->>'display' ILIKE '%metformin%' OR k.code->>'code' LIKE 'A10BA02%')
), egfr AS (
    SELECT DISTINCT ON (1) o.resource->'subject'->>'reference' AS patient,
           (o.resource#>>'{valueQuantity,value}')::numeric AS value,
           (o.resource->>'effectiveDateTime')::timestamptz AS effective_at
      FROM resource o
     WHERE (   o.resource @> '{"resourceType": "Observation", "code": {"coding": [{"code": "33914-3", "system": "http://loinc.org"}]}}'
            OR o.resource @> '{"resourceType": "Observation", "code": {"coding": [{"code": "62238-1", "system": "http://loinc.org"}]}}'
            OR o.resource @> '{"resourceType": "Observation", "code": {"coding": [{"code": "98979-8", "system": "http://loinc.org"}]}}'
            OR o.resource @> '{"resourceType": "Observation", "code": {"coding": [{"code": "48642-3", "system": "http://loinc.org"}]}}'
            OR o.resource @> '{"resourceType": "Observation", "code": {"coding": [{"code": "77147-7", "system": "http://loinc.org"}]}}')
       AND o.resource#>'{valueQuantity,value}' IS NOT NULL
     ORDER BY 1, 3 DESC, o.id
)
SELECT p.resource->>'id' AS patient,
       (p.resource#>>'{name,0,family}') || ', ' ||
         (SELECT string_agg(g, ' ') FROM jsonb_array_elements_text(p.resource#>'{name,0,given}') g)
         AS name,
       extract(year FROM age((p.resource->>'birthDate')::date))::int AS age,
       e.value AS egfr, e.effective_at::date AS measured_on,
       CASE WHEN e.value < 30 THEN 'stop' ELSE 'reduce' END AS advice
  FROM metformin x
  JOIN resource p ON p.id = x.patient
  JOIN egfr e ON e.patient = x.patient AND e.value < 45
 WHERE NOT p.resource ? 'deceasedDateTime'
 ORDER BY e.value, p.id
