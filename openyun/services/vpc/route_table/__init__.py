"""Route tables and route entries."""
