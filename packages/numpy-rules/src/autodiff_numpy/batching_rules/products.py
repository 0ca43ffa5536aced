"""Products of arrays, and the solution of linear equations."""

from __future__ import annotations

import string
from typing import Any

import numpy

from autodiff.extend import primitive_of
from autodiff_numpy.batching_rules.entries import entry_by_entry
from autodiff_numpy.batching_rules.stacked import BatchingRule, Stacked, with_axes
from autodiff_numpy.rules.products import contracted

np: Any = numpy  # whose annotations do not know that traced arrays take part in its protocols


def _matmul(s: Stacked) -> Any:
    if s.kwargs or any(part is not True and batched for part, batched in zip(s.parts, s.batched, strict=True)):
        return NotImplemented
    a, b = s.args
    a_ndim, b_ndim = s.ndim(0), s.ndim(1)
    if not a_ndim or not b_ndim:
        return NotImplemented
    if not s.batched[1] and (b_ndim <= 2 and (a_ndim > 1 or b_ndim <= 2)):
        return np.matmul(a, b) if a_ndim == 1 or b_ndim == 1 else _folded(a, b)
    if not s.batched[0] and b_ndim == 1 and a_ndim <= 2:
        return np.matmul(b, a.T if hasattr(a, "T") else np.transpose(a))
    if a_ndim == 1:
        a = a[..., None, :] if s.batched[0] else np.asarray(a)[None, :] if isinstance(a, list) else a[None, :]
    if b_ndim == 1:
        b = b[..., :, None]
    most = max(a_ndim, b_ndim, 2)
    a = with_axes(a, most - max(a_ndim, 2)) if s.batched[0] else a
    b = with_axes(b, most - max(b_ndim, 2)) if s.batched[1] else b
    product = np.matmul(a, b)
    if b_ndim == 1:
        product = product[..., 0]
    return (product[..., 0] if b_ndim == 1 else product[..., 0, :]) if a_ndim == 1 else product


def _folded(a: Any, b: Any) -> Any:
    """Multiply stacks of matrices with one matrix: that is one larger product."""
    shape = a.shape
    rows = np.matmul(np.reshape(a, (int(np.prod(shape[:-1])), shape[-1])), b)
    return np.reshape(rows, (*shape[:-1], rows.shape[-1]))


def _scaled(s: Stacked) -> Any:
    """Multiply with an operand without axes. Numbers of Python's are arrays to `dot` and `inner`, of a type."""
    operands = tuple([np.asarray(x) if isinstance(x, (int, float, complex)) else x for x in s.args])
    return entry_by_entry(s._replace(primitive=primitive_of(numpy.multiply), args=operands))


def _dot(s: Stacked) -> Any:
    ndims = s.ndim(0), s.ndim(1)
    if 0 in ndims:
        return _scaled(s)
    return _matmul(s) if max(ndims) <= 2 else NotImplemented


def _inner(s: Stacked) -> Any:
    ndims = s.ndim(0), s.ndim(1)
    if 0 in ndims:
        return _scaled(s)
    return _matmul(s) if ndims == (1, 1) else NotImplemented


def _outer(s: Stacked) -> Any:
    if s.kwargs or len(s.args) != 2 or any(p is not True and b for p, b in zip(s.parts, s.batched, strict=True)):
        return NotImplemented
    left, right = (
        np.reshape(arg, (len(arg), -1) if batched else (1, -1)) for arg, batched in zip(s.args, s.batched, strict=True)
    )
    return left[:, :, None] * right[:, None, :]


def _tensordot(s: Stacked) -> Any:
    if any(p is not True and b for p, b in zip(s.parts, s.batched, strict=True)):
        return NotImplemented
    letters = iter(string.ascii_letters)
    batch = next(letters)
    # Two arrays as large as one example, of which only the shapes matter.
    a, b = (np.empty(np.shape(arg)[batched:]) for arg, batched in zip(s.args[:2], s.batched, strict=False))
    left, right = contracted(a, b, s.named().get("axes", 2) if len(s.args) < 3 else s.args[2])
    if a.ndim + b.ndim > 50 or any(a.shape[i] != b.shape[j] for i, j in zip(left, right, strict=True)):
        return NotImplemented
    names = [[next(letters) for _ in range(a.ndim)], [next(letters) for _ in range(b.ndim)]]
    for i, j in zip(left, right, strict=True):
        names[1][j] = names[0][i]
    free = [x for i, x in enumerate(names[0]) if i not in left] + [x for j, x in enumerate(names[1]) if j not in right]
    inputs = ["".join([batch] * flag + own) for flag, own in zip(s.batched, names, strict=False)]
    return np.einsum(f"{','.join(inputs)}->{batch}{''.join(free)}", *s.args[:2], optimize=True)


def _einsum(s: Stacked) -> Any:
    subscripts = s.args[0]
    if not isinstance(subscripts, str) or any(p is not True and b for p, b in zip(s.parts, s.batched, strict=True)):
        return NotImplemented
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    if not arrow:
        if "..." in left:
            return NotImplemented
        right = "".join(sorted(x for x in {*left} - {","} if left.count(x) == 1))
    batch = next((x for x in string.ascii_letters if x not in subscripts), None)
    if batch is None:
        return NotImplemented
    inputs = [batch * flag + names for flag, names in zip(s.batched[1:], left.split(","), strict=True)]
    return s.call(f"{','.join(inputs)}->{batch}{right}", *s.args[1:], **s.kwargs)


def _solve(s: Stacked) -> Any:
    ndims = s.ndim(0), s.ndim(1)
    if s.kwargs or ndims not in ((2, 1), (2, 2)) or s.parts[0] not in (True, False):
        return NotImplemented
    a, b = s.args
    if ndims == (2, 2):
        return s.call(a, b)
    if not s.batched[1]:
        b = np.asarray(b) if isinstance(b, list) else b
        return s.call(a, b[:, None])[..., 0]
    if not s.batched[0]:
        return np.transpose(s.call(a, np.transpose(b)))
    return s.call(a, b[..., None])[..., 0]


RULES: dict[Any, BatchingRule] = {
    numpy.matmul: _matmul,
    numpy.dot: _dot,
    numpy.inner: _inner,
    numpy.outer: _outer,
    numpy.tensordot: _tensordot,
    numpy.einsum: _einsum,
    numpy.linalg.solve: _solve,
}
