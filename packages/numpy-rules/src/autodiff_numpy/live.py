"""`LiveArray`: a traced array that can be assigned to.

The arrays in boxes never change, as tapes and other boxes refer to them. A live array holds the *current version*, a
plain array or a box, and takes another one at each assignment. All names of the array are names of the live array, so
all see the assignment, as all names of an array do.

A view of a live array is live as well. It holds no version, but its base and how it is taken from that: it is taken
again whenever it is read, and what is written into it is written into the base.

A live array is a box of a trace of its own, `LIVE`, the innermost of all. So before any other trace sees a call, this
one has replaced live arrays by their current versions.
"""

from __future__ import annotations

import copy
import operator
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autodiff.errors import LostDerivativeError
from autodiff.extend import Box, Trace, bind, differentiating, flatten, frozen, lost_derivative, unbox, unflatten
from autodiff_numpy.array_making import as_operand
from autodiff_numpy.assigning import ASSIGNED, without_repetitions
from autodiff_numpy.box import ArrayBox
from autodiff_numpy.coercion import repack
from autodiff_numpy.operators import GETITEM
from autodiff_numpy.ownership import ONE, VALUE, is_alone, is_owned, references
from autodiff_numpy.vspace import INTEGER
from autodiff_numpy.windows import as_view, layout_in, positions_in
from autodiff_numpy.writing import check_cast

_BASIC = frozenset({int, slice, type(None), type(Ellipsis), *INTEGER}) - {np.bool_}


class View(NamedTuple):
    """How a live array is taken from another one."""

    base: LiveArray
    take: Callable[[Any], Any]  # from a version of the base, or from the plain array


class Root(NamedTuple):
    """A live array that is no view: whether its memory has been handed out as a plain array."""

    exported: bool = False


_ROOT, _EXPORTED = Root(), Root(exported=True)

# The class that an object really has; boxes show that of their value.
_CLASS: Any = object.__dict__["__class__"]


