"""Prefix lists: named sets of address blocks."""
