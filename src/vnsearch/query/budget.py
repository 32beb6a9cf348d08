"""What a query may ask for as a whole, however it is written: with fields, brackets, one word or many a run."""

from msgspec import Struct

from ..errors import QueryError
from ..limits import QUERY_WORDS, RANGE_WORDS
from .syntax import Node, Phrase, Word


def within_budget(tree: Node) -> Node:
    """The tree.  Raises QueryError where it has more than QUERY_WORDS words; what stands for many words counts more."""
    asked = 0
    waiting: list[Struct] = [tree]
    while waiting:
        node = waiting.pop()
        text = getattr(node, "text", None)
        if text is not None:
            asked += max(len(text.split()), 1) if isinstance(node, Word | Phrase) else RANGE_WORDS
            continue
        for name in node.__struct_fields__:
            value = getattr(node, name)
            waiting += [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, Struct)]
    if asked > QUERY_WORDS:
        problem = f"a query has at most {QUERY_WORDS} words, this one {asked}"
        raise QueryError(problem, hint=f"leave some out; one with * or ~ counts as {RANGE_WORDS}")
    return tree
