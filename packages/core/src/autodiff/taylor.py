"""Taylor mode: every box carries a truncated power series, for derivatives of any order in one pass.

Let the inputs move along a curve, x(t) = x0 + x1 t + x2 t² + …; then y(t) = f(x(t)) is a power series, too. The trace
computes its coefficients by what rules there are already. A linear function is applied to each coefficient, a product
is a convolution, and for all else the forward-mode rule is a differential equation, y'(t) = jvp(y(t), x(t), x'(t)). It
is evaluated once, on boxes of this same trace; and as coefficient k of y needs coefficient k - 1 of y', it may well
speak of y itself, see `series.py`.

Source: A. Griewank and A. Walther, Evaluating Derivatives, 2nd edition, SIAM 2008, chapter 13.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from autodiff.arguments import Call, by_argument, outcome, see
from autodiff.containers import flatten, unflatten
from autodiff.elementwise import Elementwise, operand, partials
from autodiff.errors import EscapedBoxError
from autodiff.forward import push
from autodiff.linear import Bilinear, Linear
from autodiff.numbers import DIVIDE
from autodiff.overwriting import Overwriting
from autodiff.primitive import Primitive
from autodiff.reduction import Reduction
from autodiff.rule import Rule, Zero
from autodiff.series import Series, added, convolution
from autodiff.trace import Box, Trace, box_type, frozen, is_variable, refuse_escaped
from autodiff.vspace import WEAK, VSpace, check_member, same_space, vspace

#: ``coefficients(k)``: coefficient k of each leaf of a result; None for zero.
Coefficients = Callable[[int], list[Any]]

_QUOTIENT = partials(DIVIDE.fun)


class JetTrace(Trace):
    """Compute power series up to t**order along with the values. The node of a box is its `Series`."""

    __slots__ = ("_applied", "_unfinished", "closed", "order")

    def __init__(self, order: int) -> None:
        super().__init__()
        self.order = order
        self.closed = False
        # What functions gave in the rule that is being evaluated, if one is: rules come back to the same, as that of
        # the sine, by the cosine, to the sine. Their series define one another.
        self._applied: dict[Any, Any] = {}
        self._unfinished: list[Series] = []  # all series that were made for it

    @property
    def ended(self) -> bool:
        return self.closed

    def input(self, value: Any, derivatives: list[Any]) -> Any:
        """Return the box of an input, by its derivatives along the curve from the first on; None for zero."""
        value = value.frozen() if isinstance(value, Box) else value
        box_type(value).check_input(value)
        space = vspace(value)
        terms = [
            None if term is None else _member(term, value, space) / math.factorial(k)
            for k, term in enumerate(derivatives, 1)
        ]
        return self.box(value, Series(value, lambda k: terms[k - 1]))

    # The next two methods are the hot path: `process`, written out for what is linear in the operands that are
    # followed, or their product, where the operands have the space of the result.

    def unary(self, primitive: Primitive, x: Any) -> Any:
        rule: Any = primitive.rule
        if primitive.unary_step is None or self.closed or _form(rule, (0,)) is not _of_linear:
            return self.process(primitive, (x,), {})
        value, series, product = x.value, x.node, rule.products[0]
        y = primitive.call(value)
        if not same_space(y, value):
            return self.process(primitive, (x,), {})
        return self._direct(y, lambda k: None if series[k] is None else product(series[k], y, value))

    def binary(self, primitive: Primitive, a: Any, b: Any) -> Any:
        rule: Any = primitive.rule
        if primitive.binary_steps is None or self.closed:
            return super().binary(primitive, a, b)
        if type(a) is type(b):
            if a.owner is not b.owner:
                return super().binary(primitive, a, b)
            argnums: tuple[int, ...] = (0, 1)
            left, right = a.value, b.value
            value, known = left, same_space(left, right)
        elif isinstance(a, Box) and a.owner is self:
            left = value = a.value
            right, argnums = b, (0,)
            known = type(b) in WEAK or same_space(left, b)
        else:
            right = value = b.value
            left, argnums = a, (1,)
            known = type(a) in WEAK or same_space(a, right)
        form = _form(rule, argnums) if known else None
        if form is not _of_linear and form is not _of_product:
            return super().binary(primitive, a, b)
        y = primitive.call(left, right)
        if not same_space(y, value):
            return super().binary(primitive, a, b)
        if form is _of_product:
            return self._direct(y, convolution(primitive.call, a.node, b.node))
        parts = [((a, b)[i].node, rule.products[i]) for i in argnums]

        def coefficient(k: int) -> Any:
            total = None
            for series, product in parts:
                if series[k] is not None:
                    total = added(total, product(series[k], y, left, right))
            return total

        return self._direct(y, coefficient)

    def _direct(self, y: Any, coefficient: Callable[[int], Any]) -> Any:
        """Return the box of a result with the series that has these coefficients."""
        series = Series(y, coefficient)
        if self._unfinished:  # in a rule, whose series may define one another
            self._unfinished.append(series)
        else:
            series.up_to(self.order)
            series.forget()
        return self.box(y, series)

    def process(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.closed:
            raise EscapedBoxError(
                f"{primitive.name} was applied to a traced value after the `jet` that made it had ended; it must have "
                "been kept in a variable outside of the function. Return it instead, or keep `stop_gradient(x)`."
            )
        rule = primitive.required_rule()
        call = see(self, primitive, args, kwargs, rule.zero_argnums)
        if rule.__class__ is Zero or not call.argnums:
            return primitive.call(*call.args, **call.kwargs)
        outermost = not self._unfinished
        try:
            leaves, structure, series = self._once(rule, primitive, call)
            if outermost:
                for one in series:
                    if one is not None:
                        one[self.order]
        finally:
            if outermost:
                self._finish()
        return unflatten(structure, map(self._boxed, leaves, series))

    def _finish(self) -> None:
        """Free what a rule has left, which refers to one another: to arrays, too, that shall be assigned to."""
        for series in self._unfinished:
            series.forget()
        self._unfinished = []
        self._applied = {}

    def references(self, node: Any, value: Any) -> int:
        return int(node[0] is value)

    def _boxed(self, leaf: Any, series: Series | None) -> Any:
        return leaf if series is None else self.box(leaf, series)

    def _once(self, rule: Rule, primitive: Primitive, call: Call) -> Any:
        """Apply a function, or find what it gave before: leaves, structure, and the series of the leaves."""
        form = _form(rule, call.argnums)
        key = _key(primitive, call) if form is None else None
        found = None if key is None else self._applied.get(key)
        if found is None:
            known = rule.accept(primitive, call.args, call.kwargs, call.argnums)
            y = primitive.call(*call.args, **call.kwargs)
            if not primitive.dispatches:
                y = outcome(y, self, primitive)
            found = self._apply(form, rule, call, known, y)
            if key is not None:
                self._applied[key] = found
        return found

    def _apply(self, form: Any, rule: Rule, call: Call, known: dict[str, Any], y: Any) -> Any:
        """Return the leaves of a result, its structure, and the series of the leaves; None for constants."""
        leaves, structure = flatten(y)
        coefficients: Coefficients

        def of_leaf(place: int) -> Callable[[int], Any]:
            return lambda k: coefficients(k)[place]

        series = [Series(leaf, of_leaf(place)) if is_variable(leaf) else None for place, leaf in enumerate(leaves)]
        self._unfinished += [one for one in series if one is not None]
        if form is None:
            coefficients = self._by_equation(
                rule, call, known, y, unflatten(structure, map(self._boxed, leaves, series))
            )
        else:
            coefficients = form(rule, call, known, y, series)
        if len(leaves) > 1:
            coefficients = functools.cache(coefficients)  # each leaf will ask
        return leaves, structure, series

    def _by_equation(self, rule: Rule, call: Call, known: dict[str, Any], y: Any, box: Any) -> Coefficients:
        """Return the coefficients of `y`, in boxes `box`, by the differential equation that the rule is."""
        boxes = [self.box(box.value, box.node) for box in call.boxes]  # the user may assign to those of the call

        rates: list[Any] = []

        def find_rates() -> None:
            tangents = by_argument(call, list(map(self._rate, boxes)), self._zeros)
            rates.extend(flatten(push(rule, box, call._replace(args=_filled(call, boxes)), known, tangents))[0])

        def coefficients(k: int) -> list[Any]:
            if k == 1:  # this takes values only: a rule need not be differentiable itself if no more is asked for
                tangents = by_argument(call, [self._rate(box).value for box in boxes])
                return flatten(push(rule, y, call, known, tangents))[0]
            if not rates:
                find_rates()
            terms = [self._term(rate, k - 1) for rate in rates]
            return [None if term is None else term / k for term in terms]

        return coefficients

    def _zeros(self, space: VSpace) -> Any:
        """Return the zero vector; the same each time, so that it does not make calls differ."""
        return self._applied.setdefault(space, space.zeros())

    def _rate(self, box: Any) -> Any:
        """Return the box of x'(t), whose coefficients are (k + 1) x[k + 1]; the same series each time."""
        x = box.node
        value = vspace(box.value).zeros() if x[1] is None else x[1]
        if x not in self._applied:
            self._applied[x] = Series(value, lambda k: None if x[k + 1] is None else x[k + 1] * (k + 1))
        return self.box(value, self._applied[x])

    def _term(self, leaf: Any, k: int) -> Any:
        """Return coefficient k of what may be a box of this trace, or a constant."""
        if isinstance(leaf, Box) and leaf.owner is self:
            return leaf.node[k]
        return leaf if k == 0 else None

    def result(self, output: Any) -> tuple[Any, list[Any]]:
        """Return the value of what the function returned, and its derivatives from the first on."""
        leaves, structure = flatten(output)
        values = []
        rows: list[list[Any]] = [[] for _ in range(self.order)]
        for leaf in leaves:
            refuse_escaped(leaf, self)
            values.append(frozen(leaf.value) if isinstance(leaf, Box) and leaf.owner is self else leaf)
            space = vspace(leaf)
            for k, row in enumerate(rows, 1):
                term = self._term(leaf, k)
                row.append(space.zeros() if term is None else space.own(term * math.factorial(k)))
        return unflatten(structure, values), [unflatten(structure, row) for row in rows]


