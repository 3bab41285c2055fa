"""Deployment sets: how instances are spread."""
