-- Results
-- One row per thing observed: the latest value, the range to judge it by, and the course.
WITH mine AS (
    SELECT o.observation_id, o.id, o.effective_at, o.effective_from_at, o.effective_form,
           o.effective_from_form, o.category_id, o.code_id, o.code_text, o.value, o.value_comparator,
           o.value_unit_id, o.value_id, o.value_text, o.value_string, o.value_flag, o.value_count,
           o.interpretation_id, false AS is_part
      FROM observation o
     WHERE o.patient_id = %(patient)s
       AND o.status IS DISTINCT FROM 'entered-in-error' AND o.status IS DISTINCT FROM 'cancelled'
    UNION ALL
    SELECT o.observation_id, o.id, o.effective_at, o.effective_from_at, o.effective_form,
           o.effective_from_form, o.category_id, p.code_id, p.code_text, p.value, p.value_comparator,
           p.value_unit_id, p.value_id, p.value_text, p.value_string, p.value_flag, p.value_count,
           p.interpretation_id, true
      FROM observation o JOIN observation_component p USING (observation_id)
     WHERE o.patient_id = %(patient)s
       AND o.status IS DISTINCT FROM 'entered-in-error' AND o.status IS DISTINCT FROM 'cancelled'
),
said AS (
    SELECT m.*, k.system, coalesce(k.code, m.code_text) AS code,
           coalesce(m.code_text, k.display, k.code) AS name,
           coalesce(m.effective_at, m.effective_from_at) AS at,
           num_nonnulls(m.value, m.value_id, m.value_text, m.value_string, m.value_flag,
                        m.value_count) > 0 AS has_value
      FROM mine m LEFT JOIN concept k ON k.concept_id = m.code_id
),
course AS (
    SELECT system, code, count(*) AS times,
           (array_agg(value::float8 ORDER BY at DESC, observation_id)
              FILTER (WHERE value IS NOT NULL AND at IS NOT NULL))[1:60] AS recent_values,
           (array_agg(extract(epoch FROM at)::float8 ORDER BY at DESC, observation_id)
              FILTER (WHERE value IS NOT NULL AND at IS NOT NULL))[1:60] AS recent_times
      FROM said WHERE has_value GROUP BY system, code
),
latest AS (
    SELECT DISTINCT ON (system, code) said.*
      FROM said WHERE has_value
     ORDER BY system, code, at DESC NULLS LAST, observation_id
)
SELECT coalesce(l.id, l.observation_id::text) AS id, l.name, l.system, l.code, l.is_part,
       coalesce(g.code, g.display) AS category,
       l.value, l.value_comparator AS comparator, coalesce(u.display, u.code) AS unit,
       coalesce(l.value_text, vk.display, vk.code, l.value_string, l.value_count::text,
                CASE l.value_flag WHEN true THEN 'yes' WHEN false THEN 'no' END) AS finding,
       i.code AS interpretation, r.low, r.high, r.text AS range_text,
       l.at AS effective_at,
       CASE WHEN l.effective_at IS NULL THEN l.effective_from_form ELSE l.effective_form END
         AS effective_form,
       c.times, c.recent_values, c.recent_times
  FROM latest l
  JOIN course c ON c.code IS NOT DISTINCT FROM l.code AND c.system IS NOT DISTINCT FROM l.system
  LEFT JOIN concept g ON g.concept_id = l.category_id
  LEFT JOIN concept u ON u.concept_id = l.value_unit_id
  LEFT JOIN concept vk ON vk.concept_id = l.value_id
  LEFT JOIN concept i ON i.concept_id = l.interpretation_id
  LEFT JOIN LATERAL (SELECT x.low, x.high, x.text FROM observation_reference_range x
                      WHERE x.observation_id = l.observation_id AND NOT l.is_part
                      ORDER BY x.n LIMIT 1) r ON true
 ORDER BY array_position(ARRAY['vital-signs', 'laboratory'], g.code), g.code, l.name, l.code
