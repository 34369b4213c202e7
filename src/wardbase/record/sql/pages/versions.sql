-- Earlier versions
-- What the resource said before: when it gave way, to whom, and why.
SELECT version_id, replaced_at, cause, caller, purpose, hash::text AS hash
  FROM version WHERE type = %(type)s AND key = %(key)s
 ORDER BY version_id DESC
