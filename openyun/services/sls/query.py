"""The query language of the log service, as far as it finds logs:

    error and (status > 499 or not path: "/health") and __topic__: web*

Words beside each other mean `and`; `not` binds most, then `and`, then `or`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from openyun.services.sls.errors import ParameterInvalid
from openyun.services.sls.indexes import Index, IndexKey, IndexLine

Entry = Mapping[str, str]
"""A log's fields, with __topic__, __source__ and __tag__:..."""
Match = Callable[[Entry], bool]

_LONGEST = 8192
_DEEPEST = 100
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<sign>>=|<=|[():><=\[\]])|(?P<word>(?:[^\s"():><=\[\]\\]|\\.)+))"""
)
_DELIMITERS = list(", '\";=()[]{}?@&<>/:\n\t\r")


def parse(text: str, index: Index) -> Match:
    """Raises ParameterInvalid."""
    if len(text) > _LONGEST:
        raise ParameterInvalid(reason=f"a query has at most {_LONGEST} characters")
    tokens = list(_tokens(text))
    if not tokens:
        return lambda entry: True
    reader = _Reader(tokens, index)
    match = reader.either(0)
    if not reader.at_end():
        raise _unexpected(reader.take())
    return match


def analysis_of(text: str) -> str:
    """What stands behind the first pipe that is not in quotation marks."""
    quoted = escaped = False
    for place, letter in enumerate(text):
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter == "|" and not quoted:
            return text[place + 1 :].strip() or "|"
    return ""


class _Token:
    __slots__ = ("kind", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words


def _tokens(text: str) -> Iterator[_Token]:
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            raise ParameterInvalid(reason=f"syntax error in the query near {text[place : place + 20]!r}")
        place = found.end()
        kind = found.lastgroup or ""
        value = found[kind]
        if kind == "quoted":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        yield _Token(kind, value)


def _unexpected(token: _Token | None) -> ParameterInvalid:
    return ParameterInvalid(reason=f"syntax error in the query near {token.text if token else 'its end'!r}")


class _Reader:
    def __init__(self, tokens: list[_Token], index: Index) -> None:
        self._tokens = tokens
        self._place = 0
        self._index = index

    def at_end(self) -> bool:
        return self._place >= len(self._tokens)

    def take(self) -> _Token:
        if self.at_end():
            raise _unexpected(None)
        self._place += 1
        return self._tokens[self._place - 1]

    def _peek(self, ahead: int = 0) -> _Token:
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else _Token("end", "")

    def either(self, depth: int) -> Match:
        if depth > _DEEPEST:
            raise ParameterInvalid(reason="the query is nested too deeply")
        choices = [self._all(depth)]
        while self._peek().is_word("or"):
            self.take()
            choices.append(self._all(depth))
        return choices[0] if len(choices) == 1 else lambda entry: any(one(entry) for one in choices)

    def _all(self, depth: int) -> Match:
        parts = [self._one(depth)]
        while not self.at_end() and not self._peek().is_word("or") and self._peek().text != ")":
            if self._peek().is_word("and"):
                self.take()
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else lambda entry: all(one(entry) for one in parts)

    def _one(self, depth: int) -> Match:
        if self._peek().is_word("not"):
            self.take()
            refused = self._one(depth + 1) if depth < _DEEPEST else self.either(depth + 1)
            return lambda entry: not refused(entry)
        token = self.take()
        if token.kind == "sign":
            if token.text != "(":
                raise _unexpected(token)
            inside = self.either(depth + 1)
            if self.take().text != ")":
                raise _unexpected(token)
            return inside
        following = self._peek()
        if following.kind == "sign" and following.text in (":", ">", ">=", "<", "<=", "="):
            return self._field(token.text)
        if following.is_word("in") and self._peek(1).kind == "sign" and self._peek(1).text in ("[", "("):
            self.take()
            return self._range(token.text)
        return _anywhere(token, self._index)

    def _field(self, name: str) -> Match:
        sign = self.take().text
        if name == "__tag__" and sign == ":":
            name = f"__tag__:{self.take().text}"
            sign = self.take().text
        if sign == ":" and self._peek().text in (">", ">=", "<", "<=", "="):
            sign = self.take().text
        wanted = self.take()
        key = self._key(name)
        if key.type == "text":
            if sign not in (":", "="):
                raise ParameterInvalid(reason=f"key ({name}) is text and cannot be compared with {sign}")
            return _words_of_field(name, wanted, key)
        if wanted.kind == "word" and wanted.text == "*":
            return lambda entry: name in entry
        limit = _number(wanted.text)
        compare = _COMPARISONS[sign]
        return lambda entry: (value := _value(entry, name)) is not None and compare(value, limit)

    def _range(self, name: str) -> Match:
        opening = self.take().text
        low, high = _number(self.take().text), _number(self.take().text)
        closing = self.take()
        if closing.text not in ("]", ")"):
            raise _unexpected(closing)
        if self._key(name).type == "text":
            raise ParameterInvalid(reason=f"key ({name}) is text and has no range")
        above = _COMPARISONS[">=" if opening == "[" else ">"]
        below = _COMPARISONS["<=" if closing.text == "]" else "<"]
        return lambda entry: (value := _value(entry, name)) is not None and above(value, low) and below(value, high)

    def _key(self, name: str) -> IndexKey:
        found = self._index.keys.get(name)
        if found is not None:
            return found
        if name in ("__topic__", "__source__") or name.startswith("__tag__:"):
            return IndexKey(type="text")
        raise ParameterInvalid(
            reason=f"key ({name}) is not config as key value config,if symbol : is  in your log,"
            'please wrap : with quotation mark "'
        )


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ":": lambda value, limit: value == limit,
    "=": lambda value, limit: value == limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ParameterInvalid(reason=f"{text!r} is no number") from None


def _value(entry: Entry, name: str) -> float | None:
    try:
        return float(entry[name])
    except (KeyError, ValueError):
        return None


def _anywhere(token: _Token, index: Index) -> Match:
    if token.kind == "word" and set(token.text) == {"*"}:
        return lambda entry: True
    line = index.line
    if line is not None:
        found = _all_words(token, line)

        def in_line(entry: Entry) -> bool:
            values = (value for name, value in entry.items() if _is_in_line(line, name))
            return found(values)

        return in_line
    fields = {name: _all_words(token, key) for name, key in index.keys.items() if key.type == "text"}
    return lambda entry: any(name in entry and words([entry[name]]) for name, words in fields.items())


def _is_in_line(line: IndexLine, name: str) -> bool:
    if line.include_keys:
        return name in line.include_keys
    return name not in line.exclude_keys


def _words_of_field(name: str, wanted: _Token, key: IndexKey) -> Match:
    if wanted.kind == "word" and wanted.text == "*":
        return lambda entry: name in entry
    found = _all_words(wanted, key)
    return lambda entry: name in entry and found([entry[name]])


def _all_words(token: _Token, how: IndexKey | IndexLine) -> Callable[[Iterable[str]], bool]:
    """Whether all words of a token are among those of some values."""
    cut, fold = _cutter("".join(how.token or _DELIMITERS)), not how.case_sensitive
    text = token.text.lower() if fold else token.text
    words = [one for one in cut.split(text) if one]
    if token.kind == "word":
        # A question mark stands for a letter, although it also parts words.
        words = [one for one in _cutter("".join(set(how.token or _DELIMITERS) - {"?", "*"})).split(text) if one]
    patterns = [_pattern(one) if token.kind == "word" else one for one in words]

    def found(values: Iterable[str]) -> bool:
        there: set[str] = set()
        for value in values:
            there.update(cut.split(value.lower() if fold else value))
        return all(
            one in there if isinstance(one, str) else any(one.fullmatch(word) for word in there) for one in patterns
        )

    return found


def _pattern(word: str) -> str | re.Pattern[str]:
    word = re.sub(r"\\(.)", r"\1", word)
    if "*" not in word and "?" not in word:
        return word
    first, *others = (
        "".join("." if letter == "?" else re.escape(letter) for letter in part) for part in word.split("*")
    )
    # Each part is taken where it is found first, for good: so no word takes long to be refused.
    middle = "".join(f"(?>.*?{part})" for part in others[:-1])
    return re.compile(f"{first}{middle}.*{others[-1]}" if others else first, re.DOTALL)


@lru_cache(maxsize=256)
def _cutter(delimiters: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(delimiters)}]" if delimiters else r"(?!)")
