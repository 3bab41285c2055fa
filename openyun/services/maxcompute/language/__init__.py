"""MaxCompute's SQL as a language: parsed, and translated to the engine's. It knows no tables and runs nothing. Needs
sqlglot, so its other modules are imported when a query comes."""

from openyun.services.maxcompute.language.catalog import Catalog, Shape
from openyun.services.maxcompute.language.problem import SqlProblem

__all__ = ["Catalog", "Shape", "SqlProblem"]