def _member(term: Any, value: Any, space: VSpace) -> Any:
    """Return a term of a series of vectors of the space of a value; raise if it does not belong there."""
    return term if same_space(term, value) else check_member(frozen(term), space, "a term of the series")


class _Identity:
    """An object by which a value is known in a dict: its type and text for a number, and the very value for others."""

    __slots__ = ("kind", "mark", "value")

    def __init__(self, value: Any) -> None:
        self.value = value  # not freed as long as it is known by its address
        self.kind = type(value)
        self.mark: Any = repr(value) if self.kind in _PLAIN else id(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.kind is other.kind and self.mark == other.mark

    def __hash__(self) -> int:
        return hash((self.kind, self.mark))


#: Types whose values are told apart by their text: 0.0 and -0.0 differ, but are equal.
_PLAIN = frozenset({int, float, complex, bool, str})


def _key(primitive: Primitive, call: Call) -> Any:
    """Return what tells a call from others."""
    if len(call.args) == 1 and not call.kwargs and not call.holders:
        return primitive, call.boxes[0].node
    leaves, structure = flatten((_filled(call, call.boxes), call.kwargs))
    nodes = {id(box): box.node for box in call.boxes}
    return primitive, structure, tuple(nodes.get(id(leaf)) or _Identity(leaf) for leaf in leaves)


def _filled(call: Call, boxes: list[Any]) -> tuple[Any, ...]:
    """Return the arguments of a call with boxes where the trace had found some."""
    args, left = list(call.args), iter(boxes)
    for argnum in call.argnums:
        if argnum not in call.holders:
            args[argnum] = next(left)
            continue
        leaves, structure = flatten(args[argnum])
        places = call.holders[argnum]
        args[argnum] = unflatten(
            structure, [leaf if place is None else next(left) for leaf, place in zip(leaves, places, strict=True)]
        )
    return tuple(args)


@functools.lru_cache(maxsize=1024)  # rules of the user's may be many
def _form(rule: Rule, argnums: tuple[int, ...]) -> Any:
    """Return what makes the coefficients of a result by those of the arguments; None where it takes the equation."""
    if isinstance(rule, Elementwise):
        if not any(rule.uses[i][j] for i in argnums for j in (0, *(argnum + 1 for argnum in argnums))):
            return _of_linear  # its partials mention neither the result nor what is followed
        if rule.partials == _QUOTIENT:
            return _of_quotient
        return _of_product if all(isinstance(partial, operand) for partial in rule.partials) else None
    if isinstance(rule, Bilinear):
        return _of_product if len(argnums) > 1 else _of_linear
    if isinstance(rule, Linear | Overwriting) or (isinstance(rule, Reduction) and rule.constant):
        return _of_linear
    return None


def _of_linear(rule: Rule, call: Call, known: dict[str, Any], y: Any, series: Any) -> Coefficients:
    """Apply the function to each coefficient."""
    args = call.args
    if isinstance(rule, Overwriting):
        args = (*args[:3], False)  # not in place: others may have these coefficients, too
    terms_of = _terms(call)

    def coefficients(k: int) -> list[Any]:
        argnums, terms = terms_of(k)
        return flatten(rule.jvp(y, args, known, argnums, terms))[0] if argnums else [None] * len(series)

    return coefficients


def _of_product(rule: Rule, call: Call, known: dict[str, Any], y: Any, series: Any) -> Coefficients:
    """Convolve the coefficients of the factors, which are both followed."""
    left, right = (box.node for box in call.boxes)
    rest = call.args[2:]
    coefficient = convolution(lambda a, b: rule.call(a, b, *rest, **known), left, right)
    return lambda k: [coefficient(k)]


def _of_quotient(rule: Rule, call: Call, known: dict[str, Any], y: Any, series: Any) -> Coefficients:
    """Solve a = y b for the coefficients of y, one after the other."""
    (quotient,) = series
    boxes = dict(zip(call.argnums, call.boxes, strict=True))

    def coefficients(k: int) -> list[Any]:
        total = boxes[0].node[k] if 0 in boxes else None
        for i in range(k) if 1 in boxes else ():
            b = boxes[1].node[k - i]
            if quotient[i] is not None and b is not None:
                total = added(total, -(quotient[i] * b))
        return [None if total is None else rule.call(total, call.args[1])]

    return coefficients


def _terms(call: Call) -> Callable[[int], tuple[tuple[int, ...], tuple[Any, ...]]]:
    """Return ``terms(k)``: coefficient k of those arguments in which it is not zero, after their positions."""
    if len(call.boxes) == 1 and not call.holders:
        (box,), argnums = call.boxes, call.argnums
        return lambda k: (argnums, (box.node[k],)) if box.node[k] is not None else ((), ())
    held = {place for places in call.holders.values() for place in places}

    def terms_of(k: int) -> tuple[tuple[int, ...], tuple[Any, ...]]:
        parts = [box.node[k] for box in call.boxes]
        parts = [
            vspace(box.value).zeros() if part is None and place in held else part
            for place, (box, part) in enumerate(zip(call.boxes, parts, strict=True))
        ]
        terms = zip(call.argnums, by_argument(call, parts), strict=True)
        found = [(argnum, term) for argnum, term in terms if term is not None]
        return tuple(argnum for argnum, _ in found), tuple(term for _, term in found)

    return terms_of
