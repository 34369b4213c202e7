-- Counts
-- How many patients, encounters and results there are; of large tables the planner's estimate.
SELECT (SELECT count(*) FROM patient) AS patients,
       coalesce((SELECT reltuples::bigint FROM pg_class
                  WHERE oid = 'encounter'::regclass AND reltuples > 200000),
                (SELECT count(*) FROM encounter)) AS encounters,
       coalesce((SELECT reltuples::bigint FROM pg_class
                  WHERE oid = 'observation'::regclass AND reltuples > 200000),
                (SELECT count(*) FROM observation)) AS results
