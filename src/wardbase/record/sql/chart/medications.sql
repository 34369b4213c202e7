-- Medications
-- One row per medicine and state: the latest prescription, and how many there were since when.
WITH mine AS (
    SELECT r.*, coalesce(r.medication_code_text, k.display, k.code, m.code_text, mk.display, mk.code,
                         r.medication_display) AS medication,
           coalesce(k.system, mk.system) AS system, coalesce(k.code, mk.code) AS code,
           CASE WHEN r.status = 'entered-in-error' THEN 'error'
                WHEN r.status IN ('active', 'on-hold', 'draft') THEN 'active'
                ELSE 'past' END AS state
      FROM medication_request r
      LEFT JOIN medication m USING (medication_id)
      LEFT JOIN concept k ON k.concept_id = r.medication_code_id
      LEFT JOIN concept mk ON mk.concept_id = m.code_id
     WHERE r.patient_id = %(patient)s
),
latest AS (
    SELECT DISTINCT ON (state, medication) mine.*,
           count(*) OVER same AS times, min(authored_at) OVER same AS since_at
      FROM mine
    WINDOW same AS (PARTITION BY state, medication)
     ORDER BY state, medication, authored_at DESC NULLS LAST, medication_request_id
)
SELECT coalesce(l.id, l.medication_request_id::text) AS id, l.medication, l.system, l.code, l.status,
       coalesce(d.text, d.patient_instruction,
                nullif(concat_ws(', ',
                    nullif(concat_ws(' ', trim_scale(d.dose), u.display), ''),
                    nullif(concat_ws(' ', d.frequency || '×',
                        'per ' || coalesce(nullif(trim_scale(d.period_length), 1) || ' ', '')
                               || coalesce(w.name, d.period_unit)), ''),
                    CASE WHEN d.as_needed THEN 'as needed' END), '')) AS dosage,
       coalesce(l.requester_display,
                (SELECT concat_ws(' ', array_to_string(n.prefix, ' '), array_to_string(n.given, ' '),
                                  n.family)
                   FROM practitioner_name n WHERE n.practitioner_id = l.requester_practitioner_id
                  ORDER BY n.n LIMIT 1)) AS requester,
       (SELECT string_agg(coalesce(b.reason_text, c.display, b.because_display,
                                   cc.display), ', ' ORDER BY b.n)
          FROM (SELECT w.n, w.reason_id, w.reason_text, NULL::uuid AS condition_id,
                       NULL AS because_display
                  FROM medication_request_reason_code w
                 WHERE w.medication_request_id = l.medication_request_id
                UNION ALL
                SELECT w.n, NULL, NULL, w.because_condition_id, w.because_display
                  FROM medication_request_reason_reference w
                 WHERE w.medication_request_id = l.medication_request_id) b
          LEFT JOIN concept c ON c.concept_id = b.reason_id
          LEFT JOIN condition x ON x.condition_id = b.condition_id
          LEFT JOIN concept cc ON cc.concept_id = x.code_id) AS reason,
       l.authored_at, l.authored_form, l.since_at, l.times, l.state
  FROM latest l
  LEFT JOIN medication_request_dosage d ON d.medication_request_id = l.medication_request_id
                                       AND d.n = 1
  LEFT JOIN concept u ON u.concept_id = d.dose_unit_id
  LEFT JOIN (VALUES ('h', 'hour'), ('d', 'day'), ('wk', 'week'), ('mo', 'month'), ('a', 'year'))
            AS w (code, name) ON w.code = d.period_unit
 ORDER BY l.state, l.authored_at DESC NULLS LAST, l.medication_request_id
