-- What the columns do not say, by type and element: what to model next.
SELECT r.type, e.key AS element, count(*) AS resources,
       sum(octet_length(e.value::text))::bigint AS bytes
  FROM rest r, json_each(r.elements) e
 GROUP BY r.type, e.key
 ORDER BY bytes DESC
