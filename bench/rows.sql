-- concepts --
-- What the rows below say, by a name of ours. No more than a few of each kind: enough for indexes
-- to tell rows apart, as in a hospital where fifty tests are nine tenths of all results.
WITH said (system, code, display) AS (VALUES
    ('http://loinc.org', '4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'),
    ('http://loinc.org', '2339-0', 'Glucose [Mass/volume] in Blood'),
    ('http://loinc.org', '2160-0', 'Creatinine [Mass/volume] in Serum or Plasma'),
    ('http://loinc.org', '33914-3', 'Glomerular filtration rate/1.73 sq M.predicted'),
    ('http://loinc.org', '718-7', 'Hemoglobin [Mass/volume] in Blood'),
    ('http://loinc.org', '6690-2', 'Leukocytes [#/volume] in Blood'),
    ('http://loinc.org', '777-3', 'Platelets [#/volume] in Blood'),
    ('http://loinc.org', '2823-3', 'Potassium [Moles/volume] in Serum or Plasma'),
    ('http://loinc.org', '2951-2', 'Sodium [Moles/volume] in Serum or Plasma'),
    ('http://loinc.org', '8867-4', 'Heart rate'),
    ('http://loinc.org', '8310-5', 'Body temperature'),
    ('http://loinc.org', '29463-7', 'Body weight'),
    ('http://snomed.info/sct', '44054006', 'Diabetes mellitus type 2'),
    ('http://snomed.info/sct', '38341003', 'Hypertensive disorder'),
    ('http://snomed.info/sct', '13645005', 'Chronic obstructive lung disease'),
    ('http://snomed.info/sct', '84114007', 'Heart failure'),
    ('http://snomed.info/sct', '444814009', 'Viral sinusitis'),
    ('http://snomed.info/sct', '10509002', 'Acute bronchitis'),
    ('http://www.nlm.nih.gov/research/umls/rxnorm', '860975', 'metformin 500 MG Oral Tablet'),
    ('http://www.nlm.nih.gov/research/umls/rxnorm', '314076', 'lisinopril 10 MG Oral Tablet'),
    ('http://www.nlm.nih.gov/research/umls/rxnorm', '617312', 'atorvastatin 20 MG Oral Tablet'),
    ('http://www.nlm.nih.gov/research/umls/rxnorm', '313782', 'paracetamol 325 MG Oral Tablet'),
    ('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'AMB', 'ambulatory'),
    ('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'IMP', 'inpatient encounter'),
    ('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'EMER', 'emergency'),
    ('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory', 'Laboratory'),
    ('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs', 'Vital Signs'),
    ('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active', 'Active'),
    ('http://terminology.hl7.org/CodeSystem/condition-clinical', 'resolved', 'Resolved'),
    ('http://unitsofmeasure.org', '%%', '%%'),
    ('http://unitsofmeasure.org', 'mg/dL', 'mg/dL'),
    ('http://unitsofmeasure.org', 'mL/min/{1.73_m2}', 'mL/min/{1.73_m2}'),
    ('http://unitsofmeasure.org', 'g/dL', 'g/dL'),
    ('http://unitsofmeasure.org', '10*3/uL', '10*3/uL'),
    ('http://unitsofmeasure.org', 'mmol/L', 'mmol/L'),
    ('http://unitsofmeasure.org', '/min', '/min'),
    ('http://unitsofmeasure.org', 'Cel', 'Cel'),
    ('http://unitsofmeasure.org', 'kg', 'kg')
)
INSERT INTO concept (system, code, display, text_is_display, hash)
SELECT system, code, display, false, md5(system || '|' || code)::uuid FROM said
ON CONFLICT (hash) DO NOTHING;

-- tests --
-- What is measured: how often of a hundred results, its unit, its mean and how far it strays.
CREATE TEMP TABLE bench_test AS
SELECT number, c.concept_id AS code_id, u.concept_id AS unit_id, k.concept_id AS category_id,
       mean, stray, digits
  FROM (VALUES
    (1, '4548-4', '%%', 'laboratory', 5.9, 1.1, 1),
    (2, '2339-0', 'mg/dL', 'laboratory', 104, 22, 0),
    (3, '2160-0', 'mg/dL', 'laboratory', 0.98, 0.3, 2),
    (4, '33914-3', 'mL/min/{1.73_m2}', 'laboratory', 78, 22, 0),
    (5, '718-7', 'g/dL', 'laboratory', 13.8, 1.6, 1),
    (6, '6690-2', '10*3/uL', 'laboratory', 7.4, 2.1, 1),
    (7, '777-3', '10*3/uL', 'laboratory', 255, 60, 0),
    (8, '2823-3', 'mmol/L', 'laboratory', 4.2, 0.4, 1),
    (9, '2951-2', 'mmol/L', 'laboratory', 140, 2.8, 0),
    (10, '8867-4', '/min', 'vital-signs', 76, 11, 0),
    (11, '8310-5', 'Cel', 'vital-signs', 36.8, 0.5, 1),
    (12, '29463-7', 'kg', 'vital-signs', 79, 16, 1)
  ) AS t (number, code, unit, category, mean, stray, digits)
  JOIN concept c ON c.hash = md5('http://loinc.org|' || t.code)::uuid
  JOIN concept u ON u.hash = md5('http://unitsofmeasure.org|' || t.unit)::uuid
  JOIN concept k ON k.hash = md5('http://terminology.hl7.org/CodeSystem/observation-category|'
                                 || t.category)::uuid;

-- patients --
-- Few encounters for most, very many for some: what tells a chart of 20 rows from one of 20,000.
CREATE TEMP TABLE bench_patient AS
SELECT n, gen_random_uuid() AS patient_id,
       current_date - (power(random(), 0.8) * 33000)::int AS birth_on,
       least(1 + (4 * -ln(1 - random()) ^ 1.6)::int, 400) AS encounters
  FROM generate_series(1, %(patients)s) n;

-- patient --
INSERT INTO patient (patient_id, hash, birth_on, gender, active, updated_at, written_at)
SELECT patient_id, gen_random_uuid(), birth_on, (ARRAY['female', 'male'])[1 + n %% 2], true,
       now(), now()
  FROM bench_patient;

-- patient_name --
INSERT INTO patient_name (patient_id, n, use, family, given)
SELECT patient_id, 1, 'official',
       (ARRAY['Weber', 'Okafor', 'Nguyen', 'García', 'Rossi', 'Smith', 'Kowalska', 'Larsen'])
         [1 + (random() * 7)::int] || '-' || n,
       ARRAY[(ARRAY['Ada', 'Emil', 'Jin', 'Maria', 'Noah', 'Olga', 'Priya', 'Tom'])
         [1 + (random() * 7)::int]]
  FROM bench_patient;

-- encounters --
CREATE TEMP TABLE bench_encounter AS
SELECT gen_random_uuid() AS encounter_id, patient_id,
       greatest(birth_on, current_date - 3650)
         + random() * (now() - greatest(birth_on, current_date - 3650)) AS started_at,
       random() AS kind
  FROM bench_patient, generate_series(1, encounters);

-- encounter --
INSERT INTO encounter (encounter_id, hash, patient_id, class_id, status, started_at, ended_at,
                       updated_at, written_at)
SELECT e.encounter_id, gen_random_uuid(), e.patient_id, c.concept_id, 'finished', e.started_at,
       e.started_at + CASE WHEN kind < 0.06 THEN random() * interval '9 days'
                           ELSE interval '15 minutes' + random() * interval '1 hour' END,
       now(), now()
  FROM bench_encounter e
  JOIN concept c ON c.hash = md5('http://terminology.hl7.org/CodeSystem/v3-ActCode|'
    || CASE WHEN kind < 0.06 THEN 'IMP' WHEN kind < 0.12 THEN 'EMER' ELSE 'AMB' END)::uuid;

-- observation --
-- Every encounter takes the three vital signs, three of ten the nine tests; stays, each day.
INSERT INTO observation (observation_id, hash, patient_id, encounter_id, category_id, code_id,
                         status, effective_at, issued_at, value, value_unit_id, updated_at,
                         written_at)
SELECT gen_random_uuid(), gen_random_uuid(), e.patient_id, e.encounter_id, t.category_id,
       t.code_id, 'final', at, at + interval '1 hour',
       round((t.mean + t.stray * (random() + random() + random() - 1.5) * 2)::numeric, t.digits),
       t.unit_id, now(), now()
  FROM bench_encounter e
 CROSS JOIN LATERAL generate_series(0, CASE WHEN kind < 0.06 THEN (kind * 150)::int ELSE 0 END) day
 CROSS JOIN LATERAL (SELECT e.started_at + day * interval '1 day' AS at) a
  JOIN bench_test t ON t.number > 9 OR kind < 0.3;

-- condition --
INSERT INTO condition (condition_id, hash, patient_id, encounter_id, clinical_status_id, code_id,
                       onset_at, recorded_at, abatement_at, updated_at, written_at)
SELECT gen_random_uuid(), gen_random_uuid(), e.patient_id, e.encounter_id, s.concept_id,
       c.concept_id, e.started_at, e.started_at,
       CASE WHEN k.chosen > 4 THEN e.started_at + interval '14 days' END, now(), now()
  FROM bench_encounter e
 CROSS JOIN LATERAL (SELECT 1 + floor(6 * sqrt(random() + 0 * e.kind))::int AS chosen) k
  JOIN concept c ON c.hash = md5('http://snomed.info/sct|' || (ARRAY['84114007', '13645005',
    '44054006', '38341003', '10509002', '444814009'])[least(k.chosen, 6)])::uuid
  JOIN concept s ON s.hash = md5('http://terminology.hl7.org/CodeSystem/condition-clinical|'
    || CASE WHEN k.chosen > 4 THEN 'resolved' ELSE 'active' END)::uuid
 WHERE e.kind > 0.65 OR e.kind < 0.06;

-- medication_request --
INSERT INTO medication_request (medication_request_id, hash, patient_id, encounter_id, status,
                                intent, medication_code_id, authored_at, updated_at, written_at)
SELECT gen_random_uuid(), gen_random_uuid(), e.patient_id, e.encounter_id,
       CASE WHEN random() < 0.3 THEN 'active' ELSE 'completed' END, 'order', c.concept_id,
       e.started_at, now(), now()
  FROM bench_encounter e
  JOIN concept c ON c.hash = md5('http://www.nlm.nih.gov/research/umls/rxnorm|' || (ARRAY['860975',
    '314076', '617312', '313782'])[1 + floor(e.kind * 97)::int %% 4])::uuid
 WHERE e.kind > 0.45;
