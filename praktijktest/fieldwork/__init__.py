"""The round in the field: the ledger, what goes into it, and what it says."""
