"""The closed grammar of an indexed price (A.3.3; reading P-05): nothing is evaluated as code.

Numbers, `+ - * /`, unary minus, parentheses, `min`, `max`, `round` (one or two arguments, the
digits a literal), and the names `index`, `base`, `quantity`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from itertools import product
from typing import NoReturn

from winvest.core.errors import Invalid, Problem

MAX_LENGTH = 500
MAX_DEPTH = 30
MAX_DIGITS = 10
NAMES = frozenset({"index", "base", "quantity"})
FUNCTIONS = frozenset({"min", "max", "round"})

# Neither whole nor in simple proportion, so that only what is always zero is zero at all of them;
# the whole ones are quantities that are sold.
_POINTS = tuple(map(Decimal, ("1", "2", "10", "0.37", "1.7", "113.9", "20011.3", "-2.3")))

_TOKEN = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]+)?)|([a-z]+)|([-+*/(),]))", re.ASCII)


class FormulaProblem(Problem):
    """Why a formula is refused."""

    LENGTH = "formula.length", "Une formule a 500 caractères au plus."
    SYNTAX = "formula.syntax", "La formule ne se lit pas à partir de « {rest} »."
    NAME = (
        "formula.name",
        "« {name} » n'est pas un nom connu : index, base, quantity, min, max, round.",
    )
    DEPTH = "formula.depth", "La formule a trop de parenthèses."
    DIGITS = "formula.digits", "Le second argument de round est un nombre entier de 0 à 10."
    ZERO = (
        "formula.zero",
        "La formule ne donne jamais de montant : elle divise toujours par zéro.",
    )
    BASE = (
        "formula.base_value",
        "Avec la « base » de la formule tarifaire, ce prix divise toujours par zéro.",
    )
    RESULT = (
        "formula.result",
        "La formule ne donne pas de montant (division par zéro ou trop grand).",
    )


@dataclass(frozen=True, slots=True)
class Node:
    """A number, a name, or an operation on what is below."""

    kind: str
    value: Decimal | str = ""
    below: tuple["Node", ...] = ()


def parse(formula: str) -> Node:
    """Return the tree of a formula; `Invalid` says where it stops being one."""
    if len(formula) > MAX_LENGTH:
        raise Invalid(FormulaProblem.LENGTH, path="formula")
    parser = _Parser(formula)
    tree = parser.sum(0)
    if parser.word:
        parser.refuse()
    return tree


def names_of(tree: Node) -> frozenset[str]:
    """Return the names that a formula reads."""
    own = frozenset({str(tree.value)}) if tree.kind == "name" else frozenset()
    return own.union(*(names_of(node) for node in tree.below))


def evaluate(tree: Node, values: Mapping[str, Decimal]) -> Decimal:
    """Return the value of a formula, `values` giving its names; `Invalid` when it has none."""
    try:
        return _value(tree, values)
    except DecimalException as error:
        raise Invalid(FormulaProblem.RESULT, path="formula") from error


def can_give(tree: Node, known: Mapping[str, Decimal], *, least: Decimal | None = None) -> bool:
    """Whether a formula has a value, of `least` at least, for some values of what is not `known`.

    Tried at points of every size: one that fails at all of them divides by zero whatever it reads.
    """
    return any(least is None or value >= least for value in _tried(tree, known))


def _tried(tree: Node, known: Mapping[str, Decimal]) -> Iterator[Decimal]:
    free = sorted(names_of(tree) - known.keys())
    # A quantity is never below 0; an index or a base may be.
    points = [[one for one in _POINTS if one > 0 or name != "quantity"] for name in free]
    for point in product(*points):
        try:
            yield _value(tree, {**known, **dict(zip(free, point, strict=True))})
        except DecimalException:
            continue


def _value(tree: Node, values: Mapping[str, Decimal]) -> Decimal:
    if tree.kind == "number":
        return Decimal(tree.value)
    if tree.kind == "name":
        return values[str(tree.value)]
    args = [_value(node, values) for node in tree.below]
    match tree.kind:
        case "min":
            return min(args)
        case "max":
            return max(args)
        case "round":
            digits = int(args[1]) if len(args) > 1 else 0
            return args[0].quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
        case "neg":
            return -args[0]
        case "+":
            return args[0] + args[1]
        case "-":
            return args[0] - args[1]
        case "*":
            return args[0] * args[1]
        case _:
            return args[0] / args[1]


class _Parser:
    """Recursive descent over the tokens, one ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = 0
        self.start = 0
        self.word = ""
        self.advance()

    def advance(self) -> str:
        """Read the next token and return the one before."""
        before, self.start = self.word, self.end
        match = _TOKEN.match(self.text, self.end)
        if match is None and self.text[self.end :].strip():
            self.refuse()
        self.word = match[0].strip() if match else ""
        self.end = match.end() if match else len(self.text)
        return before

    def refuse(self) -> NoReturn:
        """Say where the formula stops."""
        rest = self.text[self.start :].strip()[:20] or "fin"
        raise Invalid(FormulaProblem.SYNTAX, path="formula", rest=rest)

    def sum(self, depth: int) -> Node:
        """Read terms added or taken off."""
        tree = self.product(depth)
        while self.word in ("+", "-"):
            tree = Node(self.advance(), below=(tree, self.product(depth)))
        return tree

    def product(self, depth: int) -> Node:
        """Read factors multiplied or divided."""
        tree = self.factor(depth)
        while self.word in ("*", "/"):
            tree = Node(self.advance(), below=(tree, self.factor(depth)))
        return tree

    def factor(self, depth: int) -> Node:
        """Read a number, a name, a call, parentheses or a minus."""
        if depth > MAX_DEPTH:
            raise Invalid(FormulaProblem.DEPTH, path="formula")
        if self.word == "-":
            self.advance()
            return Node("neg", below=(self.factor(depth + 1),))
        if self.word == "(":
            self.advance()
            tree = self.sum(depth + 1)
            self.expect(")")
            return tree
        if self.word[:1].isdigit():
            return Node("number", Decimal(self.advance()))
        if self.word[:1].isalpha():
            return self.name(depth)
        return self.refuse()

    def name(self, depth: int) -> Node:
        """Read a name or a call."""
        name = self.advance()
        if name in FUNCTIONS:
            return self.call(name, depth)
        if name not in NAMES:
            raise Invalid(FormulaProblem.NAME, path="formula", name=name)
        return Node("name", name)

    def call(self, name: str, depth: int) -> Node:
        """Read the arguments of a function."""
        self.expect("(")
        args = [self.sum(depth + 1)]
        while self.word == ",":
            self.advance()
            args.append(self.sum(depth + 1))
        self.expect(")")
        if name == "round" and (len(args) > 2 or not all(map(_is_digits, args[1:]))):
            raise Invalid(FormulaProblem.DIGITS, path="formula")
        return Node(name, below=tuple(args))

    def expect(self, word: str) -> None:
        """Take this word, or refuse."""
        if self.word != word:
            self.refuse()
        self.advance()


def _is_digits(node: Node) -> bool:
    return node.kind == "number" and Decimal(node.value) in range(MAX_DIGITS + 1)
