"""Flow logs: what traffic the interfaces of a VPC saw, written to a logstore."""
