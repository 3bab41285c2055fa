"""Resources: files that functions use."""
