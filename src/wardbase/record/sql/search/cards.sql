-- Patients found
-- What a list of patients shows of each.
SELECT coalesce(p.id, p.patient_id::text) AS id, p.patient_id, p.gender, p.birth_on, p.birth_form,
       p.deceased_at, p.deceased_form, coalesce(p.is_deceased, p.deceased_at IS NOT NULL) AS has_died,
       n.text, n.family, n.given, n.prefix, n.suffix, a.city, i.value AS identifier,
       (SELECT string_agg(DISTINCT o.family, ', ') FROM patient_name o
         WHERE o.patient_id = p.patient_id AND o.family <> n.family) AS other_families
  FROM unnest(%(keys)s::uuid[]) WITH ORDINALITY AS f (patient_id, place)
  JOIN patient p USING (patient_id)
  LEFT JOIN LATERAL (SELECT * FROM patient_name n WHERE n.patient_id = p.patient_id
                      ORDER BY array_position(ARRAY['official', 'usual'], n.use), n.n
                      LIMIT 1) n ON true
  LEFT JOIN LATERAL (SELECT a.city FROM patient_address a WHERE a.patient_id = p.patient_id
                      ORDER BY (a.use = 'old') IS TRUE, a.n LIMIT 1) a ON true
  LEFT JOIN LATERAL (SELECT i.value FROM patient_identifier i
                       LEFT JOIN concept t ON t.concept_id = i.type_id
                      WHERE i.patient_id = p.patient_id
                      ORDER BY (t.code = 'MR') IS TRUE DESC, i.n LIMIT 1) i ON true
 ORDER BY f.place
