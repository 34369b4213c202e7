-- Problems
-- Conditions of one patient: the active ones first, then by onset, the latest first.
SELECT coalesce(c.id, c.condition_id::text) AS id,
       coalesce(c.code_text, k.display, k.code) AS problem, k.system, k.code,
       coalesce(s.code, c.clinical_status_text) AS clinical_status,
       coalesce(v.code, c.verification_status_text) AS verification_status,
       coalesce(c.severity_text, sv.display, sv.code) AS severity,
       coalesce(c.category_text, g.display, g.code) AS category,
       coalesce(c.onset_at, c.onset_from_at) AS onset_at,
       CASE WHEN c.onset_at IS NULL THEN c.onset_from_form ELSE c.onset_form END AS onset_form,
       c.onset,
       coalesce(c.abatement_at, c.abatement_to_at) AS abatement_at,
       CASE WHEN c.abatement_at IS NULL THEN c.abatement_to_form ELSE c.abatement_form END
         AS abatement_form,
       c.abatement, c.note,
       CASE WHEN v.code = 'entered-in-error' THEN 'error'
            WHEN s.code IN ('active', 'recurrence', 'relapse') THEN 'active'
            WHEN s.code IS NULL AND coalesce(c.abatement_at, c.abatement_to_at) IS NULL THEN 'active'
            ELSE 'past' END AS state
  FROM condition c
  LEFT JOIN concept k ON k.concept_id = c.code_id
  LEFT JOIN concept s ON s.concept_id = c.clinical_status_id
  LEFT JOIN concept v ON v.concept_id = c.verification_status_id
  LEFT JOIN concept sv ON sv.concept_id = c.severity_id
  LEFT JOIN concept g ON g.concept_id = c.category_id
 WHERE c.patient_id = %(patient)s
 ORDER BY state, coalesce(c.onset_at, c.onset_from_at, c.recorded_at) DESC NULLS LAST, c.condition_id
