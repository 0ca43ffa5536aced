"""Differentiation of Python's own numbers: their box, and the rules of the arithmetic operators.

A plugin for arrays derives its box from `OperatorBox` and so inherits the operators; the rules of ``+ - * /`` and the
signs are written with operators only, and hold for arrays as they stand.
"""

from __future__ import annotations

import cmath
import math
import operator
from typing import Any, NoReturn

from autodiff.elementwise import elementwise, operand, times
from autodiff.errors import LostDerivativeError
from autodiff.linear import linear
from autodiff.primitive import CORE, Primitive, primitive_of
from autodiff.rule import Rule, zero
from autodiff.trace import Box, bind, register_box, unbox


def _known(fun: Any) -> Primitive:
    """Return the primitive of an operator; operators find boxes by themselves."""
    return primitive_of(fun, dispatches=True)


class OperatorBox(Box):
    """A box with Python's operators, and a refusal for each conversion that would lose the derivative."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return self.owner.binary(ADD, self, other)

    def __radd__(self, other: Any) -> Any:
        return self.owner.binary(ADD, other, self)

    def __sub__(self, other: Any) -> Any:
        return self.owner.binary(SUBTRACT, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.owner.binary(SUBTRACT, other, self)

    def __mul__(self, other: Any) -> Any:
        return self.owner.binary(MULTIPLY, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.owner.binary(MULTIPLY, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.owner.binary(DIVIDE, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.owner.binary(DIVIDE, other, self)

    def __mod__(self, other: Any) -> Any:
        return self.owner.binary(REMAINDER, self, other)

    def __rmod__(self, other: Any) -> Any:
        return self.owner.binary(REMAINDER, other, self)

    def __floordiv__(self, other: Any) -> Any:
        return self.owner.binary(FLOOR_DIVIDE, self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return self.owner.binary(FLOOR_DIVIDE, other, self)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __neg__(self) -> Any:
        return self.owner.unary(NEGATIVE, self)

    def __pos__(self) -> Any:
        return self.owner.unary(POSITIVE, self)

    def __lt__(self, other: Any) -> Any:
        return self.owner.binary(LESS, self, other)

    def __le__(self, other: Any) -> Any:
        return self.owner.binary(LESS_EQUAL, self, other)

    def __gt__(self, other: Any) -> Any:
        return self.owner.binary(GREATER, self, other)

    def __ge__(self, other: Any) -> Any:
        return self.owner.binary(GREATER_EQUAL, self, other)

    def __eq__(self, other: object) -> Any:
        return self.owner.binary(EQUAL, self, other)

    def __ne__(self, other: object) -> Any:
        return self.owner.binary(NOT_EQUAL, self, other)

    __hash__ = None  # type: ignore[assignment]  # equality compares values; identity would be a surprise in a dict

    def __bool__(self) -> bool:
        return bool(self.value)

    def __format__(self, spec: str) -> str:
        return format(unbox(self), spec)

    def __round__(self, digits: int | None = None) -> Any:
        return round(unbox(self), digits)

    def __trunc__(self) -> Any:
        return math.trunc(unbox(self))

    def __floor__(self) -> Any:
        return math.floor(unbox(self))

    def __ceil__(self) -> Any:
        return math.ceil(unbox(self))

    def __float__(self) -> NoReturn:
        raise lost_derivative(self, "float()")

    def __int__(self) -> NoReturn:
        raise lost_derivative(self, "int()")

    def __complex__(self) -> NoReturn:
        raise lost_derivative(self, "complex()")

    def __index__(self) -> NoReturn:
        raise lost_derivative(self, "an index or a count")


def lost_derivative(box: Box, conversion: str) -> LostDerivativeError:
    """Return the error for a traced value that is about to become a plain one."""
    return LostDerivativeError(
        f"a traced value ({type(unbox(box)).__name__}) cannot be converted by {conversion}: its derivative would be "
        "lost without a trace. This also happens when it is written into a plain array (`plain[i] = x`), or passed to "
        "compiled code such as `math.sin`, or as an argument in which NumPy does not look for traced values (`left` of "
        "`numpy.interp`, where `autodiff_numpy.interp` does look; parameters of `numpy.random`, which generators of "
        "`autodiff_numpy.random.default_rng` take). Use functions that have derivative rules; make arrays to write "
        "into by `autodiff_numpy.zeros` and the like, inside of the differentiated function; or write "
        "`stop_gradient(x)` where a constant is meant."
    )


class NumberBox(OperatorBox):
    """A traced Python float or complex number."""

    __slots__ = ()

    def __pow__(self, other: Any) -> Any:
        return self.owner.binary(POWER, self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.owner.binary(POWER, other, self)

    def __abs__(self) -> Any:
        return self.owner.unary(ABSOLUTE, self)

    @property
    def real(self) -> Any:
        """The real part."""
        return self.owner.unary(REAL_PART, self)

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return self.owner.unary(IMAGINARY_PART, self)

    def conjugate(self) -> Any:
        """Return the complex conjugate."""
        return bind(CONJUGATE, (self,), {})


def _log(x: Any) -> Any:
    """Logarithm for the rule of powers; at zero, where the power's derivative is finite, it does not matter."""
    if x == 0:
        return 0.0
    return math.log(x) if type(x) is not complex and x > 0 else cmath.log(x)


