"""Objects: what is stored, and each way to put, get, list and remove it."""
