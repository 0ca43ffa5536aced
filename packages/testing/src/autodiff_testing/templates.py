"""What is tried where nobody has said what a function takes: domains, shapes, values of arguments by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from autodiff_testing.draws import Draw, apart, normal, positive, positive_definite, uniform, well_conditioned

#: Makes a draw of a shape.
Domain: TypeAlias = Callable[..., Draw]
#: Makes the draws of some arguments.
Template: TypeAlias = Callable[[Domain], Sequence[Any]]

#: Where functions are tried, the widest first, which needs no name.
DOMAINS: Mapping[str, Domain] = {
    "": apart,
    "positive": positive,
    "between -1 and 1": lambda *shape: uniform(-0.9, 0.9, *shape),
    "between 0 and 1": lambda *shape: uniform(0.1, 0.9, *shape),
    "above 1": lambda *shape: uniform(1.2, 3.0, *shape),
    "negative": lambda *shape: uniform(-2.5, -0.5, *shape),
}


def broadcasting(count: int) -> Iterator[Template]:
    """Yield the shapes of `count` arguments of an elementwise function: how each is repeated, and degenerate ones."""

    def same(*shape: int) -> Template:
        return lambda domain: [domain(*shape)] * count

    def one_other(place: int, one: Callable[[Domain], Draw], *shape: int) -> Template:
        return lambda domain: [one(domain) if i == place else domain(*shape) for i in range(count)]

    yield same(3, 4)
    for place in range(count) if count > 1 else ():
        yield one_other(place, lambda domain: domain(4), 3, 4)
        yield one_other(place, lambda domain: domain(3, 1), 1, 4)
        yield one_other(place, lambda domain: domain(), 3, 4)
        yield one_other(place, number, 3, 4)
    yield same()
    yield lambda domain: [number(domain)] * count
    yield same(2, 1, 3)
    yield same(0)


def number(domain: Domain) -> Draw:
    """Draw a Python number."""
    draw = domain()
    return lambda rng: float(draw(rng))


def _of_shapes(*shapes: tuple[int, ...]) -> Template:
    return lambda domain: [domain(*shape) for shape in shapes]


def _each(*draws: Any) -> Template:
    return lambda _: draws


#: Number of arrays -> what they may be. Functions of matrices find theirs, and so do functions of vectors.
ARRANGEMENTS: Mapping[int, Sequence[Template]] = {
    1: (
        _of_shapes((3, 4)), _of_shapes((4,)), _of_shapes((2, 3, 4)), _each(well_conditioned(3, 3)),
        _each(positive_definite(3, 3)), _each(well_conditioned(2, 3, 3)), _of_shapes(()),
        lambda domain: [number(domain)], _of_shapes((3, 0)),
    ),
    2: (
        _of_shapes((3, 4), (3, 4)), _of_shapes((4,), (4,)), _of_shapes((3, 4), (4, 2)), _of_shapes((3, 4), (4,)),
        _of_shapes((4,), (4, 2)), _of_shapes((3,), (4,)), _each(well_conditioned(3, 3), normal(3)),
        _each(well_conditioned(3, 3), normal(3, 2)), _of_shapes((2, 3, 4), (4, 2)), _of_shapes((2, 3, 4), (2, 4, 3)),
        _of_shapes((), ()), lambda domain: [number(domain)] * 2, _of_shapes((), (3,)), _of_shapes((3, 0), (0, 2)),
    ),
    3: (
        _of_shapes((3, 4), (3, 4), (3, 4)), _of_shapes((4,), (4,), (4,)), _of_shapes((3, 4), (4,), ()),
        _of_shapes((3, 3), (3, 3), (3, 3)), lambda domain: [number(domain)] * 3,
    ),
}  # fmt: skip

#: The same for a function of one argument that is a container of arrays.
CONTAINERS: Sequence[Template] = (
    lambda domain: [[domain(2, 3), domain(2, 3)]],
    lambda domain: [(domain(3), domain(3), domain(3))],
    lambda domain: [[domain(3, 4), domain(4, 2)]],
    lambda domain: [[number(domain), number(domain)]],
)

#: Names of such arguments.
CONTAINER_NAMES = frozenset({"arrays", "tup", "tuple", "seq", "sequence", "arrs", "tensors", "xs", "operands"})


def _mask(shape: tuple[int, ...]) -> Any:
    return np.arange(int(np.prod(shape))).reshape(shape) % 3 != 1


#: Values of arguments by name. A function makes a value for the shape of the first argument.
VALUES: Mapping[str, Sequence[Any]] = {
    "axis": (0, -1, (0, -1)),
    "axes": ((1, 0), (0, -1), 1),
    "axis1": (1, 0),
    "axis2": (0, 1),
    "condition": (_mask,),
    "correction": (1,),
    "ddof": (1,),
    "decimals": (1,),
    "deg": (True, 2),
    "destination": (-1,),
    "fill_value": (0.7,),
    "full_matrices": (False,),
    "increasing": (True,),
    "ind": (1,),
    "indices": ([0, 2, 0], 1, lambda shape: np.ones(shape, int)),
    "indices_or_sections": (2, [1]),
    "initial": (0.7,),
    "k": (1, -1),
    "keepdims": (True,),
    "kth": (1,),
    "lower": (True,),
    "n": (2, 5),
    "new_shape": (lambda shape: (2, int(np.prod(shape)) // 2),),
    "newshape": (lambda shape: (2, int(np.prod(shape)) // 2),),
    "norm": ("ortho", "forward"),
    "num": (4,),
    "obj": (1, [0, 2]),
    "offset": (1,),
    "ord": (1, np.inf, 3),
    "order": ("F", 1),
    "pad_width": (1,),
    "q": (0.3,),
    "repeats": (2,),
    "reps": (2, (2, 1)),
    "return_sign": (True,),
    "shape": (lambda shape: (2, int(np.prod(shape)) // 2), lambda shape: (2, *shape)),
    "shift": (1,),
    "source": (0,),
    "start": (0,),
    "trans": (1,),
    "upper": (True,),
    "where": (_mask,),
}

#: What is tried for an argument whose name says nothing, of functions that are linear in their first one.
GUESSES: Sequence[Any] = (1, 2, (1,), [0, 2, 0], (2, 6), 0.7, None, lambda shape: (2, int(np.prod(shape)) // 2))
