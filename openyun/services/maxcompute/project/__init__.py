"""Projects: what tables, jobs and functions belong to, and who may come in."""
