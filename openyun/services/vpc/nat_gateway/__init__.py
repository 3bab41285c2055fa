"""NAT gateways and their SNAT and DNAT entries."""
