"""Whichever transform a program calls first knows arrays: it loads the plugins."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.once

CALLS = (
    "grad(total)(x)",
    "value_and_grad(total)(x)",
    "grad_and_aux(lambda x: (total(x), 1.0))(x)",
    "elementwise_grad(np.tanh)(x)",
    "deriv(np.tanh)(x)",
    "holomorphic_grad(total)(x + 0j)",
    "jacobian(np.tanh)(x)",
    "jacobian(np.tanh, mode='forward')(x)",
    "jacobian(np.tanh, mode='reverse')(x)",
    "hessian(total)(x)",
    "make_vjp(np.tanh)(x)[0](x)",
    "make_jvp(np.tanh)(x)(x)",
    "make_hvp(total)(x)[0](x)",
    "hessian_vector_product(total)(x, x)",
    "checkpoint(np.tanh)(x)",
    "stop_gradient(x)",
)


@pytest.mark.parametrize("call", CALLS)
def test_the_first_transform_of_a_program(call: str) -> None:
    program = f"""if True:
        import numpy as np
        from autodiff import *

        def total(x):
            return np.sum(x * x)

        x = np.ones(3)
        {call}
    """
    subprocess.run([sys.executable, "-c", program], check=True)
