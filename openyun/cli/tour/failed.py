"""How a step of the tour ends when it does not see what it should."""


class Failed(Exception):
    """A step did not see what it should have seen."""