class LiveTrace(Trace):
    """Replace live arrays by their current versions, and make the results live that share memory with them."""

    __slots__ = ()

    def __init__(self) -> None:
        self.level = sys.maxsize

    def process(self, primitive: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        bases = {place: arg for place, arg in enumerate(args) if isinstance(arg, LiveArray)}
        versions = [_current(arg) for arg in args]
        kwargs = {name: _current(arg) for name, arg in kwargs.items()}

        def apply(place: int, version: Any) -> Any:
            return bind(primitive, (*versions[:place], version, *versions[place + 1 :]), kwargs)

        y = bind(primitive, tuple(versions), kwargs)
        if type(y) is not np.ndarray and not isinstance(y, (ArrayBox, list, tuple)):
            return y
        leaves, structure = flatten(y)
        for number, leaf in enumerate(leaves):
            plain = unbox(leaf)
            if type(plain) is not np.ndarray:
                continue
            for place, base in bases.items():
                version = unbox(versions[place])
                if np.may_share_memory(plain, version):
                    leaves[number] = view(base, _again(apply, place, number, layout_in(version, plain)))
                    break
            else:
                if leaf is plain and not any(_shares(plain, version) for version in versions):
                    leaves[number] = live(plain)
        return unflatten(structure, leaves)

    def linear(self, primitive: Any, x: Any, constant: Any) -> Any:
        return self.process(primitive, (x, constant), {})


def _again(apply: Callable[..., Any], place: int, number: int, layout: Any) -> Callable[[Any], Any]:
    """Return how a view is taken again: result `number` of `apply` to another version at `place`."""

    def take(version: Any) -> Any:
        y = flatten(apply(place, version))[0][number]
        if layout_in(unbox(version), unbox(y)) != layout:
            raise LostDerivativeError(
                "a view of an array, which a function such as numpy.trim_zeros has chosen by its entries, cannot be "
                "used after other entries were assigned to the array. Make a copy of the view before."
            )
        return y

    return take


def _current(arg: Any) -> Any:
    return arg.value if isinstance(arg, LiveArray) else frozen(arg) if isinstance(arg, (list, tuple)) else arg


def _shares(plain: Any, other: Any) -> bool:
    return type(other) is np.ndarray and np.may_share_memory(plain, other)


LIVE = LiveTrace()


def _of_version(name: str) -> Any:
    """Make the method that is that of the current version: of a plain array, or of a box."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.value, name)(*args, **kwargs)

    method.__name__ = name
    return method


class LiveArray(ArrayBox):
    """An array that can be assigned to; see the top of the file.

    Its node is a `View`, or a `Root`, whose current version stands in the slot of the value.
    """

    __slots__ = ()

    @property
    def value(self) -> Any:
        """The current version: a plain array, or a box of an array."""
        node = self.node
        return node.take(node.base.value) if type(node) is View else VALUE.__get__(self)

    def window(self) -> Any:
        """Return the plain array, as a view of that of the live array which this one is a view of."""
        node = self.node
        return unbox(node.take(node.base.window()) if type(node) is View else VALUE.__get__(self))

    def root(self) -> LiveArray:
        """Return the live array that this one is a view of, or itself."""
        found = self
        while type(found.node) is View:
            found = found.node.base
        return found

    def frozen(self) -> Any:
        return frozen(self.value)

    def revive(self) -> LiveArray:
        return self

    def __repr__(self) -> str:
        return f"LiveArray({self.value!r})"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """Return the entries as a plain array, as long as nothing traced was written; read-only, if it is no copy."""
        version = self.value
        if copy:
            return np.array(version, dtype)
        if isinstance(version, Box):
            raise lost_derivative(self, "numpy.asarray(), or by numpy.array() of a list that holds it,")
        if dtype is not None and np.dtype(dtype) != version.dtype:
            return version.astype(dtype)
        self.root().node = _EXPORTED
        version = version.view()
        version.flags.writeable = False
        return version

    @property
    def strides(self) -> Any:
        """Steps in memory along the axes, as long as nothing traced was written."""
        return self.value.strides

    # Conversions, which are refused from the time on when something traced was written.

    __float__, __int__, __complex__, __index__ = map(_of_version, ("__float__", "__int__", "__complex__", "__index__"))
    item, tolist, tobytes, tofile = map(_of_version, ("item", "tolist", "tobytes", "tofile"))
    __reduce_ex__, dump, dumps = map(_of_version, ("__reduce_ex__", "dump", "dumps"))

    def __getitem__(self, index: Any) -> Any:
        if not is_basic(index):
            return super().__getitem__(index)
        window = self.window()
        part = window[index]
        if type(part) is np.ndarray:
            return view(self, operator.itemgetter(index))
        root = self.root()
        if self is not root:
            if window.dtype != root.dtype:  # the real or imaginary parts of the root
                return self.value[index]
            index, _ = positions_in(root.window(), window[as_view(index)])
        version = VALUE.__get__(root)
        return version.owner.linear(GETITEM, version, index) if isinstance(version, Box) else version[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        write(self, repack(index), value)

    def ravel(self, order: Any = "C") -> Any:
        """Return the array with one axis: a view where it lies without gaps, and a copy otherwise, as in NumPy."""
        return np.ravel(self, order)

    def overwrite(self, result: Any, casting: Any = "same_kind") -> LiveArray:
        """Write the result of an operation into all of the array, as operators in place and `out=` do."""
        result = as_operand(frozen(result))
        result = result if hasattr(result, "dtype") else np.asarray(result)
        check_cast(result.dtype, self.dtype, casting)
        if result.shape != self.shape:
            result = np.broadcast_to(result, self.shape)
        # What is not traced may be, or show, an array of the user's, so its entries are copied.
        if type(self.node) is Root and isinstance(result, Box) and _same_layout(unbox(result), self.window()):
            _may_change(self)
            _renew(self, result)
        else:
            self[...] = result
        return self


def _same_layout(a: Any, b: Any) -> bool:
    return type(a) is np.ndarray and a.dtype == b.dtype and a.strides == b.strides


def is_basic(index: Any) -> bool:
    """Whether indexing gives a view or a number: there are only integers, slices, None and Ellipsis."""
    return type(index) in _BASIC or (type(index) is tuple and _BASIC.issuperset(map(type, index)))


# Making live arrays


def _made(value: Any, node: View | Root) -> LiveArray:
    box = LiveArray()
    VALUE.__set__(box, value)
    box.node = node
    box.owner = LIVE
    return box


def view(base: LiveArray, take: Callable[[Any], Any]) -> LiveArray:
    """Return a live array that is taken from another one."""
    return _made(None, View(base, take))


def live(array: Any) -> Any:
    """Return a newly made plain array as a live one, if a function is being differentiated; others as they are."""
    if not differentiating() or type(array) is not np.ndarray or array.dtype.kind not in "fc":
        return array
    return _made(array if array.base is None else array.copy(), _ROOT)


# Writing


def write(target: LiveArray, index: Any, value: Any) -> None:
    """Assign `value` to the entries of `target` at `index`."""
    root = target.root()
    if isinstance(value, LiveArray) and value.root() is root and is_basic(index):
        old, new = target.window()[as_view(index)], value.window()
        if layout_in(old, new) == layout_in(old, old):  # as in `a[i] += b`, which has done its work before
            return
        del old, new
    value = as_operand(frozen(value))
    if target is not root:
        index, value = _in_root(root, target.window(), index, value)
    if not (isinstance(value, Box) or isinstance(VALUE.__get__(root), Box)):
        if not _may_change(root):
            _renew(root, VALUE.__get__(root).copy("K"))
        VALUE.__get__(root)[index] = value
        return
    _check_types(root.dtype, value)
    index, value = without_repetitions(_kept(index), value, root.shape)
    in_place = _may_change(root) and not _ended(value)
    _renew(root, bind(ASSIGNED, (VALUE.__get__(root), value, index, in_place), {}))


def _renew(root: LiveArray, version: Any) -> None:
    """Make `version` the current one."""
    VALUE.__set__(root, version)
    root.node = _ROOT


def _may_change(root: LiveArray) -> bool:
    """Whether the memory of a live array can be written into, as nobody else has it. Raise if a plain array does."""
    alone = is_alone(root)
    if root.node.exported and not alone:
        raise LostDerivativeError(
            "an array cannot be assigned to while a plain array shares its memory, which has come from "
            "`numpy.asarray(a)` or from a function that calls it, and would keep the old entries. Use "
            "`autodiff_numpy.asarray`, or make that one by `numpy.array(a)`."
        )
    return alone


def _in_root(root: LiveArray, window: Any, index: Any, value: Any) -> tuple[Any, Any]:
    """Return index and value of the assignment to the root that does what one to a view of it shall do."""
    if not window.flags.writeable:
        raise ValueError("assignment destination is read-only")
    if is_basic(index):
        place, imaginary = positions_in(root.window(), window[as_view(index)])
    else:
        everywhere, imaginary = positions_in(root.window(), window)
        place = tuple(np.broadcast_to(part, window.shape)[index] for part in everywhere)
    if window.dtype == root.dtype:
        return place, value
    _check_types(window.dtype, value)
    others = root[place]  # of which one part is overwritten
    return place, np.real(others) + 1j * value if imaginary else value + 1j * np.imag(others)


def _check_types(dtype: Any, value: Any) -> None:
    if dtype.kind != "c" and isinstance(value, Box) and value.dtype.kind == "c":  # type: ignore[attr-defined]
        raise LostDerivativeError(
            "a traced complex value was to be written into an array of real numbers, which would drop its imaginary "
            "part, and the derivative of that. Make a complex array (`dtype=complex`), or write `x.real`."
        )


def _kept(index: Any) -> Any:
    """Return an index as a tape may keep it, as its arrays can be changed afterwards."""
    if type(index) is tuple:
        return tuple(map(_kept, index))
    return copy.deepcopy(index) if isinstance(index, (list, np.ndarray)) else index


def _ended(value: Any) -> bool:
    """Whether a value belongs to a differentiation that is over, so that using it will raise."""
    while isinstance(value, Box):
        if value.owner.ended:
            return True
        value = value.value
    return False


def _revive(box: Any) -> Any:
    """Turn a traced array into a live one, for the first assignment to it: under the same name, for all who know it.

    It must be certain that nobody sees the same memory as another array: views were not followed until now.
    """
    inner = box
    while isinstance(inner.value, Box):
        inner = inner.value
    if type(inner.value) is not np.ndarray:
        raise TypeError(f"a traced number ({type(inner.value).__name__}) does not support item assignment")
    if not inner.value.flags.writeable:
        raise ValueError("assignment destination is read-only")
    kept = inner.owner.references(inner.node, inner.value)
    if inner.value.size == 0:
        pass  # nothing can be written
    elif not is_owned(inner.value) or references(VALUE.__get__(inner)) > ONE + kept:
        raise LostDerivativeError(
            "this traced array cannot be assigned to (`a[i] = x`, `a += x`), because other arrays share its memory, or "
            "may do so: it is an argument of the differentiated function, or a view, or views of it are in use. With "
            "plain NumPy those would change, too. Write `a = a.copy()` before the assignment, and take views after it."
        )
    version = box.frozen()
    _CLASS.__set__(box, LiveArray)
    VALUE.__set__(box, version)
    box.node = _ROOT
    box.owner = LIVE
    return box


# Boxes know nothing of the class that is derived from theirs.
ArrayBox.revive = _revive  # type: ignore[method-assign, assignment]
ArrayBox.newly_made = staticmethod(live)  # type: ignore[method-assign]