def _power_base(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Multiply by d(a**b)/da = b a**(b-1); the derivative of 0**0 is 0, as the power is 1 all around."""
    return g * 0.0 if a == 0 and b == 0 else g * (b * a ** (b - 1))


def _power_exponent(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Multiply by d(a**b)/db = a**b log a; the limit at a = 0 is 0 for b > 0."""
    return g * (y * bind(_LOG, (a,), {}))


def _absolute(y: Any, x: Any) -> Any:
    """conj(x)/|x|, and 0 at 0."""
    return 0.0 if y == 0 else x.conjugate() / y


def _real_part(x: Any) -> Any:
    return x.real


def _imaginary_part(x: Any) -> Any:
    return x.imag


def _conjugate(x: Any) -> Any:
    return x.conjugate()


_LOG = primitive_of(_log)

# fmt: off
ARITHMETIC = (
    elementwise(operator.add,      1, 1),
    elementwise(operator.sub,      1, -1),
    elementwise(operator.mul,      operand(1), operand(0)),
    elementwise(operator.truediv,  times(lambda g, y, a, b: g / b), lambda y, a, b: -y / b),
    elementwise(operator.neg,      -1),
    elementwise(operator.pos,      1),
)

RULES: tuple[Rule, ...] = (
    *ARITHMETIC,
    elementwise(operator.pow,      times(_power_base), times(_power_exponent)),
    elementwise(_log,              lambda y, x: 0.0 if x == 0 else 1 / x),
    elementwise(operator.mod,      1, lambda y, a, b: -(a // b)),
    elementwise(operator.abs,      _absolute),
    elementwise(_real_part,        1),
    elementwise(_imaginary_part,   lambda y, x: -1j if isinstance(unbox(x), complex) else 0.0),
    linear(_conjugate,             lambda g, x: g.conjugate()),
    zero(operator.floordiv),
    zero(operator.lt), zero(operator.le), zero(operator.gt), zero(operator.ge), zero(operator.eq), zero(operator.ne),
)
# fmt: on

ADD, SUBTRACT, MULTIPLY, DIVIDE = map(_known, (operator.add, operator.sub, operator.mul, operator.truediv))
NEGATIVE, POSITIVE = map(_known, (operator.neg, operator.pos))
POWER, REMAINDER, FLOOR_DIVIDE, ABSOLUTE = map(_known, (operator.pow, operator.mod, operator.floordiv, operator.abs))
LESS, LESS_EQUAL, GREATER, GREATER_EQUAL = map(_known, (operator.lt, operator.le, operator.gt, operator.ge))
EQUAL, NOT_EQUAL = map(_known, (operator.eq, operator.ne))
REAL_PART, IMAGINARY_PART, CONJUGATE = map(primitive_of, (_real_part, _imaginary_part, _conjugate))


def register_numbers() -> None:
    """Register box and rules of Python's numbers."""
    for rule in RULES:
        primitive_of(rule.fun).adopt(rule, CORE)
    register_box(NumberBox, float, complex)


register_numbers()  # the one registration at import: Python's numbers need no plugin
