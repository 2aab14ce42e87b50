"""Numbers only: counts or arrays in, frozen results out. No files, no tables, no printing."""
