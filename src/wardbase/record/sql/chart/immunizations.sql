-- Immunizations
-- Vaccines given to one patient, or refused: the latest first.
SELECT coalesce(i.id, i.immunization_id::text) AS id,
       coalesce(i.vaccine_text, k.display, k.code) AS vaccine, k.system, k.code, i.status,
       i.given_at, i.given_form, i.given, i.dose_number, i.series_doses, i.lot_number,
       coalesce(i.location_display, l.name) AS location
  FROM immunization i
  LEFT JOIN concept k ON k.concept_id = i.vaccine_id
  LEFT JOIN location l ON l.location_id = i.location_id
 WHERE i.patient_id = %(patient)s AND i.status IS DISTINCT FROM 'entered-in-error'
 ORDER BY i.given_at DESC NULLS LAST, i.immunization_id
