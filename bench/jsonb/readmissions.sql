-- Readmissions within 30 days
WITH stay AS (
    SELECT e.id, e.resource->'subject'->>'reference' AS patient, e.resource#>'{type,0}' AS type,
           (e.resource#>>'{period,start}')::timestamptz AS started_at,
           lag((e.resource#>>'{period,end}')::timestamptz) OVER (
             PARTITION BY e.resource->'subject'->>'reference'
             ORDER BY (e.resource#>>'{period,start}')::timestamptz, e.id) AS left_at
      FROM resource e
     WHERE e.resource @> '{"resourceType": "Encounter", "status": "finished", "class": {"code": "IMP"}}'
        OR e.resource @> '{"resourceType": "Encounter", "status": "finished", "class": {"code": "ACUTE"}}'
        OR e.resource @> '{"resourceType": "Encounter", "status": "finished", "class": {"code": "NONAC"}}'
)
SELECT p.resource->>'id' AS patient,
       (p.resource#>>'{name,0,family}') || ', ' ||
         (SELECT string_agg(g, ' ') FROM jsonb_array_elements_text(p.resource#>'{name,0,given}') g)
         AS name,
       s.left_at::date AS left_on, s.started_at::date AS back_on,
       s.started_at::date - s.left_at::date AS days,
       coalesce(s.type->>'text', s.type#>>'{coding,0,display}') AS stay
  FROM stay s
  JOIN resource p ON p.id = s.patient
 WHERE s.started_at > s.left_at AND s.started_at <= s.left_at + interval '30 days'
 ORDER BY s.started_at DESC, s.id
