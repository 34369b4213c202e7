-- Most frequent new diagnoses
WITH condition AS (
    SELECT c.resource->'subject'->>'reference' AS patient,
           c.resource#>'{code,coding,0}' AS code,
           (d.onset || CASE length(d.onset) WHEN 4 THEN '-01-01' WHEN 7 THEN '-01' ELSE '' END)
             ::timestamptz AS onset_at
      FROM resource c
     CROSS JOIN LATERAL (SELECT c.resource->>'onsetDateTime' AS onset) d
     WHERE c.resource @> '{"resourceType": "Condition"}' AND c.resource ? 'code'
), last AS (
    SELECT max(onset_at) AS day FROM condition WHERE onset_at <= now()
)
SELECT c.code->>'display' AS diagnosis, c.code->>'code' AS code,
       count(DISTINCT c.patient) FILTER (WHERE c.onset_at > last.day - interval '1 year')
         AS patients,
       count(DISTINCT c.patient) FILTER (WHERE c.onset_at <= last.day - interval '1 year')
         AS year_before
  FROM last, condition c
 WHERE c.onset_at > last.day - interval '2 years' AND c.onset_at <= last.day
 GROUP BY 1, 2
 ORDER BY patients DESC, 2
 LIMIT 15
