"""The PostgreSQL of the tests, and stores on both databases."""

from tests.postgres import mortal_postgres, postgres, store

__all__ = ["mortal_postgres", "postgres", "store"]
