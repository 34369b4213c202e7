-- Size, rows and vacuum of each table, and the indexes nobody has used.
SELECT s.relname AS "table", c.reltuples::bigint AS rows,
       pg_total_relation_size(s.relid) AS bytes, s.n_dead_tup AS dead_rows,
       greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed_at,
       greatest(s.last_analyze, s.last_autoanalyze) AS analyzed_at
  FROM pg_stat_user_tables s
  JOIN pg_class c ON c.oid = s.relid
 WHERE s.schemaname = 'public'
 ORDER BY bytes DESC, s.relname
