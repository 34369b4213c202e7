-- Codes of diagnoses
-- What conditions here are coded with.
WITH RECURSIVE used (code_id) AS (
    (SELECT code_id FROM condition WHERE code_id IS NOT NULL ORDER BY code_id LIMIT 1)
    UNION ALL
    SELECT (SELECT c.code_id FROM condition c WHERE c.code_id > u.code_id ORDER BY c.code_id LIMIT 1)
      FROM used u WHERE u.code_id IS NOT NULL
)
SELECT code_id FROM used WHERE code_id IS NOT NULL
