"""The history of the tenants' schema: one line of changes, each in a pre and a post half.

A change is a number. `0004_pre` adds what new code needs and old code can live with; it runs before
the new code arrives. `0004_post` removes what only old code used; it runs after old code has gone.
Either half may be absent. The SQL is in `sql/`, one file a half; `versions/` gives each its place.
"""
