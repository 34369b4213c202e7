-- Encounters
-- Visits, stays and calls of one patient: the latest first.
SELECT coalesce(e.id, e.encounter_id::text) AS id,
       coalesce(e.type_text, t.display, t.code, c.display, c.code) AS encounter,
       c.code AS class, e.status, e.started_at, e.started_form, e.ended_at, e.ended_form,
       coalesce(e.reason_text, r.display, r.code, e.because_display, bk.display) AS reason,
       coalesce(e.service_provider_display, o.name) AS provider
  FROM encounter e
  LEFT JOIN concept t ON t.concept_id = e.type_id
  LEFT JOIN concept c ON c.concept_id = e.class_id
  LEFT JOIN concept r ON r.concept_id = e.reason_id
  LEFT JOIN condition b ON b.condition_id = e.because_condition_id
  LEFT JOIN concept bk ON bk.concept_id = b.code_id
  LEFT JOIN organization o ON o.organization_id = e.service_provider_id
 WHERE e.patient_id = %(patient)s AND e.status IS DISTINCT FROM 'entered-in-error'
 ORDER BY e.started_at DESC NULLS LAST, e.encounter_id
