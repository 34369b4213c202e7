-- Texts of references by number.
SELECT reference_id, text FROM reference WHERE reference_id BETWEEN %s AND %s
