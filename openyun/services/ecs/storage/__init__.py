"""What instances store: disks, and the images they start from."""
