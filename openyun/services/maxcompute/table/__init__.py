"""Tables: what they are, their partitions, and the files that hold their rows."""
