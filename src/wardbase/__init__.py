"""wardbase: a relational database platform for healthcare, on PostgreSQL."""
