-- Patient
-- Who the patient is: one row, with names, identifiers and ways of contact.
SELECT coalesce(p.id, p.patient_id::text) AS id, p.patient_id, p.gender, p.birth_on, p.birth_form,
       p.deceased_at, p.deceased_form, coalesce(p.is_deceased, p.deceased_at IS NOT NULL) AS has_died,
       p.active,
       coalesce(p.marital_status_text, marital.display, marital.code) AS marital_status,
       p.race, p.ethnicity, p.birth_sex,
       coalesce(p.general_practitioner_display, gp_name.text, gp.name) AS general_practitioner,
       (SELECT json_agg(json_build_object('use', n.use, 'text', n.text, 'family', n.family,
                                          'given', n.given, 'prefix', n.prefix, 'suffix', n.suffix)
                        ORDER BY array_position(ARRAY['official', 'usual'], n.use), n.n)
          FROM patient_name n WHERE n.patient_id = p.patient_id) AS names,
       (SELECT json_agg(json_build_object('type', coalesce(t.display, t.code, i.type_text),
                                          'type_code', t.code, 'system', i.system,
                                          'value', i.value) ORDER BY i.n)
          FROM patient_identifier i LEFT JOIN concept t ON t.concept_id = i.type_id
         WHERE i.patient_id = p.patient_id) AS identifiers,
       (SELECT json_agg(json_build_object('use', a.use, 'line', a.line, 'city', a.city,
                                          'district', a.district, 'state', a.state,
                                          'postal_code', a.postal_code, 'country', a.country,
                                          'text', a.text) ORDER BY a.n)
          FROM patient_address a WHERE a.patient_id = p.patient_id) AS addresses,
       (SELECT json_agg(json_build_object('system', t.system, 'use', t.use, 'value', t.value)
                        ORDER BY t.n)
          FROM patient_telecom t WHERE t.patient_id = p.patient_id) AS telecoms,
       (SELECT json_agg(coalesce(c.language_text, l.display, l.code) ORDER BY c.n)
          FROM patient_communication c LEFT JOIN concept l ON l.concept_id = c.language_id
         WHERE c.patient_id = p.patient_id) AS languages
  FROM patient p
  LEFT JOIN concept marital ON marital.concept_id = p.marital_status_id
  LEFT JOIN organization gp ON gp.organization_id = p.general_practitioner_organization_id
  LEFT JOIN LATERAL (SELECT concat_ws(' ', array_to_string(n.prefix, ' '),
                                      array_to_string(n.given, ' '), n.family) AS text
                       FROM practitioner_name n
                      WHERE n.practitioner_id = p.general_practitioner_practitioner_id
                      ORDER BY n.n LIMIT 1) gp_name ON true
 WHERE p.patient_id = %(patient)s
