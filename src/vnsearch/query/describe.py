"""What a query was taken to mean, step by step, for a person: tree, plan, marks; the names of its parts."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from ..printable import printable
from .periods import Period
from .plan import ALL_FIELDS, AllOf, AnyOf, Fuzzy, Has, InOrder, Like, Plan, Ranked, StartsWith, Term, Words
from .plan import Node as PlanNode
from .syntax import Node


def explain(tree: Node, plan: Plan, meant: Sequence[str] = ()) -> str:
    """Lines of text; a term in ~ is looked up without diacritics.  meant: what may be meant by words typed wrong.

    >>> from vnsearch.query.syntax import parse
    >>> from vnsearch.query.planner import plan
    >>> print(explain(parse("+dân vận*"), plan("+dân vận*")).splitlines()[1])
      Group
    """
    steps = [("tree", tree), ("match", plan.match or "everything"), *(("filter", f) for f in plan.filters)]
    marks = " ".join(m.term + ("*" if m.prefix else f"~{m.edits}" if m.edits else "") for m in plan.marked)
    steps += [("also", f"{other}, for {typed}") for typed, other in plan.also]
    steps += [("read as", text) for text in plan.read_as]
    steps += [("meant", line) for line in meant]
    order = f"{plan.sort}, {plan.limit} from {plan.offset}"
    lines = [line for name, value in steps for line in (name, *_drawn(value, 1))]
    return "\n".join(map(printable, [*lines, "marks", f"  {marks or '-'}", "order", f"  {order}"]))


def _drawn(value: object, depth: int) -> Iterator[str]:
    """A record as its name and plain values, the records in it indented below."""
    if not isinstance(value, Struct):
        yield "  " * depth + _plain(value)
        return
    values = [(name, getattr(value, name)) for name in value.__struct_fields__ if name != "column"]
    inner = [
        v for _, v in values if isinstance(v, Struct) or isinstance(v, tuple) and any(isinstance(x, Struct) for x in v)
    ]
    outer = [f"{name}={_plain(v)}" for name, v in values if v not in (*inner, (), 0, 0.0, ALL_FIELDS)]
    yield "  " * depth + " ".join([type(value).__name__, *outer])
    for child in inner:
        for node in child if isinstance(child, tuple) else (child,):
            yield from _drawn(node, depth + 1)


def _plain(value: object) -> str:
    if isinstance(value, Term):
        return value.text if value.exact else f"~{value.text}"
    if isinstance(value, Period):
        return str(value)
    if isinstance(value, tuple | frozenset):
        return "[" + " ".join(_plain(v) for v in (sorted(value) if isinstance(value, frozenset) else value)) + "]"
    return str(value)


# -- parts of a score ----------------------------------------------------------------------------------


def leaves(node: PlanNode) -> list[Has | StartsWith | Fuzzy | Like]:
    """The nodes of words below a node."""
    match node:
        case Has() | StartsWith() | Fuzzy() | Like():
            return [node]
        case AnyOf(nodes) | AllOf(nodes):
            return [leaf for child in nodes for leaf in leaves(child)]
        case Words(ranked=nodes):
            return [leaf for child in nodes for leaf in leaves(child)]
        case Ranked(must, should):
            return [leaf for child in (*must, *should) for leaf in leaves(child)]
        case _:
            return []


def named(node: PlanNode) -> str:
    """The node as it could have been typed."""
    match node:
        case Has(term, instead=words) if words:
            return f"{term.text} for {' '.join(word.term.text for word in words)}"
        case Has(term):
            return term.text
        case InOrder(terms):
            return f'"{" ".join(term.text for term in terms)}"'
        case StartsWith(term):
            return f"{term.text}*"
        case Like(pattern):
            return pattern.text
        case Fuzzy(term):
            return f"{term.text}~"
        case AnyOf(nodes):
            return " or ".join(map(named, nodes))
        case AllOf(nodes):
            return " and ".join(map(named, nodes))
        case Words(names=names):
            return " ".join(names)
        case Ranked(must, should):
            return " ".join(map(named, (*must, *should)))
        case _:
            return type(node).__name__.lower()
