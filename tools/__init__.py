"""What a maintainer runs: lists and reference pages that are made, not written."""
