"""A script: statements between semicolons, SET flags, and variables (`@a := select ...`) that later ones name."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from openyun.services.maxcompute.language.dialect import MaxCompute
from openyun.services.maxcompute.language.problem import SqlProblem, parse_exception

_DIALECT = MaxCompute()


def parse(text: str) -> list[exp.Expr]:
    """The statements of a script. `SET a=b` is an `exp.Command` whose `this` is SET and whose `expression` is `a=b`;
    a statement of which the grammar knows only the first word is a Command too. Variables are already put in place of
    their names. Raises SqlProblem."""
    try:
        tokens = _DIALECT.tokenize(text)
    except TokenError as problem:
        lines = text.splitlines() or [""]
        raise parse_exception(f"invalid token, {_short(problem)}", len(lines), len(lines[-1]) + 1) from problem
    statements: list[exp.Expr] = []
    variables: dict[str, exp.Expr] = {}
    for words in _split(tokens):
        if words[0].text.upper() == "SET" and len(words) > 1:
            rest = text[words[1].start : words[-1].end + 1].strip()
            statements.append(exp.Command(this="SET", expression=rest))
        elif (name := _assigned(words)) is not None:
            at = next(place for place, word in enumerate(words) if word.token_type == TokenType.COLON_EQ)
            variables[name] = _fill(_statement(words[at + 1 :], text, expression=True), variables)
        elif words[0].token_type != TokenType.PARAMETER:
            statements.append(_fill(_statement(words, text), variables))
    return statements


def _split(tokens: list[Token]) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            found.append([])
        else:
            found[-1].append(token)
    return [words for words in found if words]


def _assigned(words: list[Token]) -> str | None:
    """`@a := ...` or `@a bigint := ...`; the name of it."""
    if words[0].token_type != TokenType.PARAMETER or not any(w.token_type == TokenType.COLON_EQ for w in words):
        return None
    return words[1].text.lower()


def _statement(words: list[Token], text: str, *, expression: bool = False) -> exp.Expr:
    if not words:
        raise parse_exception("invalid token ':=', expect an expression", 1, 1)
    reader = _DIALECT.parser()
    reading = expression and words[0].text.upper() not in ("SELECT", "WITH", "FROM", "(", "VALUES", "CACHE")
    try:
        parsed = reader.parse_into(exp.Condition, words, text) if reading else reader.parse(words, text)
    except ParseError as problem:
        raise _located(problem, words) from problem
    except RecursionError:
        raise parse_exception("the statement is nested too deeply", *_place(words[0])) from None
    except TokenError as problem:
        raise parse_exception(_short(problem), words[0].line, words[0].col) from problem
    found = parsed[0] if parsed else None
    if found is None:
        raise parse_exception(f"invalid token '{words[0].text}'", *_place(words[0]))
    if any(not select.expressions for select in found.find_all(exp.Select)) and words[0].text.upper() != "FROM":
        after = next((at for at, word in enumerate(words[:-1]) if word.token_type == TokenType.SELECT), 0) + 1
        raise parse_exception(f"invalid token '{words[after].text}', a query selects nothing", *_place(words[after]))
    return found


def _located(problem: ParseError, words: list[Token]) -> SqlProblem:
    known = problem.errors[0] if problem.errors else {}
    line, column = int(known.get("line") or words[0].line), int(known.get("col") or words[0].col)
    token = next((word for word in words if (word.line, word.col) == (line, column)), words[-1])
    said = str(known.get("description") or _short(problem)).rstrip(".")
    return parse_exception(f"invalid token '{token.text}', {said[:1].lower()}{said[1:]}", *_place(token))


def _place(token: Token) -> tuple[int, int]:
    """Line and column of a token's first letter, from 1; sqlglot counts to its last."""
    return token.line, max(1, token.col - (token.end - token.start))


def _short(problem: Exception) -> str:
    return str(problem).splitlines()[0][:200] if str(problem) else "the text cannot be read"


def _fill(statement: exp.Expr, variables: dict[str, exp.Expr]) -> exp.Expr:
    for parameter in list(statement.find_all(exp.Parameter)):
        value = variables.get(parameter.name.lower())
        if value is None:
            raise SqlProblem(
                "ODPS-0130071", f"Semantic analysis exception - variable @{parameter.name} is not declared"
            )
        table = parameter.parent
        if isinstance(table, exp.Table):
            alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(parameter.name))
            _replace(table, exp.Subquery(this=_query(value), alias=alias.copy()))
        elif isinstance(value, exp.Query):
            parameter.replace(exp.Subquery(this=value.copy()))
        else:
            parameter.replace(exp.Paren(this=value.copy()))
    return statement


def _replace(table: exp.Expr, query: exp.Subquery) -> None:
    for key in ("joins", "laterals", "pivots", "sample"):
        if table.args.get(key):
            query.set(key, table.args[key])
    table.replace(query)


def _query(value: exp.Expr) -> exp.Expr:
    return value.copy() if isinstance(value, exp.Query) else exp.select(value.copy())
