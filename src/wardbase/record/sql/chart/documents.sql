-- Documents
-- Documents and written reports on one patient, the latest first; the same text is shown once.
SELECT 'DocumentReference' AS type, coalesce(d.id, d.document_reference_id::text) AS id,
       coalesce(c.document_title, d.description, d.type_text, t.display, t.code) AS title,
       coalesce(d.category_text, g.display, g.code) AS category,
       coalesce(d.entered_at, d.started_at) AS written_at,
       CASE WHEN d.entered_at IS NULL THEN d.started_form ELSE d.entered_form END AS written_form,
       c.document_content_type AS content_type, c.document_id AS attachment_id,
       (SELECT string_agg(coalesce(a.author_display, o.name,
                                   concat_ws(' ', array_to_string(n.prefix, ' '),
                                             array_to_string(n.given, ' '), n.family)),
                          ', ' ORDER BY a.n)
          FROM document_reference_author a
          LEFT JOIN organization o ON o.organization_id = a.author_organization_id
          LEFT JOIN practitioner_name n ON n.practitioner_id = a.author_practitioner_id AND n.n = 1
         WHERE a.document_reference_id = d.document_reference_id) AS author
  FROM document_reference d
  LEFT JOIN document_reference_content c ON c.document_reference_id = d.document_reference_id
                                        AND c.n = 1
  LEFT JOIN concept t ON t.concept_id = d.type_id
  LEFT JOIN concept g ON g.concept_id = d.category_id
 WHERE d.patient_id = %(patient)s AND d.status IS DISTINCT FROM 'entered-in-error'
UNION ALL
SELECT 'DiagnosticReport', coalesce(r.id, r.diagnostic_report_id::text),
       coalesce(r.document_title, r.code_text, k.display, k.code),
       coalesce(r.category_text, g.display, g.code),
       coalesce(r.effective_at, r.issued_at),
       CASE WHEN r.effective_at IS NULL THEN r.issued_form ELSE r.effective_form END,
       r.document_content_type, r.document_id, r.performer_display
  FROM diagnostic_report r
  LEFT JOIN concept k ON k.concept_id = r.code_id
  LEFT JOIN concept g ON g.concept_id = r.category_id
 WHERE r.patient_id = %(patient)s AND r.status IS DISTINCT FROM 'entered-in-error'
   AND (r.conclusion IS NOT NULL OR r.document_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM document_reference d JOIN document_reference_content c
                        USING (document_reference_id)
             WHERE d.patient_id = r.patient_id AND c.document_id = r.document_id))
 ORDER BY written_at DESC NULLS LAST, id
