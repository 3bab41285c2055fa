"""Reads a script. Queries stay text, for sqlglot; what defines and changes tables is read here."""

from __future__ import annotations

from collections.abc import Callable

from openyun.services.maxcompute.records import Column
from openyun.services.maxcompute.sql.cursor import Cursor, tokens_of
from openyun.services.maxcompute.sql.definitions import (
    AddPartitions,
    Alter,
    CreateSchema,
    CreateTable,
    CreateView,
    Drop,
    DropPartitions,
    Insert,
    Query,
    SetFlag,
    Show,
    Spec,
    Statement,
    Truncate,
)
from openyun.services.maxcompute.sql_errors import ParseProblem, Unsupported


def read_script(script: str) -> list[Statement]:
    """Raises ParseProblem, Unsupported."""
    return [_statement(Cursor(script, tokens)) for tokens in tokens_of(script)]


def _statement(words: Cursor) -> Statement:
    place = words.place
    first = words.peek()
    reads: dict[str, Callable[[Cursor], Statement]] = {
        "INSERT": _insert,
        "CREATE": _create,
        "DROP": _drop,
        "TRUNCATE": _truncate,
        "ALTER": _alter,
        "SET": _set,
        "DESC": _describe,
        "DESCRIBE": _describe,
        "SHOW": _show,
    }
    if first in ("SELECT", "WITH", "(", "VALUES"):
        found: Statement = Query(text=words.rest())
    elif first in reads:
        words.at += 1
        found = reads[first](words)
        words.end()
    elif first in ("UPDATE", "DELETE", "MERGE", "EXPLAIN", "LOAD", "UNLOAD", "GRANT", "REVOKE", "FROM", "CLONE"):
        raise Unsupported(f"the statement {first}", place)
    else:
        raise words.wrong()
    found.place = place
    return found


def _insert(words: Cursor) -> Statement:
    overwrite = words.take("OVERWRITE")
    if not overwrite:
        words.expect("INTO")
    words.take("TABLE")
    table = words.name()
    spec = _spec(words, dynamic=True) if words.take("PARTITION") else ()
    columns: tuple[str, ...] = ()
    if words.peek() == "(" and words.peek(1) not in ("SELECT", "WITH", "("):
        columns = tuple(_names(words))
    if words.peek() not in ("SELECT", "WITH", "VALUES", "("):
        raise words.wrong("a query")
    return Insert(table=table, spec=spec, columns=columns, overwrite=overwrite, query=_query(words))


def _query(words: Cursor) -> str:
    """VALUES alone is no query to sqlglot's parser."""
    is_values = words.peek() == "VALUES"
    text = words.rest()
    if not is_values:
        return text
    place = len(text) - len(text.lstrip())
    return f"{text[:place]}SELECT * FROM {text[place:]} AS t"  # noqa: S608  the user's own statement


def _create(words: Cursor) -> Statement:
    replace = words.take("OR", "REPLACE")
    if words.take("SCHEMA"):
        if_not_exists = words.take("IF", "NOT", "EXISTS")
        name = words.name()
        return CreateSchema(
            name=name, if_not_exists=if_not_exists, comment=words.text() if words.take("COMMENT") else ""
        )
    if words.take("VIEW"):
        return _create_view(words, replace=replace)
    if words.peek() != "TABLE" or replace:
        raise Unsupported(f"CREATE {words.peek()}", words.place)
    words.expect("TABLE")
    made = CreateTable(if_not_exists=words.take("IF", "NOT", "EXISTS"), table=words.name())
    if words.take("LIKE"):
        made.like = words.name()
    elif words.peek() == "(":
        made.columns, made.primary_key = _columns(words)
    while not words.over:
        _table_option(words, made)
    if not (made.columns or made.like or made.query):
        raise words.wrong("columns")
    return made


def _table_option(words: Cursor, made: CreateTable) -> None:
    if words.take("COMMENT"):
        made.comment = words.text()
    elif words.take("PARTITIONED", "BY"):
        made.partition_columns, _ = _columns(words)
    elif words.take("LIFECYCLE"):
        made.lifecycle = words.number()
    elif words.take("TBLPROPERTIES"):
        made.properties = _properties(words)
    elif words.take("STORED", "AS"):
        words.identifier()  # managed tables are columnar whatever this says, there as here
    elif words.take("AS"):
        made.query = _query(words)
    elif words.peek() in ("SELECT", "WITH") and made.columns == []:
        made.query = words.rest()
    elif words.peek() in ("CLUSTERED", "RANGE", "AUTO", "ROW", "LOCATION", "INTO", "USING"):
        raise Unsupported(f"CREATE TABLE ... {words.peek()}", words.place)
    else:
        raise words.wrong()


def _create_view(words: Cursor, *, replace: bool) -> CreateView:
    if_not_exists = words.take("IF", "NOT", "EXISTS")
    view = words.name()
    columns: list[str] = []
    if words.take("("):
        while True:
            columns.append(words.identifier())
            if words.take("COMMENT"):
                words.text()
            if not words.take(","):
                break
        words.expect(")")
    comment = words.text() if words.take("COMMENT") else ""
    words.expect("AS")
    return CreateView(
        view=view,
        replace=replace,
        if_not_exists=if_not_exists,
        columns=tuple(columns),
        comment=comment,
        query=words.raw_rest(),
    )


