"""Security groups: their rules and their members."""
