"""Key pairs for SSH."""
