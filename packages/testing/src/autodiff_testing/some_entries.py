"""Explanations of wrong entries beside right ones: what is common to them?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autodiff_testing.coordinates import Coordinates
from autodiff_testing.factors import number, ratio
from autodiff_testing.matrices import Matrices


def superfluous(found: Matrices) -> str | None:
    """Look for derivatives where there are none."""
    wrong, relevant = found.wrong, np.abs(found.numeric) > found.tolerance
    if not wrong.any() or (wrong & relevant).any():
        return None
    where = _where(found, wrong, ~wrong & relevant)
    return f"{int(wrong.sum())} of {wrong.size} entries should be zero, but are not{where}"


def some_entries(found: Matrices) -> str | None:
    """Look for what the wrong entries have in common, when others are right."""
    wrong = found.wrong
    relevant = np.abs(found.numeric) > found.tolerance
    if not (~wrong & relevant).any():
        return None
    where = _where(found, wrong, ~wrong & relevant)
    constant = ratio(found.analytic[wrong], found.numeric[wrong])
    same = constant is not None and np.allclose(found.analytic[wrong], constant * found.numeric[wrong], rtol=1e-6)
    if same and constant is not None:
        kind = "zero" if constant == 0 else "of the wrong sign" if abs(constant + 1) < 1e-6 else None
        how = f"They are {kind or f'{number(constant)} times the right ones'}."
    else:
        how = ""
    return f"only some entries are wrong, {int(wrong.sum())} of {wrong.size}{where}. {how}".rstrip()


def _where(found: Matrices, wrong: np.ndarray, right: np.ndarray) -> str:
    """Say what the wrong entries have in common that the right ones have not."""
    point = found.point
    if _across_batches(found, wrong, right):
        return ": those that relate different entries of axis 0, a batch dimension"
    for name, values, coordinates, places, axis in (
        ("argument", point.at, point.inputs, found.columns, 0),
        ("result", point.start, point.outputs, found.rows, 1),
    ):
        bad, good = wrong.any(axis=axis), right.any(axis=axis)
        if not bad.any() or not (good & ~bad).any():
            continue
        traits = (*_of_values(values[places], name), *_of_indices(coordinates, places, name))
        for text, mask in traits:
            if mask[bad].all() and not mask[good].any():
                return f": those {text}"
    return ""


def _across_batches(found: Matrices, wrong: np.ndarray, right: np.ndarray) -> bool:
    """Whether the wrong entries are those of results and arguments whose first index differs."""
    rows, columns = (
        [coordinates.leaf_of(int(place))[1][:1] for place in places]
        for coordinates, places in ((found.point.outputs, found.rows), (found.point.inputs, found.columns))
    )
    if () in rows or () in columns or not right.any():
        return False
    across = np.array(rows) != np.array(columns).T
    return bool(across[wrong].all() and not across[right].any())


def _of_values(values: np.ndarray, name: str) -> Iterator[tuple[str, np.ndarray]]:
    name = "value" if name == "result" else name
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    for text, mask in (
        ("negative", values < 0), ("positive", values > 0), ("zero", values == 0),
        ("below 1 in magnitude", np.abs(values) < 1), ("above 1 in magnitude", np.abs(values) > 1),
        ("repeated", counts[inverse] > 1), ("largest", values == values.max()), ("smallest", values == values.min()),
    ):  # fmt: skip
        yield f"where the {name} is {text}", mask


def _of_indices(coordinates: Coordinates, places: np.ndarray, name: str) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the entries on the diagonal, below and above it, and those with one index, along each axis."""
    indices = [coordinates.leaf_of(int(place))[1] for place in places]
    if len({len(index) for index in indices}) != 1 or not indices[0]:
        return
    table = np.array(indices)
    if table.shape[1] > 1:
        across = table[:, -1] - table[:, -2]
        for text, mask in (("on", across == 0), ("above", across > 0), ("below", across < 0)):
            yield f"{text} the diagonal of the {name}", mask
    for axis, numbers in enumerate(table.T):
        for index in np.unique(numbers):
            yield f"at index {index} of axis {axis} of the {name}", numbers == index
        for index in np.unique(numbers)[1:]:
            yield f"from index {index} on along axis {axis} of the {name}", numbers >= index
            yield f"before index {index} along axis {axis} of the {name}", numbers < index
