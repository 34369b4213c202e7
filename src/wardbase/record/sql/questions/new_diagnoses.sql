-- Most frequent new diagnoses
-- The diagnoses with most patients in the last twelve months on record, against the twelve before.
WITH last AS (
    SELECT max(recorded.latest) AS day
      FROM (SELECT DISTINCT code_id FROM condition WHERE code_id IS NOT NULL) c,
           LATERAL (SELECT max(x.onset_at) AS latest FROM condition x
                     WHERE x.code_id = c.code_id AND x.onset_at <= now()) recorded
)
SELECT k.display AS diagnosis, k.code,
       count(DISTINCT c.patient_id) FILTER (WHERE c.onset_at > last.day - interval '1 year')
         AS patients,
       count(DISTINCT c.patient_id) FILTER (WHERE c.onset_at <= last.day - interval '1 year')
         AS year_before
  FROM last, condition c JOIN concept k ON k.concept_id = c.code_id
 WHERE c.onset_at > last.day - interval '2 years' AND c.onset_at <= last.day
 GROUP BY k.display, k.code
 ORDER BY patients DESC, k.code
 LIMIT 15
