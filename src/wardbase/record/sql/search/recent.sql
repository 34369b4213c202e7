-- Patients last written
-- The patients whose record was made or changed last.
SELECT patient_id FROM patient ORDER BY written_at DESC, patient_id LIMIT %(most)s
