"""The declaration that arrays of another library are values, under the rules of NumPy's functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.errors import InputError
from autodiff.extend import load_plugins, register_box, register_vspace
from autodiff_numpy.box import ArrayBox
from autodiff_numpy.foreign import ForeignKeeper, ForeignSpace


def register_array_type(kind: type[Any], namespace: Any) -> None:
    """Let arrays of another library be differentiated, by the rules of NumPy's functions.

    Parameters
    ----------
    kind : type
        The class of the arrays. Functions of NumPy must work on them, by NumPy's protocols ``__array_ufunc__`` and
        ``__array_function__``.
    namespace : module
        The library, with functions `zeros`, `ones` and `asarray` that make such arrays.

    Raises
    ------
    InputError
        When the class or the library lacks what is needed.

    Notes
    -----
    Functions that the library does not have are refused by itself. Arrays of the library and of NumPy may be mixed, as
    far as the library allows it. Gradients have the type of what they are taken with respect to.

    Examples
    --------
    >>> import dask.array
    >>> import numpy as np
    >>> from autodiff import grad
    >>> register_array_type(dask.array.Array, dask.array)
    >>> x = dask.array.arange(1.0, 4.0, chunks=2)
    >>> gradient = grad(lambda x: np.sum(x**2))(x)
    >>> type(gradient).__name__, gradient.compute()
    ('Array', array([2., 4., 6.]))
    """
    lacking = [name for name in ("__array_ufunc__", "__array_function__") if not hasattr(kind, name)]
    lacking += [name for name in ("zeros", "ones", "asarray") if not callable(getattr(namespace, name, None))]
    if lacking or not _is_class_of_others(kind):
        why = f"there is no {', '.join(lacking)}" if lacking else "it is no class of arrays of another library"
        raise InputError(
            f"arrays of type {getattr(kind, '__qualname__', kind)} cannot be registered: {why}. Pass the class of the "
            "arrays and the module of its library, such as `register_array_type(dask.array.Array, dask.array)`."
        )
    load_plugins()
    register_box(ArrayBox, kind)
    register_vspace(
        lambda value: ForeignSpace(value.shape, np.dtype(value.dtype), kind, namespace),
        kind,
        same=lambda a, b: a.shape == b.shape and a.dtype == b.dtype,
        keeper=ForeignKeeper(),
    )


def _is_class_of_others(kind: Any) -> bool:
    return isinstance(kind, type) and not issubclass(kind, np.ndarray)
