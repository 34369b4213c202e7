-- References whose target has not arrived, by where they stand.
SELECT table_name, reference_name, target_type, count(*) AS rows,
       count(DISTINCT reference_id) AS targets
  FROM awaiting
 GROUP BY table_name, reference_name, target_type
 ORDER BY rows DESC, table_name, reference_name
