"""Sine by its Taylor series on a Python float: a loop that ends when the value says so."""

from workloads.workload import Loss, Workload


def taylor(np) -> Loss:
    def loss(x):
        total = term = x
        i = 0
        while abs(term) > 0.001:
            term = -term * x**2 / ((2 * i + 3) * (2 * i + 2))
            total = total + term
            i += 1
        return total

    return loss


def taylor_by_hand(x):
    """The derivative of x^(2i+1)/(2i+1)! is x^(2i)/(2i)!, from which the term itself follows."""
    square = x * x
    total, term = x, x
    gradient = slope = 1.0
    i = 0
    while abs(term) > 0.001:
        slope = -slope * square / ((2 * i + 2) * (2 * i + 1))
        term = slope * x / (2 * i + 3)
        total += term
        gradient += slope
        i += 1
    return total, gradient


TAYLOR = Workload(
    name="taylor",
    about="Taylor series of sine, a Python float",
    inputs=lambda rng: (3.1,),
    loss=taylor,
    hand=taylor_by_hand,
    skip={"jax": "jit cannot trace a loop that ends on a computed value"},
)
