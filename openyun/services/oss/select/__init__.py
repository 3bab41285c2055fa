"""SelectObject: SQL over the rows of one CSV or JSON object."""
