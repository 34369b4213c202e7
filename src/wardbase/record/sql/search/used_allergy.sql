-- Codes of substances
-- What allergies here are coded with.
SELECT DISTINCT code_id FROM allergy_intolerance WHERE code_id IS NOT NULL
