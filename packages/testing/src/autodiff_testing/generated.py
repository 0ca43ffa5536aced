"""Cases for rules that no table covers, made from the form of the rule and the signature of its function.

What a function takes is found out by trying: each form of a call is made without tracing first, at points from several
domains. A form that the function itself refuses, or that has no finite value, is skipped; those that are left are
the cases. So there is no list of functions here. What is tried stands in `templates.py`.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import itertools
import operator
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autodiff.containers import flatten, map_leaves
from autodiff.elementwise import Elementwise
from autodiff.extend import Rule, primitive, primitive_of
from autodiff.linear import Bilinear, Linear
from autodiff.reduction import Reduction
from autodiff.rule import Zero
from autodiff_testing.cases import Case, drawn, short
from autodiff_testing.templates import (
    ARRANGEMENTS,
    CONTAINER_NAMES,
    CONTAINERS,
    DOMAINS,
    GUESSES,
    VALUES,
    Template,
    broadcasting,
)

#: How many ways to fill in the arguments that are not arrays are tried.
_LIMIT = 12


class Drawn(NamedTuple):
    """What came of the attempts for one rule."""

    cases: list[Case]
    skipped: list[tuple[str, str]]  # the form, and why it is no case


def drawn_cases(rule: Rule, order: int = 2, seed: int = 0) -> Drawn:
    """Make cases for a rule.

    Parameters
    ----------
    rule : Rule
        Of any form.
    order : int
        Up to which order derivatives will be checked.
    seed : int
        Of the arguments for which the function is tried.

    Returns
    -------
    Drawn
        The cases, and the forms that are none.

    Examples
    --------
    >>> import math
    >>> from autodiff.extend import elementwise, primitive
    >>> log = primitive(math.log)
    >>> cases, skipped = drawn_cases(elementwise(log, lambda y, x: 1 / x))
    >>> print(cases[0])
    math.log of ()
    """
    maker = _Maker(rule, order, seed)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if isinstance(rule, Elementwise):
            _elementwise(rule, maker)
        else:
            _of_arrays(rule, maker)
    return Drawn(maker.cases, maker.skipped)


class _Maker:
    """Tries forms of calls of one function, and keeps those that it takes as cases."""

    def __init__(self, rule: Rule, order: int, seed: int) -> None:
        known = primitive_of(rule.fun)
        self.fun = rule.fun
        self.call: Callable[..., Any] = known.fun if known.dispatches else primitive(rule.fun)
        if isinstance(rule, Zero):
            self.call = _Times(self.call)
        self.order, self.seed = order, seed
        self.cases: list[Case] = []
        self.skipped: list[tuple[str, str]] = []

    def make(
        self, args: Sequence[Any], label: str = "", fixed: dict[int, Any] | None = None, kwargs: Any = None
    ) -> Case:
        """Make a case in which the arguments at the places `fixed` are not differentiated."""
        if fixed or kwargs:
            shape = np.shape(flatten(drawn(args, self.seed))[0][0])
            fixed, kwargs = (_for_shape(values or {}, shape) for values in (fixed, kwargs))
        call = _Fixed(self.call, fixed) if fixed else self.call
        return Case(self.fun, call, tuple(args), self.order, False, False, kwargs or {}, label)

    def refusal(self, case: Case, dtype: str = "float64") -> str | None:
        """Say why a case cannot be checked, or return None."""
        try:
            leaves = _results(case, self.seed, dtype)
            for leaf in leaves:
                np.full_like(leaf, 7)  # arrays that are never filled get this memory next
            again = _results(case, self.seed, dtype)
        except Exception as error:  # noqa: BLE001  # whatever the function raises, it refuses
            return f"the function raises {type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
        floating = [leaf for leaf in leaves if leaf.dtype.kind in "fc"]
        if not floating:
            return "the result has no real or complex numbers"
        if not all(np.isfinite(leaf).all() for leaf in floating):
            return "the result is not finite"
        if not all(map(np.array_equal, leaves, again)):
            return "two calls give different results"
        return None

    def keep(self, candidates: Sequence[Case], precisions: bool = False) -> Case | None:
        """Keep the first of the candidates that is a case; note why if there is none."""
        refusal = None
        for case in candidates:
            refusal = self.refusal(case)
            if refusal is None:
                if precisions:
                    case = self._in_all_precisions(case)
                self.cases.append(case)
                return case
        if refusal is not None:
            self.skipped.append((candidates[-1].form(), refusal))
        return None

    def _in_all_precisions(self, case: Case) -> Case:
        return dataclasses.replace(
            case,
            float32=self.refusal(case, "float32") is None,
            complex128=self.refusal(case, "complex128") is None,
        )

    def each_alone(self, case: Case) -> None:
        """Keep cases in which one argument at a time is differentiated: rules have code of their own for it."""
        if len(case.args) < 2:
            return
        values = case.draw(self.seed)
        earlier = _fixed(case)
        places = [i for i in range(len(values) + len(earlier)) if i not in earlier]
        everything = dict(zip(places, values, strict=True))
        for place, draw in zip(places, case.args, strict=True):
            others = {i: value for i, value in everything.items() if i != place}
            self.keep([self.make([draw], case.label, {**earlier, **others}, case.kwargs)])


def _results(case: Case, seed: int, dtype: str) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)  # imaginary parts are dropped: not for complex
        value = case.call(*case.draw(seed, dtype), **case.kwargs)
    return [np.asarray(leaf) for leaf in flatten(value)[0]]


def _for_shape(values: dict[int, Any] | dict[str, Any], shape: tuple[int, ...]) -> Any:
    """Work out the values that depend on the shape of the first argument."""
    return {name: value(shape) if callable(value) else value for name, value in values.items()}


class _Fixed:
    """A function of which some arguments are fixed."""

    def __init__(self, fun: Callable[..., Any], fixed: dict[int, Any]) -> None:
        self.fun = fun
        self.fixed = fixed
        known = [f"argument {i} = {short(value)}" for i, value in fixed.items()]
        self.__name__ = f"{getattr(fun, '__name__', fun)} with {', '.join(known)}"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        free = iter(args)
        total = len(args) + len(self.fixed)
        return self.fun(*(self.fixed[i] if i in self.fixed else next(free) for i in range(total)), **kwargs)


class _Times:
    """The product of the sum of the arguments and of a function whose derivative is zero, wherever it is a number."""

    def __init__(self, fun: Callable[..., Any]) -> None:
        self.fun = fun
        self.__name__ = f"sum of the arguments times {getattr(fun, '__name__', fun)}"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        total = functools.reduce(operator.add, [_total(leaf) for leaf in flatten(args)[0]])
        return map_leaves(lambda leaf: total * leaf if _is_number(leaf) else total * 1.0, self.fun(*args, **kwargs))


def _total(leaf: Any) -> Any:
    return np.sum(leaf) if np.ndim(leaf) else leaf


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, (bool, int, float, complex, np.generic, np.ndarray))
        and np.asarray(value).dtype.kind in "biufc"
    )


# ---- Elementwise rules


def _elementwise(rule: Elementwise, maker: _Maker) -> None:
    """All ways of broadcasting; and for one shape all domains where the function is finite, and all precisions."""
    places = range(len(rule.partials))
    unknown = [i for i in places if rule.partials[i] is NotImplemented]
    zero = [i for i in places if rule.partials[i] is None]
    for constant in (unknown, [*unknown, *zero]):  # an argument that takes only integers has no derivative either
        for values in itertools.islice(itertools.product((2, 1, 0.5), repeat=len(constant)), _LIMIT):
            fixed = dict(zip(constant, values, strict=True))
            if len(fixed) < len(rule.partials) and _broadcast(maker, len(rule.partials) - len(fixed), fixed):
                return
        if not zero:
            return


def _broadcast(maker: _Maker, count: int, fixed: dict[int, Any]) -> bool:
    kept: Case | None = None
    for draws in broadcasting(count):
        candidates = [maker.make(draws(domain), name, fixed) for name, domain in DOMAINS.items()]
        found = maker.keep(candidates, precisions=kept is None)
        if found is None or kept is not None:
            continue
        kept = found
        for other in candidates:
            if other.label != found.label and maker.refusal(other) is None:
                maker.cases.append(other)
        maker.each_alone(found)
    return kept is not None


# ---- Rules of other forms


def _of_arrays(rule: Rule, maker: _Maker) -> None:
    """Arrays of many shapes; what stands beside them is filled in by name, and keywords are tried one by one."""
    for names in _required(rule):
        templates = [ARRANGEMENTS.get(_count_arrays(rule, names), ()), CONTAINERS if len(names) == 1 else ()]
        if names[0] in CONTAINER_NAMES:
            templates.reverse()
        for group in templates:
            kept = _arranged(rule, maker, names, group)
            if kept:
                maker.each_alone(kept[0])
                _with_options(rule, maker, names, kept)
                return


def _required(rule: Rule) -> Iterator[list[str]]:
    """Yield the names of the arguments that a function must be given, "" where there are none; several guesses."""
    fun = primitive_of(rule.fun).fun
    if isinstance(fun, np.ufunc):
        yield [""] * fun.nin
        return
    parameters = _parameters(fun)
    if parameters is None:  # a function of C may not tell
        yield from ([""] * count for count in ((2, 3) if isinstance(rule, Bilinear) else (1, 2, 3)))
        return
    by_position = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names = [p.name for p in by_position if p.default is p.empty]
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        yield [*names, *[""] * max(2 - len(names), 1)]
    else:
        yield names or [p.name for p in by_position[:1]] or [""]


def _parameters(fun: Callable[..., Any]) -> list[inspect.Parameter] | None:
    try:
        return list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):
        return None


def _are_arrays(rule: Rule, names: list[str]) -> list[bool]:
    """Tell which arguments are differentiated: at least the first one, and all of which the rest is not known."""
    if isinstance(rule, (Linear, Reduction)):
        return [i == 0 for i in range(len(names))]
    if isinstance(rule, Bilinear):
        return [i < 2 for i in range(len(names))]
    return [i == 0 or name not in VALUES for i, name in enumerate(names)]


def _count_arrays(rule: Rule, names: list[str]) -> int:
    return sum(_are_arrays(rule, names))


def _fillings(rule: Rule, names: list[str]) -> list[dict[int, Any]]:
    """Return what the arguments that are not differentiated may be."""
    places = [i for i, is_array in enumerate(_are_arrays(rule, names)) if not is_array]
    choices = [VALUES.get(names[i], GUESSES) for i in places]
    combinations = itertools.islice(itertools.product(*choices), _LIMIT)
    return [dict(zip(places, values, strict=True)) for values in combinations]


def _arranged(rule: Rule, maker: _Maker, names: list[str], templates: Sequence[Template]) -> list[Case]:
    """Keep a case for each template, and return them; for the first one that works, one for each filling."""
    kept: list[Case] = []
    for template in templates:
        found: Case | None = None
        for fixed in _fillings(rule, names):
            if found is None or not kept:
                candidates = [maker.make(template(domain), name, fixed) for name, domain in DOMAINS.items()]
                found = maker.keep(candidates, precisions=not kept and found is None) or found
        if found is not None:
            kept.append(found)
    return kept


def _with_options(rule: Rule, maker: _Maker, names: list[str], kept: list[Case]) -> None:
    """Keep cases with keywords, each value by itself, for arguments of two different numbers of axes."""

    def axes(case: Case) -> int:
        return np.ndim(flatten(case.draw(maker.seed))[0][0])

    others = [case for case in kept if axes(case) != axes(kept[0])]
    for case in (kept[0], *others[:1]):
        for options in _options(rule, names):
            maker.keep([maker.make(case.args, case.label, _fixed(case), options)])


def _fixed(case: Case) -> dict[int, Any]:
    return case.call.fixed if isinstance(case.call, _Fixed) else {}


def _options(rule: Rule, names: list[str]) -> Iterator[dict[str, Any]]:
    """Yield keywords that the signature has and that values are known for."""
    parameters = _parameters(primitive_of(rule.fun).fun) or []
    known = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if isinstance(rule, Reduction):
        further = _parameters(rule.weights) if callable(rule.weights) else None
        known += ["axis", "keepdims", *(p.name for p in (further or [])[2:])]
    if isinstance(primitive_of(rule.fun).fun, np.ufunc):
        known = [name for name in known if name != "where"]  # without `out` it leaves entries as they happen to be
    tried = [name for name in dict.fromkeys(known) if name in VALUES and name not in names]
    for name in tried:
        for value in VALUES[name]:
            yield {name: value}
    if "axis" in tried and "keepdims" in tried:
        yield {"axis": -1, "keepdims": True}
