"""What instances cost, as an example, and what spot instances are bid for."""
