-- Profiles, tags and labels by number.
SELECT meta_id, elements::text FROM meta WHERE meta_id BETWEEN %s AND %s
