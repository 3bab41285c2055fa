"""Cloud Assistant: commands, and their runs on instances."""
