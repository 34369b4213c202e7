-- Concepts by number, each with its further codings.
SELECT c.concept_id, c.system, c.version, c.code, c.display, c.user_selected, c.text_is_display,
       (SELECT json_agg(json_build_array(f.system, f.version, f.code, f.display, f.user_selected)
                        ORDER BY f.n)
          FROM concept_coding f WHERE f.concept_id = c.concept_id)
  FROM concept c
 WHERE c.concept_id BETWEEN %s AND %s
