"""MaxCompute's SQL: statements that change tables are done by us, queries are translated for an engine."""
