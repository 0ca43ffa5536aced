"""Derivatives that are matrices, and a product with one."""

import numpy

from workloads.logistic import logistic
from workloads.workload import Loss, Workload


def network(np) -> Loss:
    def outputs(x, first, bias, second, offset):
        return np.tanh(second @ np.tanh(first @ x + bias) + offset)

    return outputs


def jacobian_by_hand(x, first, bias, second, offset):
    hidden = numpy.tanh(first @ x + bias)
    outputs = numpy.tanh(second @ hidden + offset)
    return ((1 - outputs * outputs)[:, None] * second * (1 - hidden * hidden)) @ first


JACOBIAN = Workload(
    name="jacobian",
    about="Jacobian of a network 50-50-50",
    inputs=lambda rng: (
        rng.standard_normal(50),
        rng.standard_normal((50, 50)) / 50**0.5,
        rng.standard_normal(50),
        rng.standard_normal((50, 50)) / 50**0.5,
        rng.standard_normal(50),
    ),
    loss=network,
    hand=jacobian_by_hand,
    derivative="jacobian",
)


def rosenbrock(np) -> Loss:
    def loss(x):
        return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    return loss


def hessian_by_hand(x):
    """The form in which textbooks and SciPy have it: three diagonals."""
    matrix = numpy.diag(-400 * x[:-1], 1) - numpy.diag(400 * x[:-1], -1)
    diagonal = numpy.zeros(len(x))
    diagonal[:-1] = 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    diagonal[1:] += 200
    return matrix + numpy.diag(diagonal)


def hessian_of(n: int) -> Workload:
    """The Hessian of the Rosenbrock function of `n` numbers."""
    return Workload(
        name=f"hessian-{n}",
        about=f"Hessian of the Rosenbrock function, n = {n}",
        inputs=lambda rng: (rng.standard_normal(n),),
        loss=rosenbrock,
        hand=hessian_by_hand,
        derivative="hessian",
    )


HESSIANS = (hessian_of(50), hessian_of(200))


def hvp_by_hand(weights, inputs, targets, vector):
    predictions = 0.5 * (numpy.tanh(inputs @ weights / 2) + 1)
    return inputs.T @ (predictions * (1 - predictions) * (inputs @ vector))


HVP = Workload(
    name="hvp",
    about="Hessian-vector product of logistic regression, 2000x50",
    inputs=lambda rng: (
        0.1 * rng.standard_normal(50),
        rng.standard_normal((2000, 50)),
        rng.integers(0, 2, 2000).astype(float),
        rng.standard_normal(50),
    ),
    loss=logistic,
    hand=hvp_by_hand,
    derivative="hvp",
)
