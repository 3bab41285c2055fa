"""MaxCompute's built-in functions. A family is a module with up to three tables, keyed by MaxCompute's name:

- SAME: DuckDB has it, under the name given;
- MACROS: it is a macro of ours, `mc_<name>`, whose text is given: DuckDB chooses among overloads by the types of the
  arguments, so the translation need not know them;
- BUILDERS: it is built from its arguments, which are already translated.
"""

from openyun.services.maxcompute.language.functions.registry import macros, names, translate_function

__all__ = ["macros", "names", "translate_function"]
