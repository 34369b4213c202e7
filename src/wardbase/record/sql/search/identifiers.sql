-- Patients by identifier
-- Patients with one of these identifiers, or of that id.
SELECT patient_id FROM patient_identifier WHERE value = ANY(%(values)s)
UNION
SELECT patient_id FROM patient WHERE id = ANY(%(values)s)
UNION
SELECT patient_id FROM patient WHERE patient_id = ANY(%(keys)s)
 LIMIT %(most)s
