"""``numpy.random``, to be differentiated: draws whose parameters may be traced.

>>> from autodiff import grad
>>> import autodiff_numpy as np
>>> def loss(scale):
...     rng = np.random.default_rng(0)
...     return np.mean(rng.normal(0.0, scale, size=1000) ** 2)
>>> bool(np.isclose(grad(loss)(3.0), 2 * loss(3.0) / 3.0))
True

A draw is differentiated as a function of its parameters, the randomness being fixed (D. P. Kingma and M. Welling,
"Auto-Encoding Variational Bayes", ICLR 2014, section 2.4): a normal number is ``loc + scale * z``. It is the number
that NumPy draws from the same seed. Distributions that are not such functions are refused when a parameter is traced.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.random as _numpys

from autodiff import stop_gradient
from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import map_leaves
from autodiff_numpy.array_making import as_operand, holds_box

__all__ = ["Generator", "default_rng"]

# Each is a function of a standard draw and of the parameters, in NumPy's order and with NumPy's defaults.


def _affine(z: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return loc + scale * z


def _uniform(z: Any, low: Any = 0.0, high: Any = 1.0) -> Any:
    return low + (high - low) * z


def _scaled(z: Any, scale: Any = 1.0) -> Any:
    return scale * z


def _lognormal(z: Any, mean: Any = 0.0, sigma: Any = 1.0) -> Any:
    return np.exp(mean + sigma * z)


def _weibull(z: Any, a: Any) -> Any:
    return z ** (1.0 / a)


def _pareto(z: Any, a: Any) -> Any:
    return np.expm1(z / a)


def _power(z: Any, a: Any) -> Any:
    return (-np.expm1(-z)) ** (1.0 / a)


def _triangular(z: Any, left: Any, mode: Any, right: Any) -> Any:
    """Invert the distribution function, which is a square on either side of the mode."""
    width = right - left
    below = z * width <= mode - left
    share = np.where(below, z * (mode - left), (1 - z) * (right - mode))
    root = np.sqrt(share * width)
    return np.where(below, left + root, right - root)


_Base = _numpys.Generator

# fmt: off
_DRAWN: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "normal":      (_Base.standard_normal,      _affine),
    "laplace":     (functools.partial(_Base.laplace, loc=0.0, scale=1.0),   _affine),
    "logistic":    (functools.partial(_Base.logistic, loc=0.0, scale=1.0),  _affine),
    "gumbel":      (functools.partial(_Base.gumbel, loc=0.0, scale=1.0),    _affine),
    "uniform":     (_Base.random,               _uniform),
    "exponential": (_Base.standard_exponential, _scaled),
    "rayleigh":    (functools.partial(_Base.rayleigh, scale=1.0),           _scaled),
    "lognormal":   (_Base.standard_normal,      _lognormal),
    "weibull":     (_Base.standard_exponential, _weibull),
    "pareto":      (_Base.standard_exponential, _pareto),
    "power":       (_Base.standard_exponential, _power),
    "triangular":  (_Base.random,               _triangular),
}
# fmt: on

_COUNTS = (
    "binomial", "geometric", "hypergeometric", "integers", "logseries", "multinomial", "multivariate_hypergeometric",
    "negative_binomial", "poisson", "zipf",
)  # fmt: skip
_REJECTED = (
    "beta", "chisquare", "dirichlet", "f", "noncentral_chisquare", "noncentral_f", "standard_gamma", "standard_t",
    "vonmises", "wald",
)  # fmt: skip

# It says whether parameters are valid, and what shape the draw has.
_TRIAL = _numpys.Generator(_numpys.PCG64(0))


def _is_traced(args: Any, kwargs: Any) -> bool:
    return any(map(holds_box, (*args, *kwargs.values())))


def _constants(values: Any) -> Any:
    return map_leaves(stop_gradient, values)


def _drawn(name: str) -> Callable[..., Any]:
    """Make the method for a distribution that is a function of a standard draw."""
    numpys: Callable[..., Any] = getattr(_Base, name)
    standard, transform = _DRAWN[name]
    size = inspect.Parameter("size", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None)
    parameters = list(inspect.signature(transform).parameters.values())[1:]
    signature = inspect.Signature([*parameters, size])

    @functools.wraps(numpys)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_traced(args, kwargs):
            return numpys(self, *args, **kwargs)
        given = signature.bind(*args, **kwargs).arguments
        trial = numpys(_TRIAL, **_constants(given))
        given.pop("size", None)
        z = standard(self, size=np.shape(trial))
        return transform(z, **{key: as_operand(value) for key, value in given.items()})

    return method


def _refused(name: str, why: str) -> Callable[..., Any]:
    """Make the method for a distribution that is not such a function: its parameters must be constants."""
    numpys: Callable[..., Any] = getattr(_Base, name)

    @functools.wraps(numpys)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_traced(args, kwargs):
            raise UnsupportedArgumentError(
                f"the draws of Generator.{name} have no derivative in its parameters: {why}. Draw with constants, "
                "`stop_gradient(x)`, or differentiate the density in place of the draws."
            )
        return numpys(self, *args, **kwargs)

    return method


class Generator(_numpys.Generator):
    """NumPy's generator of random numbers, whose parameters may be traced.

    Parameters
    ----------
    bit_generator : BitGenerator
        What the randomness comes from, as for ``numpy.random.Generator``.

    Notes
    -----
    `normal`, `uniform`, `exponential`, `laplace`, `logistic`, `gumbel`, `lognormal`, `rayleigh`, `weibull`, `pareto`,
    `power` and `triangular` can be differentiated in all their parameters, `gamma` in its scale,
    `multivariate_normal` in its mean, and in its covariance by ``method="cholesky"``. `permutation` and
    `choice` pick entries of traced arrays. The other distributions are refused.

    Examples
    --------
    >>> from autodiff import jacobian
    >>> from autodiff_numpy.random import default_rng
    >>> jacobian(lambda low: default_rng(0).uniform(low, 1.0, size=2))(0.0).round(2)
    array([0.36, 0.73])
    """

    def __reduce__(self) -> Any:
        return Generator, (self.bit_generator,)

    def spawn(self, n_children: int) -> Any:
        """Return independent generators, as ``numpy.random.Generator.spawn`` does."""
        return [Generator(child.bit_generator) for child in super().spawn(n_children)]

    def gamma(self, shape: Any, scale: Any = 1.0, size: Any = None) -> Any:
        """Draw from a gamma distribution; `scale` may be traced, and `shape` not."""
        if not holds_box(scale) and not holds_box(shape):
            return super().gamma(shape, scale, size)
        plain_shape, plain_scale = _constants((shape, scale))
        trial = _TRIAL.gamma(plain_shape, plain_scale, size)
        return scale * self.standard_gamma(shape, size=np.shape(trial))

    def multivariate_normal(
        self,
        mean: Any,
        cov: Any,
        size: Any = None,
        check_valid: Any = "warn",
        tol: float = 1e-8,
        *,
        method: Any = "svd",
    ) -> Any:
        """Draw from a normal distribution in several dimensions; a traced `cov` needs ``method="cholesky"``."""
        if not holds_box(mean) and not holds_box(cov):
            return super().multivariate_normal(mean, cov, size, check_valid, tol, method=method)
        mean, cov = as_operand(mean), as_operand(cov)
        if not holds_box(cov):
            return mean + super().multivariate_normal(
                np.zeros(np.shape(mean)), cov, size, check_valid, tol, method=method
            )
        if method != "cholesky":
            raise UnsupportedArgumentError(
                f'Generator.multivariate_normal cannot be differentiated in `cov` with method="{method}", whose factor '
                'of the matrix has no derivative where eigenvalues are equal. Pass method="cholesky".'
            )
        plain_mean, plain_cov = stop_gradient(mean), stop_gradient(cov)
        trial = _TRIAL.multivariate_normal(plain_mean, plain_cov, size, check_valid, tol, method=method)
        z = self.standard_normal(size=np.shape(trial))
        return mean + z @ np.transpose(np.linalg.cholesky(cov))

    def permutation(self, x: Any, axis: int = 0) -> Any:
        """Return the entries of `x` along `axis` in random order."""
        if not holds_box(x):
            return super().permutation(x, axis)
        x = as_operand(x)
        return np.take(x, super().permutation(np.shape(x)[axis]), axis)

    def choice(
        self, a: Any, size: Any = None, replace: bool = True, p: Any = None, axis: int = 0, shuffle: bool = True
    ) -> Any:
        """Return random entries of `a` along `axis`; the probabilities `p` cannot be traced."""
        if holds_box(p):
            raise UnsupportedArgumentError(
                "the draws of Generator.choice have no derivative in `p`: they change in jumps. Draw with constants, "
                "`stop_gradient(p)`, or differentiate the expected value in place of the draws."
            )
        if not holds_box(a):
            return super().choice(a, size, replace, p, axis, shuffle)
        a = as_operand(a)
        return np.take(a, super().choice(np.shape(a)[axis], size, replace, p, shuffle=shuffle), axis)


for _name in _DRAWN:
    setattr(Generator, _name, _drawn(_name))
for _name in _COUNTS:
    setattr(Generator, _name, _refused(_name, "they are integers, which change in jumps"))
for _name in _REJECTED:
    setattr(Generator, _name, _refused(_name, "they are no function of a standard draw that could be differentiated"))


def default_rng(seed: Any = None) -> Generator:
    """Return a generator that takes traced parameters, and draws what NumPy's does.

    Parameters
    ----------
    seed : int, array_like, SeedSequence, BitGenerator or Generator, optional
        As for ``numpy.random.default_rng``.

    Returns
    -------
    Generator

    Examples
    --------
    >>> from autodiff import grad
    >>> from autodiff_numpy.random import default_rng
    >>> grad(lambda loc: default_rng(0).normal(loc, 2.0))(0.0)
    1.0
    """
    return Generator(_numpys.default_rng(seed).bit_generator)


def __getattr__(name: str) -> Any:
    """Hand on what else there is in NumPy's module. Its draws take no traced parameters."""
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_numpys, name)
