-- Allergies
-- What the patient does not tolerate, with reactions: the active first, the most dangerous first.
SELECT coalesce(a.id, a.allergy_intolerance_id::text) AS id,
       coalesce(a.code_text, k.display, k.code) AS substance, k.system, k.code,
       a.type, a.category, a.criticality,
       coalesce(s.code, a.clinical_status_text) AS clinical_status,
       coalesce(v.code, a.verification_status_text) AS verification_status,
       (SELECT string_agg(coalesce(r.description, m.text) || coalesce(' (' || r.severity || ')', ''),
                          '; ' ORDER BY r.n)
          FROM allergy_intolerance_reaction r
          LEFT JOIN LATERAL (
                SELECT string_agg(coalesce(x.manifestation_text, c.display, c.code), ', '
                                  ORDER BY x.n) AS text
                  FROM allergy_intolerance_reaction_manifestation x
                  LEFT JOIN concept c ON c.concept_id = x.manifestation_id
                 WHERE x.allergy_intolerance_id = r.allergy_intolerance_id
                   AND x.reaction_n = r.n) m ON true
         WHERE r.allergy_intolerance_id = a.allergy_intolerance_id) AS reactions,
       coalesce(a.onset_at, a.recorded_at) AS noted_at,
       CASE WHEN a.onset_at IS NULL THEN a.recorded_form ELSE a.onset_form END AS noted_form,
       a.note,
       CASE WHEN v.code = 'entered-in-error' THEN 'error'
            WHEN coalesce(s.code, 'active') = 'active' THEN 'active' ELSE 'past' END AS state
  FROM allergy_intolerance a
  LEFT JOIN concept k ON k.concept_id = a.code_id
  LEFT JOIN concept s ON s.concept_id = a.clinical_status_id
  LEFT JOIN concept v ON v.concept_id = a.verification_status_id
 WHERE a.patient_id = %(patient)s
 ORDER BY state, array_position(ARRAY['high', 'unable-to-assess', 'low'], a.criticality),
          substance, a.allergy_intolerance_id
