"""``numpy.polynomial.hermite``, to be differentiated."""

from typing import TYPE_CHECKING, Any

import numpy.polynomial.hermite as _numpys

from autodiff_numpy.namespace import numpys_or_traced

if TYPE_CHECKING:
    from numpy.polynomial.hermite import *  # noqa: F403

__all__ = _numpys.__all__


def __getattr__(name: str) -> Any:
    """Return NumPy's function of this name, which here takes traced values if it has a rule."""
    return numpys_or_traced(_numpys, name)
