"""Random programs of a few lines: derivatives of operations in combination.

A program is Python text, line by line drawn from a table. A line that NumPy refuses, or that comes near a kink, is
drawn anew. A failure shows the text.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff_numpy
from autodiff import make_jvp, make_vjp
from autodiff_testing import check_grads

SHAPES = ((), (3,), (2, 3), (3, 3), (1, 3), (3, 1), (2, 3, 2))
DTYPES = ("float64", "float64", "float32", "complex128", "complex64")

#: In braces: variables `a` and `b`, and what is drawn for the shape of `a`. Behind a bar: what `a` must be.
LINES = {
    "elementwise": (
        "np.sin({a})", "np.exp(0.3 * {a})", "np.tanh(0.5 * {a})", "{a} ** 2", "{a} ** {number}|positive", "-{a}",
        "np.conj({a}) * {a}", "np.real({a})", "np.imag({a} * 1j)", "np.abs({a})|nonzero", "np.angle({a})|turned",
        "np.log({a})|positive", "np.sqrt(2 + np.cos({a}))", "1 / (3 + {a} ** 2)", "np.reciprocal({a})|nonzero",
        "np.expm1(0.2 * {a})", "np.arctan({a} / 2)", "np.sinc({a} / 3)", "np.nan_to_num({a})", "{a} * {number}",
    ),
    "two": (
        "{a} + {b}", "{a} - 2 * {b}", "{a} * {b}", "{a} / (4 + {b})", "np.hypot({a}, 1 + {b} ** 2)",
        "np.logaddexp({a}, {b})", "np.arctan2({a}, 3 + np.sin({b}))", "np.maximum({a}, {b} + 7)",
        "np.multiply.outer({a}, {b})", "np.where({a} > {number}, {b}, {a} * {b})|apart",
        "np.fmin({a}, 20 + {b})", "np.float_power(3 + np.sin({a}), {b} / 4)",
    ),
    "kinks": (
        "np.clip({a}, -{number}, {number})|apart", "np.where({a} > {number}, np.sin({a}), {a} / 3)|apart",
        "np.maximum({a}, {number})|apart", "np.sort({a}, axis={axis})|distinct", "np.max({a}, axis={axis})|distinct",
        "np.min({a}, axis={axis}, keepdims=True)|distinct", "np.median({a}, axis={axis})|distinct",
        "np.ptp({a})|distinct", "np.quantile({a}, 0.3, axis={axis})|distinct", "np.partition({a}, 1, axis=0)|distinct",
        "np.unique({a})|distinct", "np.select([{a} > {number}, {a} < -{number}], [{a} ** 2, 1 - {a}], {a})|apart",
        "np.interp({a}, np.array([-1.0, 0.1, 2.0]), np.array([0.5, -1.0, 1.5]))|apart",
    ),
    "reductions": (
        "np.sum({a}, axis={axis})", "np.mean({a}, axis={axis}, keepdims=True)", "np.prod({a}, axis={axis})",
        "np.std({a}, axis={axis})|distinct", "np.var({a}, axis={axis}, ddof=1, keepdims=True)", "np.sum({a})",
        "np.linalg.norm({a}, axis={axis})|nonzero", "np.add.reduce({a}, axis={axis})",
        "np.average({a}, axis={axis})", "np.sum({a}, where={mask})", "{a}.mean()", "np.nanmean({a}, {axis})",
    ),
    "shapes": (
        "{a}.reshape(-1)", "{a}.T", "np.moveaxis({a}, {axis}, 0)", "np.ravel({a}, order='F')", "{a}[None] * 1.5",
        "np.expand_dims({a}, {axis})", "np.squeeze({a})", "np.broadcast_to({a}, (2, *{a}.shape))",
        "np.flip({a}, {axis})",
        "np.roll({a}, 2, axis={axis})", "np.tile({a}, 2)", "np.repeat({a}, 2, axis={axis})", "np.pad({a}, 1)",
        "np.pad({a}, 1, mode='reflect')", "np.rot90({a})", "np.atleast_2d({a})", "np.swapaxes({a}, 0, {axis})",
        "np.reshape({a}, (3, -1), order='F')", "np.tril({a})", "np.diag({a})", "np.delete({a}, 0, axis={axis})",
    ),
    "indices": (
        "{a}[{index}]", "{a}[{index}]", "{a}[{index}]", "{a}[{mask}]", "np.take({a}, {rows}, axis={axis})",
        "np.take_along_axis({a}, np.argsort({a}, axis=0), axis=0)|distinct", "np.split({a}, [1], axis={axis})[1]",
        "{a}[np.ix_({rows}, {rows})]", "np.compress([True, False, True], {a}, axis={axis})",
    ),
    "joins": (
        "np.concatenate([{a}, {b}], axis={axis})", "np.stack([{a}, {b}], axis={axis})", "np.hstack(({a}, {b}))",
        "np.array([{a}, {b}])", "np.append({a}, {b})", "np.block([[{a}, {b}], [{b}, {a}]])", "np.vstack([{a}, {b}])",
        "np.concatenate([{a}, {a} * {number}], axis=None)", "np.insert({a}, 1, {number}, axis={axis})",
        "np.column_stack([{a}, {b}])", "np.meshgrid({a}, {b})[0]", "np.choose({mask}, [{a}, {a} ** 2])",
    ),
    "products": (
        "{a} @ {b}", "np.dot({a}, {b})", "np.einsum('...i,...i->...', {a}, {b})",
        "np.einsum('i...,k...->ik', {a}, {b})",
        "np.tensordot({a}, {b}, axes=1)", "np.inner({a}, {b})", "np.kron({a}, {b})", "np.outer({a}, {b})",
        "np.vdot({a}, {b})", "np.linalg.solve({a} / 9 + 2 * np.eye(3), {b})", "np.linalg.det({a} / 5 + np.eye(3))",
        "np.linalg.inv({a} / 9 + 2 * np.eye(3))", "np.cross({a}, {b})", "np.linalg.multi_dot([{a}, {b}, {a}])",
        "np.convolve({a}, {b})", "np.trace({a})", "np.einsum('ii->i', {a})", "np.vecdot({a}, {b})",
    ),
    "along": (
        "np.cumsum({a}, axis={axis})", "np.cumprod({a}, axis={axis})", "np.diff({a}, axis={axis})",
        "np.gradient({a}, axis=0)",
        "np.trapezoid({a}, axis={axis})", "np.fft.fft({a}, axis={axis})", "np.fft.irfft({a})", "np.fft.rfft2({a})",
        "np.add.accumulate({a}, axis={axis})", "np.multiply.accumulate({a})", "np.ediff1d({a})",
        "np.polyval({a}, {number})",
        "np.cov({a})", "np.vander({a})",
    ),
    "assignment": (
        "np.zeros_like({a}); {new}[{index}] = {a}[{index}] ** 2",
        "np.zeros_like({a}); {new}[...] = np.sin({a}); {new}[{index}] *= 3",
        "np.ones({a}.shape, {a}.dtype); {new}[{rows}] += {a}[{rows}]", "({a} * 2).copy(); {new} -= {b}",
        "np.ones({a}.shape, {a}.dtype); {new}[1:] += {a}[:-1]", "{a}.copy(); {new}[{mask}] = {number}",
        "np.zeros_like({a}); {new}[...] = {a}; {new}[...] = {new}[::-1] * {a}", "({a} / 2).copy(); {new}[-1] = {b}",
        "np.empty_like({a}); np.copyto({new}, {a} * {number})",
        "np.exp({a} / 4).copy(); np.add.at({new}, {rows}, {a}[0])",
        "np.full_like({a}, 0.3); {new}[1:] = {a}[1:]; {new}.T[0] = 1.5 * {new}.T[-1]",
        "np.zeros({a}.shape, {a}.dtype); np.multiply({a}, 3, out={new})",
        "np.zeros((2, *{a}.shape)); {new}[0, ...] += {b}",
        "np.ones({a}.shape, {a}.dtype); part = {new}[1:]; part[...] = {b}; {new} *= {a}",
    ),
}  # fmt: skip

#: The numbers that are drawn, and where functions have kinks by them and by those in the table.
NUMBERS = (0.6, 1.3)
_EDGES = np.array([*NUMBERS, 0.1, 1.0, 2.0])

#: What makes an operand safe: far enough from where a function has a kink, a jump or a pole.
DEMANDS: dict[str, Callable[[Any], bool]] = {
    "": lambda a: True,
    "positive": lambda a: not np.iscomplexobj(a) and bool(np.all(a > 0.1)),
    "nonzero": lambda a: bool(np.all(np.abs(a) > 0.1)),
    "turned": lambda a: bool(np.all(np.abs(np.imag(a)) > 0.1)),
    "distinct": lambda a: not np.iscomplexobj(a) and bool(np.all(np.diff(np.sort(np.ravel(a))) > 0.02)),
    "apart": lambda a: not np.iscomplexobj(a) and bool(np.all(np.abs(np.abs(a)[..., None] - _EDGES) > 0.02)),
}


class Program:
    """A program of a few lines, with its arguments."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.arguments = [self._argument() for _ in range(self._rng.integers(1, 4))]
        self._values = {f"x{i}": value for i, value in enumerate(self.arguments)}
        self.lines: list[str] = []
        self._unused = list(self._values)
        for _ in range(int(self._rng.integers(3, 9))):
            self._add_line()
        names = ", ".join(f"x{i}" for i in range(len(self.arguments)))
        body = [*self.lines, f"return {', '.join(self._unused)}"]
        self.text = f"def program(np, {names}):\n" + "".join(f"    {line}\n" for line in body)
        space: dict[str, Any] = {}
        exec(self.text, space)
        self.run: Callable[..., Any] = space["program"]

    def __str__(self) -> str:
        drawn = "".join(f"x{i} = {value!r}\n" for i, value in enumerate(self.arguments))
        return f"\n{self.text}\n{drawn}"

    def _argument(self) -> Any:
        shape, dtype = self._one(SHAPES), np.dtype(self._one(DTYPES))
        imaginary = 1j * self._rng.normal(size=shape) if dtype.kind == "c" else 0
        return np.asarray(self._rng.normal(size=shape) + imaginary, dtype)

    def _one(self, among: Any) -> Any:
        return among[int(self._rng.integers(len(among)))]

    def _add_line(self) -> None:
        new = f"v{len(self.lines)}"
        for _ in range(200):
            template, _, demand = self._one(LINES[self._one(list(LINES))]).partition("|")
            a, b = self._variable(), self._variable()
            if not DEMANDS[demand](self._values[a]):
                continue
            line = f"{new} = " + template.format(a=a, b=b, new=new, **self._drawn(self._values[a]))
            value = self._tried(line, new)
            if value is not None:
                self.lines.append(line)
                self._values[new] = value
                used = {a, b} if "{b}" in template else {a}
                self._unused = [name for name in self._unused if name not in used] + [new]
                return

    def _variable(self) -> str:
        """Choose a variable, often one that no line has used yet."""
        return str(self._one(self._unused if self._rng.random() < 0.7 else list(self._values)))

    def _drawn(self, a: Any) -> dict[str, Any]:
        length = a.shape[0] if a.ndim else 1
        rows = self._rng.integers(-length, length, 2).tolist()
        parts = [
            "::2",
            "::-1",
            "1:",
            "...",
            "..., -1",
            ":, 0",
            f"{rows}",
            f"..., {rows}",
            "None, 0",
            "0",
            f"{rows}, 0",
            "-1:",
        ]
        return {
            "axis": int(self._rng.integers(-a.ndim, a.ndim)) if a.ndim else 0,
            "number": self._one(NUMBERS),
            "rows": rows,
            "mask": f"np.array({(self._rng.random(a.shape) < 0.6).tolist()})",
            "index": self._one(parts),
        }

    def _tried(self, line: str, new: str) -> Any:
        """Run a line with plain NumPy. Return None if NumPy refuses, or if the result is of no use."""
        space = {"np": np} | {name: value.copy() for name, value in self._values.items()}
        try:
            with warnings.catch_warnings(action="error"):
                exec(line, space)
        except Exception:  # noqa: BLE001  whatever NumPy raises
            return None
        value = space[new]  # a number of NumPy's, not an array of it, where it is one
        is_good = (
            isinstance(value, np.ndarray | np.generic)
            and value.dtype.kind in "fc"
            and 0 < value.size <= 40
            and np.all(np.abs(value) < 30)
        )
        return value if is_good else None


