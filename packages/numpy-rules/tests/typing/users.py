"""What users write, for their type checkers: `hatch run types:check` must find nothing here.

The transforms take any callable and return one whose result is `Any`, since a gradient has the structure of an argument
that is named only at run time. So annotations of the user's own are accepted, and wrong names and keywords are found.

>>> bool(main() < 0.02)
True
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_type

import numpy
from numpy.typing import NDArray

import autodiff_numpy as np
from autodiff import (
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    hessian,
    hessian_vector_product,
    jacobian,
    make_hvp,
    make_jvp,
    make_vjp,
    stop_gradient,
    value_and_grad,
)
from autodiff.errors import IntegerInputError
from autodiff.extend import defvjp, elementwise, primitive, register_rules

Vector = NDArray[numpy.float64]


@dataclass
class Line:
    """Parameters of a model."""

    slope: Vector
    offset: float


def predict(line: Line, x: Vector) -> Vector:
    return np.tanh(x @ line.slope + line.offset)


def loss(line: Line, x: Vector, y: Vector, *, penalty: float = 0.0) -> float:
    return np.mean((predict(line, x) - y) ** 2) + penalty * np.sum(line.slope**2)


def loss_with_errors(line: Line, x: Vector, y: Vector) -> tuple[float, Vector]:
    errors = stop_gradient(predict(line, x) - y)
    return loss(line, x, y), errors


def curve(x: Vector) -> Vector:
    return np.concatenate([np.sin(x), np.where(x > 0, x, np.exp(x)), np.sort(x)[::-1]])


def namespace(x: Vector) -> float:
    """Use functions of every kind of the namespace."""
    matrix = np.array([[x[0], 0.1], [0.2, x[1]]]) + np.eye(2)
    norm = np.linalg.norm(np.linalg.solve(matrix, np.ones(2)))
    spectrum = np.abs(np.fft.rfft(np.stack([x, x**2]), axis=1))
    total = np.einsum("ij,j->", matrix, np.reshape(x, (2,))) + np.sum(spectrum) + np.max(x, axis=0, keepdims=False)
    return total + norm + np.sum(x) + np.float64(np.pi)


def train(line: Line, x: Vector, y: Vector, steps: int) -> float:
    value_and_gradient = value_and_grad(loss)
    value = float("inf")
    for _ in range(steps):
        gradient: Line
        value, gradient = value_and_gradient(line, x, y, penalty=1e-3)
        line = Line(line.slope - 0.5 * gradient.slope, line.offset - 0.5 * gradient.offset)
    return value


# A function of the user's own, by both ways to say what its derivative is.
cube: Callable[..., Any] = primitive(lambda x: x**3)
defvjp(cube, lambda y, x: lambda g: 3 * x**2 * g)
fifth: Callable[..., Any] = primitive(lambda x: x**5)
register_rules([elementwise(fifth, lambda y, x: 5 * x**4)])


def main() -> float:
    rng = numpy.random.default_rng(0)
    x = rng.normal(size=(20, 2))
    y = np.tanh(x @ np.array([0.5, -0.25]))
    line = Line(np.zeros(2), 0.0)
    point = np.array([0.5, 2.0])

    assert_type(grad(loss), Callable[..., Any])
    assert_type(grad(loss)(line, x, y), Any)
    by_position: Line = grad(loss)(line, x, y)
    by_name: float = grad(loss, "penalty")(line, x, y, penalty=0.5)
    first, second = grad(loss, (0, "penalty"))(line, x, y, penalty=0.5)
    assert by_position.slope.shape == first.slope.shape == (2,)
    assert by_name == second

    value, (of_line, of_x) = value_and_grad(loss, ("line", "x"))(line=line, x=x, y=y)
    assert isinstance(value, float)
    assert isinstance(of_line, Line)
    assert of_x.shape == x.shape
    _, errors = grad_and_aux(loss_with_errors)(line, x, y)
    (value, errors), _ = value_and_grad(loss_with_errors, has_aux=True)(line, x, y)
    assert errors.shape == y.shape

    vjp, values = make_vjp(curve)(point)
    pulled: Vector = vjp(np.ones_like(values))
    _, pushed = make_jvp(curve)(point)(np.ones(2))
    matrix: Vector = jacobian(curve, mode="forward")(point)
    assert np.allclose(matrix.sum(axis=0), pulled)
    assert np.allclose(matrix.sum(axis=1), pushed)

    second_derivatives: Vector = hessian(namespace)(point)
    hvp, _ = make_hvp(namespace)(point)
    assert np.allclose(second_derivatives @ point, hvp(point))
    assert np.allclose(second_derivatives @ point, hessian_vector_product(namespace)(point, point))

    assert np.allclose(elementwise_grad(np.sin)(point), np.cos(point))
    assert np.isclose(deriv(np.exp)(1.0), np.e)
    assert grad(grad(cube))(2.0) == 12.0
    assert grad(checkpoint(fifth))(2.0) == 80.0
    try:
        grad(np.sin)(3)
    except IntegerInputError as error:
        message: str = str(error)
        assert "3.0" in message

    return train(line, x, y, steps=5)
