-- Words of names
-- Every family and given name there is, in lower case: what forgiving search is forgiving with.
SELECT DISTINCT lower(left(family, 100)) AS word, true AS is_family
  FROM patient_name WHERE family IS NOT NULL
UNION
SELECT DISTINCT lower(left(g, 100)), false FROM patient_name, unnest(given) AS g
