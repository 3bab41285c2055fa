"""The tunnel: rows in and out of tables and results, as records or Arrow batches."""
