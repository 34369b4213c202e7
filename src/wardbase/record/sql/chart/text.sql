-- Text of a document
-- The bytes of one document of one patient, with what is concluded.
SELECT 'DocumentReference' AS type, d.document_reference_id AS key, d.id,
       coalesce(c.document_title, d.description, d.type_text, t.display, t.code) AS title,
       c.document_content_type AS content_type, c.document_url AS url, NULL AS conclusion, a.data
  FROM document_reference d
  LEFT JOIN document_reference_content c USING (document_reference_id)
  LEFT JOIN attachment a ON a.attachment_id = c.document_id
  LEFT JOIN concept t ON t.concept_id = d.type_id
 WHERE d.patient_id = %(patient)s AND d.document_reference_id = %(document)s
UNION ALL
SELECT 'DiagnosticReport', r.diagnostic_report_id, r.id,
       coalesce(r.document_title, r.code_text, k.display, k.code),
       r.document_content_type, r.document_url, r.conclusion, a.data
  FROM diagnostic_report r
  LEFT JOIN attachment a ON a.attachment_id = r.document_id
  LEFT JOIN concept k ON k.concept_id = r.code_id
 WHERE r.patient_id = %(patient)s AND r.diagnostic_report_id = %(document)s
