"""Every error that autodiff raises itself; the docstring of a class is its manual page.

AutodiffError
├── InputError (TypeError)               an argument that cannot be differentiated
│   └── IntegerInputError                … because it is an integer or a boolean
├── OutputError (TypeError)              a result that this transform cannot use
├── MissingRuleError (NotImplementedError)     no derivative is known for a function
├── UnsupportedArgumentError (NotImplementedError)  … or not for this argument of it
├── LostDerivativeError (TypeError)      a traced value was about to become a plain number
├── BatchedValueError (TypeError)        a batch of values was about to become one plain number
├── EscapedBoxError (RuntimeError)       a traced value outlived its differentiation
├── MutationError (RuntimeError)         a value that the derivative needs was changed in place
├── RuleError (ValueError)               a derivative rule returned something impossible
├── StructureError (ValueError)          tangents or cotangents that do not fit the value
├── NonFiniteError (FloatingPointError)  a value or a derivative became NaN or infinite, while `debug_nans` looked on
├── MissingPackageError (ImportError)    something needs a package that is not installed
├── SolutionError (ArithmeticError)      equations were not solved, or have no derivative at the solution
└── PluginError (RuntimeError)           a plugin is broken or in conflict

PluginWarning (UserWarning)              a plugin was left out; the others work
PerformanceWarning (UserWarning)         right, but needlessly slow

Messages say what happened, for which function and argument, why, and what to do instead.
"""


class AutodiffError(Exception):
    """Base of all errors of autodiff: ``except AutodiffError`` catches every one of them."""


class InputError(AutodiffError, TypeError):
    """An argument cannot be differentiated: its type has no derivative, or there is no such argument.

    Differentiate with respect to floats, complex numbers, arrays of them, and containers of these;
    choose others by ``argnum`` (a position, a name, or a tuple of them).
    """


class IntegerInputError(InputError):
    """An integer or boolean argument: a derivative needs real or complex numbers.

    Write ``grad(f)(3.0)`` instead of ``grad(f)(3)``, ``x.astype(float)`` for an array.
    """


class OutputError(AutodiffError, TypeError):
    """The function returned something that this transform cannot use.

    ``grad`` needs one real number: sum the result, or use ``jacobian`` (all derivatives of an array),
    ``elementwise_grad`` (functions applied entry by entry) or ``holomorphic_grad`` (complex functions).
    """


class MissingRuleError(AutodiffError, NotImplementedError):
    """A function was applied to a traced value, and no plugin says how to differentiate it.

    Write it with functions that have rules, give it one (``autodiff.extend.primitive`` and ``defvjp``),
    or declare that no derivative flows through it (``autodiff.stop_gradient`` on its arguments).
    """


class UnsupportedArgumentError(AutodiffError, NotImplementedError):
    """A rule exists, but not for this argument of the function, so that it is refused, not ignored."""


class LostDerivativeError(AutodiffError, TypeError):
    """A traced value was about to become a plain number, which would silently lose its derivative.

    It happens in ``float(x)``, in ``plain_array[i] = x`` and in compiled code. Keep the value in arrays that are
    built from traced values, or write ``stop_gradient(x)`` where a constant is meant.
    """


class BatchedValueError(AutodiffError, TypeError):
    """A value that is different in each example of a batch, of `vmap`, was about to become one plain number.

    It happens in ``if x > 0``, ``float(x)``, ``range(x)`` and in compiled code. Write ``numpy.where(x > 0, a, b)``
    for a choice; a loop must run equally often for all examples. A Python loop over the examples needs no `vmap`.
    """


class EscapedBoxError(AutodiffError, RuntimeError):
    """A traced value was used after the differentiation that made it had ended.

    It was kept outside the function: in a global, a list, an attribute or a suspended generator.
    Return it (``has_aux=True``), or keep ``stop_gradient(x)`` of it.
    """


class MutationError(AutodiffError, RuntimeError):
    """An array that the derivative needs was changed in place before the derivative was computed.

    Small arrays are copied when they are used, so that this cannot happen; large ones are not. Within a function that
    is being differentiated, they are read-only from their first use on, and writing is an error of NumPy's.
    Change a copy.
    """


class RuleError(AutodiffError, ValueError):
    """A derivative rule returned something that cannot be a derivative, such as a wrong shape."""


class StructureError(AutodiffError, ValueError):
    """A tangent or cotangent does not have the structure, shape or type of the value it belongs to."""


class NonFiniteError(AutodiffError, FloatingPointError):
    """An operation made NaN, or an infinity, of finite numbers: its value or its derivative.

    Only ``autodiff.debug.debug_nans`` raises it. Often an operation is at a point where its derivative does not exist,
    as ``sqrt`` at 0, in a branch whose result is not used: ``where(x > 0, sqrt(x), 0)``. Choose the operand, too:
    ``where(x > 0, sqrt(where(x > 0, x, 1)), 0)``.
    """


class MissingPackageError(AutodiffError, ImportError):
    """Something was asked for that needs a package which is not installed; the message says which."""


class SolutionError(AutodiffError, ArithmeticError):
    """Equations were not solved: no convergence, or a singular Jacobian, where the solution has no derivative.

    ``custom_root`` and ``fixed_point`` raise it. Begin with a better guess, allow more steps, or give them another
    solver; look for redundant equations where the Jacobian is singular.
    """


class PluginError(AutodiffError, RuntimeError):
    """A plugin cannot be used: it is broken, or contradicts another one."""


class PluginWarning(UserWarning):
    """A plugin, or one of its rules, was left out; ``python -m autodiff plugins`` lists the reasons."""


class PerformanceWarning(UserWarning):
    """The result is right, but there is a much faster way, which the message names."""
