-- Course of a result
-- Every value of one thing observed in one patient: the latest first.
WITH mine AS (
    SELECT o.observation_id, o.id, o.effective_at, o.effective_from_at, o.effective_form,
           o.effective_from_form, o.status, o.category_id, o.code_id, o.code_text, o.value, o.value_comparator,
           o.value_unit_id, o.value_id, o.value_text, o.value_string, o.value_flag, o.value_count,
           o.interpretation_id, o.performer_display, false AS is_part
      FROM observation o WHERE o.patient_id = %(patient)s
    UNION ALL
    SELECT o.observation_id, o.id, o.effective_at, o.effective_from_at, o.effective_form,
           o.effective_from_form, o.status, o.category_id, p.code_id, p.code_text, p.value, p.value_comparator,
           p.value_unit_id, p.value_id, p.value_text, p.value_string, p.value_flag, p.value_count,
           p.interpretation_id, o.performer_display, true
      FROM observation o JOIN observation_component p USING (observation_id)
     WHERE o.patient_id = %(patient)s
)
SELECT coalesce(m.id, m.observation_id::text) AS id, coalesce(m.code_text, k.display, k.code) AS name,
       k.system, coalesce(k.code, m.code_text) AS code, g.code AS category, m.is_part,
       coalesce(m.effective_at, m.effective_from_at) AS effective_at,
       CASE WHEN m.effective_at IS NULL THEN m.effective_from_form ELSE m.effective_form END
         AS effective_form,
       m.value, m.value_comparator AS comparator, coalesce(u.display, u.code) AS unit,
       coalesce(m.value_text, vk.display, vk.code, m.value_string, m.value_count::text,
                CASE m.value_flag WHEN true THEN 'yes' WHEN false THEN 'no' END) AS finding,
       i.code AS interpretation, r.low, r.high, r.text AS range_text, m.status,
       m.performer_display AS performer,
       (SELECT string_agg(n.text, ' ' ORDER BY n.n) FROM observation_note n
         WHERE n.observation_id = m.observation_id AND NOT m.is_part) AS note,
       extract(epoch FROM coalesce(m.effective_at, m.effective_from_at))::float8 AS seconds
  FROM mine m
  LEFT JOIN concept k ON k.concept_id = m.code_id
  LEFT JOIN concept g ON g.concept_id = m.category_id
  LEFT JOIN concept u ON u.concept_id = m.value_unit_id
  LEFT JOIN concept vk ON vk.concept_id = m.value_id
  LEFT JOIN concept i ON i.concept_id = m.interpretation_id
  LEFT JOIN LATERAL (SELECT x.low, x.high, x.text FROM observation_reference_range x
                      WHERE x.observation_id = m.observation_id AND NOT m.is_part
                      ORDER BY x.n LIMIT 1) r ON true
 WHERE coalesce(k.code, m.code_text) = %(code)s
   AND m.status IS DISTINCT FROM 'entered-in-error' AND m.status IS DISTINCT FROM 'cancelled'
 ORDER BY coalesce(m.effective_at, m.effective_from_at) DESC NULLS LAST, m.observation_id