def _inner(g: Any, t: Any) -> float:
    pairs = zip(g, t, strict=True) if isinstance(g, tuple) else [(g, t)]
    return float(sum(np.real(np.sum(np.multiply(a, b, dtype=complex))) for a, b in pairs))


def _like(value: Any, rng: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_like(part, rng) for part in value)
    drawn = rng.normal(size=np.shape(value)) + (1j * rng.normal(size=np.shape(value)) if np.iscomplexobj(value) else 0)
    return np.asarray(drawn, np.asarray(value).dtype)[()]


@pytest.mark.parametrize("seed", range(150))
def test_random_program(seed: int) -> None:
    program = Program(seed)

    def fun(*args: Any) -> Any:
        return program.run(autodiff_numpy, *args)

    argnums = tuple(range(len(program.arguments)))
    rng = np.random.default_rng(seed)
    try:
        vjp, value = make_vjp(fun, argnums)(*program.arguments)
        w, t = _like(value, rng), tuple(_like(x, rng) for x in program.arguments)
        pushed = make_jvp(fun, argnums)(*program.arguments)(t)[1]
        single = any(x.dtype in (np.float32, np.complex64) for x in program.arguments)
        assert np.isclose(
            _inner(vjp(w), t), _inner(w, pushed), rtol=1e-3 if single else 1e-9, atol=1e-3 if single else 1e-9
        )
        check_grads(fun, order=2 if seed % 3 == 0 else 1)(*program.arguments)
    except Exception as error:
        raise AssertionError(str(program)) from error