def _columns(words: Cursor) -> tuple[list[Column], list[str]]:
    columns: list[Column] = []
    primary_key: list[str] = []
    words.expect("(")
    while True:
        if words.take("PRIMARY", "KEY"):
            primary_key = _names(words)
        else:
            columns.append(_column(words))
        if not words.take(","):
            break
    words.expect(")")
    names = [one.name for one in columns]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise ParseProblem(f"column {twice} is defined twice", words.place)
    return columns, primary_key


def _column(words: Cursor) -> Column:
    made = Column(name=words.identifier(), type=words.type())
    while True:
        if words.take("NOT", "NULL"):
            made.nullable = False
        elif words.take("COMMENT"):
            made.comment = words.text()
        elif words.peek() == "DEFAULT":
            raise Unsupported("DEFAULT of a column", words.place)
        elif not words.take("NULL"):
            return made


def _names(words: Cursor) -> list[str]:
    words.expect("(")
    found = [words.identifier()]
    while words.take(","):
        found.append(words.identifier())
    words.expect(")")
    return found


def _properties(words: Cursor) -> dict[str, str]:
    found: dict[str, str] = {}
    words.expect("(")
    while True:
        name = words.value()
        words.expect("=")
        found[name] = words.value()
        if not words.take(","):
            break
    words.expect(")")
    return found


def _spec(words: Cursor, *, dynamic: bool = False) -> Spec:
    found: list[tuple[str, str | None]] = []
    words.expect("(")
    while True:
        name = words.identifier()
        if words.take("="):
            found.append((name, words.value()))
        elif dynamic:
            found.append((name, None))
        else:
            raise Unsupported("conditions on partitions other than =", words.place)
        if not words.take(","):
            break
    words.expect(")")
    return tuple(found)


def _drop(words: Cursor) -> Statement:
    kind = words.peek()
    if kind not in ("TABLE", "VIEW", "SCHEMA"):
        raise Unsupported(f"DROP {kind}", words.place)
    words.at += 1
    return Drop(kind=kind, if_exists=words.take("IF", "EXISTS"), name=words.name())


def _truncate(words: Cursor) -> Statement:
    words.expect("TABLE")
    table = words.name()
    return Truncate(table=table, spec=_spec(words) if words.take("PARTITION") else ())


def _alter(words: Cursor) -> Statement:
    if not words.take("TABLE"):
        raise Unsupported(f"ALTER {words.peek()}", words.place)
    table = words.name()
    if words.take("ADD", "COLUMNS") or words.take("ADD", "COLUMN"):
        columns, _ = _columns(words) if words.peek() == "(" else ([_column(words)], [])
        return Alter(table=table, add=columns)
    if words.peek() == "ADD":
        words.at += 1
        if_not_exists = words.take("IF", "NOT", "EXISTS")
        return AddPartitions(table=table, specs=_specs(words), if_not_exists=if_not_exists)
    if words.take("DROP", "COLUMN") or words.take("DROP", "COLUMNS"):
        return Alter(table=table, drop=_names(words) if words.peek() == "(" else [words.identifier()])
    if words.take("DROP"):
        if_exists = words.take("IF", "EXISTS")
        return DropPartitions(table=table, specs=_specs(words), if_exists=if_exists)
    if words.take("RENAME", "TO"):
        return Alter(table=table, rename_to=words.identifier())
    if words.take("SET", "COMMENT"):
        return Alter(table=table, comment=words.text())
    if words.take("SET", "LIFECYCLE"):
        return Alter(table=table, lifecycle=words.number())
    if words.take("SET", "TBLPROPERTIES"):
        return Alter(table=table, properties=_properties(words))
    if words.take("CHANGE"):
        words.take("COLUMN")
        old = words.identifier()
        if words.take("RENAME", "TO"):
            return Alter(table=table, change=(old, Column(name=words.identifier(), type="")))
        if words.take("COMMENT"):
            return Alter(table=table, change=(old, Column(name=old, type="", comment=words.text())))
        return Alter(table=table, change=(old, _column(words)))
    if words.take("TOUCH"):
        return Alter(table=table, touch=True)
    raise Unsupported(f"ALTER TABLE ... {words.peek()}", words.place)


def _specs(words: Cursor) -> list[Spec]:
    words.expect("PARTITION")
    found = [_spec(words)]
    while words.take("PARTITION") or words.take(",", "PARTITION"):
        found.append(_spec(words))
    return found


def _set(words: Cursor) -> Statement:
    name, equals, value = words.raw_rest().partition("=")
    if not equals:
        raise words.wrong("'='")
    return SetFlag(name=name.strip(), value=value.strip())


def _describe(words: Cursor) -> Statement:
    what = "DESC EXTENDED" if words.take("EXTENDED") else "DESC"
    if words.take("SCHEMA"):
        return Show(what="DESC SCHEMA", name=words.name())
    name = words.name()
    return Show(what=what, name=name, spec=_spec(words) if words.take("PARTITION") else ())


def _show(words: Cursor) -> Statement:
    if words.take("TABLES"):
        name = words.name() if words.take("IN") or words.take("FROM") else ()
        return Show(what="SHOW TABLES", name=name, like=words.text() if words.take("LIKE") else "")
    if words.take("SCHEMAS"):
        return Show(what="SHOW SCHEMAS")
    if words.take("PARTITIONS"):
        return Show(what="SHOW PARTITIONS", name=words.name())
    if words.take("CREATE", "TABLE"):
        return Show(what="SHOW CREATE TABLE", name=words.name())
    raise Unsupported(f"SHOW {words.peek()}", words.place)
