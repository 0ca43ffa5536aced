"""Functions that are given by equations: `custom_root`.

Let x solve f(x, p) = 0. Then its change along dp solves the linear system f_x dx = -f_p dp, however x was found: the
implicit function theorem. Reverse mode solves the transposed system. Both are solved with products only, of `make_jvp`
and `make_vjp`.

The solution of a linear system is a primitive, whose derivative takes the same system again with another right-hand
side, or the transposed one. So there are derivatives of all orders.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from autodiff.containers import describe, flatten, unflatten
from autodiff.errors import EscapedBoxError, InputError, SolutionError, StructureError
from autodiff.general import General
from autodiff.linear_systems import Operator, Vectors, solve_linear
from autodiff.naming import named
from autodiff.plugins import load_plugins
from autodiff.primitive import Primitive
from autodiff.products import forward_pass, reverse_pass, spaces_and_structure
from autodiff.trace import BatchBox, Box, bind, box_type, next_level
from autodiff.vspace import check_member, vspace

#: ``solve(residual of x, guess)``
Solve = Callable[[Callable[[Any], Any], Any], Any]
#: ``linear_solve(operator, b)``
LinearSolve = Callable[[Operator, Any], Any]

#: How much of a right-hand side, or of the terms in an equation, may be left where it counts as solved.
_LEFT = 1e-3


def custom_root(
    residual: Callable[..., Any], solve: Solve, *, linear_solve: LinearSolve = solve_linear
) -> Callable[..., Any]:
    """Make a differentiable function out of equations and a solver for them, which may be any.

    Parameters
    ----------
    residual : callable
        ``residual(x, *params, **kwargs)``, which is zero at the solution x. It returns as many numbers as x has, with
        the same structure and shapes. Derivatives of the solution are made of its derivatives, so it is traced.
    solve : callable
        ``solve(f, guess)`` returns the x where ``f(x)`` is zero; it should raise if it does not find one. It is never
        traced, so it may be compiled code, and may itself differentiate f.
    linear_solve : callable, optional
        ``linear_solve(operator, b)`` returns the x with ``operator(x) = b``, for a function `operator` that is linear
        over the real numbers. All values are plain. By default small systems, of up to 32 real unknowns, are solved by
        elimination and larger ones by GMRES.

    Returns
    -------
    callable
        ``root(guess, *params, **kwargs)``: the solution, with the structure and shapes of `guess`, as a function of all
        parameters. It does not depend on the guess: that derivative is zero.

    Raises
    ------
    SolutionError
        From ``root``, when its derivative is asked for where the equations do not hold, or their Jacobian is singular;
        or when a linear system was not solved.
    StructureError
        From ``root``, when solution or residual do not have the structure and shapes of `guess`.
    EscapedBoxError
        From ``root``, when `residual` uses a traced value that is none of its arguments.

    Notes
    -----
    Within `vmap` the examples are solved one by one.

    Examples
    --------
    >>> from autodiff import grad
    >>> def newton(f, x):
    ...     for _ in range(20):
    ...         x = x - f(x) / (2 * x)
    ...     return x
    >>> square_root = custom_root(lambda x, a: x * x - a, newton)
    >>> square_root(1.0, 4.0), grad(square_root, 1)(1.0, 4.0), grad(grad(square_root, 1), 1)(1.0, 4.0)
    (2.0, 0.25, -0.03125)
    """
    for name, function in (("solve", solve), ("linear_solve", linear_solve)):
        if not callable(function):
            raise InputError(f"custom_root takes a function as `{name}`, not {function!r}.")

    @named("root", residual)
    def root(guess: Any, *args: Any, **kwargs: Any) -> Any:
        load_plugins()
        return _root(residual, solve, linear_solve, guess, args, kwargs)

    return root


#: ``rebuild(traced, constants)``: the inverse of `_taken_apart`.
Rebuild = Callable[[list[Any], list[Any]], Any]


def _taken_apart(value: Any) -> tuple[list[Any], list[Any], Rebuild]:
    """Return the traced leaves of a value, such as all parameters together, the others, and how it is rebuilt."""
    leaves, structure = flatten(value)
    places = [isinstance(leaf, Box) for leaf in leaves]

    def rebuild(traced: list[Any], constants: list[Any]) -> Any:
        sources = iter(constants), iter(traced)
        return unflatten(structure, [next(sources[place]) for place in places])

    traced = [leaf for leaf in leaves if isinstance(leaf, Box)]
    return traced, [leaf for leaf in leaves if not isinstance(leaf, Box)], rebuild


class _System(NamedTuple):
    """A linear system that depends on data: ``forward(data)`` is its operator, ``backward(data)`` the transpose."""

    forward: Callable[[Any], Operator]
    backward: Callable[[Any], Operator]
    solve: LinearSolve

    def transposed(self) -> _System:
        """Return the transposed system."""
        return _System(self.backward, self.forward, self.solve)


def _root(
    residual: Callable[..., Any], solve: Solve, linear_solve: LinearSolve, guess: Any, args: Any, kwargs: Any
) -> Any:
    """Solve the equations, as a primitive function of the guess, the traced parameters and the others."""
    name = getattr(residual, "__name__", "the residual")
    all_traced, all_constants, rebuild = _taken_apart((args, kwargs))

    def equations(x: Any, parameters: Any) -> Any:
        args, kwargs = parameters
        return fitted(residual(owned(x), *args, **kwargs), x, f"what {name} returned")

    def run(guess: Any, traced: list[Any], constants: list[Any]) -> Any:
        parameters, start = rebuild(traced, constants), next_level()

        def closed(x: Any) -> Any:
            value = equations(x, parameters)
            for leaf in flatten(value)[0]:
                _check_closed(leaf, start, name)
            return value

        _check_guess(guess)
        x = owned(fitted(solve(closed, owned(guess)), guess, f"the solution that the solver of {name} returned"))
        closed(x)
        if traced:
            _check_solved(closed, x, guess, name)
        return x

    def at(x: Any, constants: list[Any]) -> Callable[[list[Any]], Any]:
        return lambda traced: equations(x, rebuild(traced, constants))

    def forward(point: Any) -> Operator:
        x, parameters = point
        return lambda v: forward_pass(equations, 0, (x, parameters), {}, v)[1]

    def backward(point: Any) -> Operator:
        x, parameters = point
        return reverse_pass(equations, 0, (x, parameters), {})[1]

    system = _System(forward, backward, linear_solve)

    def jvp(_: Any, tangents: Any, x: Any, args: Any, __: Any) -> Any:
        _, traced, constants = args
        change = forward_pass(at(x, constants), 0, (traced,), {}, tangents[0])[1]
        return negative(_linear_solution(system, change, (x, rebuild(traced, constants))))

    def vjp(_: Any, x: Any, args: Any, __: Any) -> Any:
        _, traced, constants = args

        def pullback(g: Any) -> Any:
            solution = _linear_solution(system.transposed(), g, (x, rebuild(traced, constants)))
            return (negative(reverse_pass(at(x, constants), 0, (traced,), {})[1](solution)),)

        return pullback

    return _apply(run, jvp, vjp, frozenset({0, 2}), (guess, all_traced, all_constants))


def _linear_solution(system: _System, b: Any, point: Any) -> Any:
    """Solve a linear system, as a primitive function of the right-hand side and what the system depends on."""
    all_traced, all_constants, rebuild = _taken_apart(point)

    def run(b: Any, traced: list[Any], constants: list[Any]) -> Any:
        operator = system.forward(rebuild(traced, constants))
        x = fitted(system.solve(operator, b), b, "the solution that `linear_solve` returned")
        _check_linear(operator, b, x)
        return x

    def at(x: Any, constants: list[Any]) -> Callable[[list[Any]], Any]:
        return lambda traced: system.forward(rebuild(traced, constants))(x)

    def jvp(argnums: Any, tangents: Any, x: Any, args: Any, _: Any) -> Any:
        _, traced, constants = args
        given = dict(zip(argnums, tangents, strict=True))
        change = given.get(0)
        if 1 in given:
            of_system = negative(forward_pass(at(x, constants), 0, (traced,), {}, given[1])[1])
            change = of_system if change is None else added(change, of_system)
        return _linear_solution(system, change, rebuild(traced, constants))

    def vjp(argnums: Any, x: Any, args: Any, _: Any) -> Any:
        _, traced, constants = args

        def pullback(g: Any) -> Any:
            solution = _linear_solution(system.transposed(), g, rebuild(traced, constants))
            results = {0: solution}
            if 1 in argnums:
                results[1] = negative(reverse_pass(at(x, constants), 0, (traced,), {})[1](solution))
            return tuple(results[argnum] for argnum in argnums)

        return pullback

    return _apply(run, jvp, vjp, frozenset({2}), (b, all_traced, all_constants))


def _apply(run: Callable[..., Any], jvp: Any, vjp: Any, zero_argnums: frozenset[int], args: tuple[Any, ...]) -> Any:
    """Apply `run` as a primitive with these derivatives."""
    rule = General(run)
    rule.jvp_argnums, rule.vjp_argnums, rule.zero_vjp_argnums = jvp, vjp, zero_argnums
    known = Primitive(run)
    known.adopt(rule)
    return bind(known, args, {})


def negative(vector: Any) -> Any:
    """Return ``-vector``."""
    leaves, structure = flatten(vector)
    return unflatten(structure, [-leaf for leaf in leaves])


def added(a: Any, b: Any) -> Any:
    """Return ``a + b``."""
    leaves, structure = flatten(a)
    return unflatten(structure, [x + y for x, y in zip(leaves, flatten(b)[0], strict=True)])


# Checks


def fitted(value: Any, like: Any, what: str) -> Any:
    """Return `value` in the types of `like`, or raise if it does not have the same structure and shapes."""
    leaves, structure = flatten(value)
    models, wanted = flatten(like)
    if structure != wanted:
        raise StructureError(
            f"{what} must have the structure of the guess, {describe(wanted)}, but has {describe(structure)}. There "
            "must be as many equations as unknowns, arranged in the same way."
        )
    return unflatten(
        structure, [check_member(leaf, vspace(model), what) for leaf, model in zip(leaves, models, strict=True)]
    )


def owned(value: Any) -> Any:
    """Return a copy: solvers and equations may write into what they are given, and use again what they return."""
    leaves, structure = flatten(value)
    return unflatten(structure, [vspace(leaf).own(leaf) for leaf in leaves])


def _check_guess(guess: Any) -> None:
    for leaf in flatten(guess)[0]:
        try:
            box_type(leaf).check_input(leaf)
        except InputError as error:
            raise type(error)(f"the guess, in whose type the solution is returned: {error}") from None


def _check_closed(leaf: Any, start: int, name: str) -> None:
    """Raise if a value is traced by others than by the solver, which has begun at the level `start`."""
    while isinstance(leaf, Box):
        if leaf.owner.level < start:
            raise EscapedBoxError(
                f"{name}, of which a root is taken, uses a traced value that is none of its arguments, so that the "
                "derivative could take no account of it. Pass every traced value to the root as a parameter."
            )
        leaf = leaf.node if isinstance(leaf, BatchBox) else leaf.value


def _check_solved(equations: Callable[[Any], Any], x: Any, guess: Any, name: str) -> None:
    """Raise if the equations do not hold at x: the derivative would be that of something else.

    What is left is compared with the change of the residual over distances as large as x, and as x is from the guess.
    Close to zero, the unit of the unknowns is the measure.
    """
    vectors = Vectors(*spaces_and_structure(x))
    ones = unflatten(vectors.structure, [space.ones() for space in vectors.spaces])
    rest = vectors.norm(equations(x))
    size = 0.0
    for direction, weight in ((x, _LEFT), (vectors.add(x, guess, -1.0), _LEFT), (ones, 1e-10)):
        size += weight * vectors.norm(forward_pass(equations, 0, (x,), {}, direction)[1])
    if not math.isfinite(rest) or rest > size:  # a size of NaN is for the linear solver to find
        raise SolutionError(
            f"the solver of {name} returned a point at which the equations do not hold: the residual there has the "
            f"length {rest:.1e}. A derivative exists at solutions only. Let the solver take more steps, and raise if "
            "it does not converge."
        )


def _check_linear(operator: Operator, b: Any, x: Any) -> None:
    """Raise if x does not solve the system."""
    vectors = Vectors(*spaces_and_structure(b))
    rest, size = vectors.norm(vectors.add(b, operator(x), -1.0)), vectors.norm(b)
    if not rest <= _LEFT * size:
        raise SolutionError(
            "a linear system for the derivative of a root was not solved by `linear_solve`: of a right-hand side of "
            f"length {size:.1e} there is {rest:.1e} left. The Jacobian may be singular at the solution."
        )
