-- An earlier version
-- What a resource said when its content had this hash.
SELECT elements::text AS elements FROM version
 WHERE type = %(type)s AND key = %(key)s AND hash = %(hash)s
 ORDER BY version_id DESC LIMIT 1
