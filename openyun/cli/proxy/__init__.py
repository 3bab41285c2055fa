"""`yun proxy`: for tools that know no other endpoint than the vendor's own host names."""
