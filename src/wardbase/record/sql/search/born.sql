-- Patients by birth date
-- Patients born on a day, or within a month or year.
SELECT patient_id FROM patient
 WHERE birth_on BETWEEN %(born_from)s AND %(born_to)s
 ORDER BY birth_on, patient_id
 LIMIT %(most)s
