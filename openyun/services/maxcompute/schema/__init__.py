"""Schemas: the level between a project and its tables."""
