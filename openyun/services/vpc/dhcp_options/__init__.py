"""DHCP options sets."""
