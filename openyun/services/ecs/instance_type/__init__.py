"""Instance types: which there are, and where they can be had."""
