"""`draw_graph`: a program as a picture, made by Matplotlib, as SVG, or in the language of Graphviz."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from html import escape
from typing import Any, Literal, NamedTuple

from autodiff.debug.layout import Layout, Point, lay_out
from autodiff.debug.listing import Listing, listed
from autodiff.errors import InputError, MissingPackageError
from autodiff.naming import named

#: How many operations a picture may have. Graphviz is left to decide for itself.
_MOST = 400
_LONGEST = 36  # of a line of text

# Nodes have a colour of their own, and dark text; lines are grey. So all can be read on white and on black.
_FILLS = {"argument": "#d8efd3", "forward": "#d9e8f7", "backward": "#fde2cc", "result": "#e9dcf5"}
_INK, _GREY = "#1b1f24", "#7d8894"
_SIZES = 15, 12  # of the first line of a node, and of the others, in pixels
_LINE, _MARGIN = 18, 10
_PER_INCH = 100  # pixels of the layout in a figure of Matplotlib, which has more of its own


class _Node(NamedTuple):
    kind: str  # a key of _FILLS
    lines: tuple[str, ...]
    hint: str

    @property
    def size(self) -> tuple[float, float]:
        """Width and height; letters of a fixed-width font are hardly more than 0.6 as wide as high."""
        first, *others = (0.61 * len(line) for line in self.lines)
        wide = max([first * _SIZES[0], *(other * _SIZES[1] for other in others)])
        return wide + 2 * _MARGIN, len(self.lines) * _LINE + 2 * _MARGIN


class _Graph(NamedTuple):
    nodes: list[_Node]
    edges: list[tuple[int, int]]

    def layout(self) -> Layout:
        """Return where everything is drawn."""
        if len(self.nodes) > _MOST:
            raise InputError(
                f"a picture of {len(self.nodes)} operations and arguments could not be read. Draw a smaller program: "
                "fewer rounds of its loops, one of its functions; or write it down by `print_trace`."
            )
        return lay_out([node.size for node in self.nodes], self.edges)


class Drawing(str):
    """A picture as SVG text, which notebooks show."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)


def draw_graph(
    fun: Callable[..., Any],
    *,
    format: Literal["matplotlib", "svg", "dot"] = "matplotlib",  # noqa: A002  # as others call it
) -> Callable[..., Any]:
    r"""Make a function that draws what `fun` does: its operations, and which results go where.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them, gradients included: ``draw_graph(grad(f))``.
    format : {"matplotlib", "svg", "dot"}
        What is made: a figure of Matplotlib, which must be installed; the text of an SVG picture; or a text in the
        language of Graphviz, for programs of that family.

    Returns
    -------
    callable
        With the arguments of `fun`; returns the figure, of which ``figure.savefig("graph.png")`` makes a file, or the
        text. Arguments are green, operations blue, those of a backward pass orange and dashed, the result is violet.
        Numbers are those of `trace_of`.

    Raises
    ------
    MissingPackageError
        When Matplotlib is needed and not installed.
    InputError
        When there are too many operations for a picture, or no such format.

    Examples
    --------
    >>> print(draw_graph(lambda x: x * x, format="dot")(3.0))
    digraph {
      node [shape=box, style="rounded,filled", fontname="monospace"];
      0 [label="0: x\nfloat", fillcolor="#d8efd3"];
      1 [label="1: mul %0, %0\nfloat\n<doctest ..., fillcolor="#d9e8f7"];
      2 [label="return\n%1", fillcolor="#e9dcf5"];
      0 -> 1;
      0 -> 1;
      1 -> 2;
    }
    """
    if format not in _FORMATS:
        raise InputError(f"draw_graph makes the formats {', '.join(map(repr, _FORMATS))}, not {format!r}.")

    @named("graph", fun)
    def drawing(*args: Any, **kwargs: Any) -> Any:
        return _FORMATS[format](_graph(listed(fun, args, kwargs)[0]))

    return drawing


def _graph(listing: Listing) -> _Graph:
    """Return the graph of a program. An operation with several results is one node."""
    nodes = [_Node("argument", (f"{number}: {name}", kind), "") for number, name, kind in listing.inputs]
    place = {number: number for number, _, _ in listing.inputs}
    edges = []
    for e in listing.equations:
        place |= dict.fromkeys(e.results, len(nodes))
        edges += [(place[source], len(nodes)) for source in e.sources]
        head = f"{', '.join(map(str, e.results))}: {e.name} {', '.join(e.operands)}"
        where = "" if e.place is None else str(e.place).partition(" in ")[0]
        lines = [line for line in (head, ", ".join(e.types), where, e.stage) if line]
        hint = f"{e.comment}: {e.place.source}" if e.place else e.comment
        nodes.append(_Node("backward" if e.stage else "forward", tuple(map(_shortened, lines)), hint))
    edges += [(place[number], len(nodes)) for number in dict.fromkeys(listing.returned)]
    nodes.append(_Node("result", ("return", _shortened(listing.outputs)), ""))
    return _Graph(nodes, edges)


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _dot(graph: _Graph) -> str:
    lines = ["digraph {", '  node [shape=box, style="rounded,filled", fontname="monospace"];']
    for number, node in enumerate(graph.nodes):
        label = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in node.lines)
        dashed = ', style="rounded,filled,dashed"' if node.kind == "backward" else ""
        lines.append(f'  {number} [label="{label}", fillcolor="{_FILLS[node.kind]}"{dashed}];')
    lines += [f"  {a} -> {b};" for a, b in graph.edges]
    return "\n".join([*lines, "}"])


def _curve(route: list[Point]) -> list[tuple[Point, Point, Point]]:
    """Return the Bézier curves of an edge: after the start of each, two control points and the end."""
    return [((a[0], (a[1] + b[1]) / 2), (b[0], (a[1] + b[1]) / 2), b) for a, b in itertools.pairwise(route)]


def _svg(graph: _Graph) -> Drawing:
    """Return a picture of plain shapes, all attributes with the element that they are for: any program can show it."""
    layout = graph.layout()
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    size = f'viewBox="{-_MARGIN} {-_MARGIN} {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="max-width: 100%; height: auto">']
    for route in layout.routes:
        x, y = route[0]
        curves = "".join("C" + " ".join(f"{x:.1f},{y:.1f}" for x, y in points) for points in _curve(route))
        parts.append(f'<path d="M{x:.1f},{y:.1f}{curves}" fill="none" stroke="{_GREY}" stroke-width="1.5"/>')
        x, y = route[-1]  # where every edge comes from above
        parts.append(f'<path d="M{x - 4:.1f},{y - 8:.1f}h8l-4,8z" fill="{_GREY}"/>')
    for node, (x, y) in zip(graph.nodes, layout.centres, strict=True):
        w, h = node.size
        dashed = ' stroke-dasharray="5 3"' if node.kind == "backward" else ""
        parts.append(
            f"<g>{f'<title>{escape(node.hint)}</title>' if node.hint else ''}"
            f'<rect x="{x - w / 2:.1f}" y="{y - h / 2:.1f}" width="{w:.1f}" height="{h:.1f}" rx="7" '
            f'fill="{_FILLS[node.kind]}" stroke="{_GREY}"{dashed}/>'
        )
        for i, line in enumerate(node.lines):
            base = y - h / 2 + _MARGIN + (i + 0.75) * _LINE
            parts.append(
                f'<text x="{x:.1f}" y="{base:.1f}" font-family="monospace" font-size="{_SIZES[i > 0]}" '
                f'text-anchor="middle" fill="{_INK}">{escape(line)}</text>'
            )
        parts.append("</g>")
    return Drawing("\n".join([*parts, "</svg>"]))


def _figure(graph: _Graph) -> Any:
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  # it need not be installed
        from matplotlib.patches import FancyArrowPatch, FancyBboxPatch  # noqa: PLC0415
        from matplotlib.path import Path  # noqa: PLC0415
    except ImportError as error:
        raise MissingPackageError(
            "draw_graph draws by Matplotlib, which is not installed. Install it by `pip install matplotlib`, or "
            'choose format="svg" or format="dot", which need nothing.'
        ) from error
    layout = graph.layout()
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    point = 72 / _PER_INCH
    figure = Figure(figsize=(width / _PER_INCH, height / _PER_INCH), dpi=150, facecolor="none")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(-_MARGIN, width - _MARGIN), ylim=(height - _MARGIN, -_MARGIN))
    axes.set_axis_off()
    for route in layout.routes:
        curves = _curve(route)
        path = Path([route[0], *sum(curves, ())], [Path.MOVETO] + [Path.CURVE4] * (3 * len(curves)))
        axes.add_patch(
            FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=12 * point, color=_GREY, linewidth=1.5 * point)
        )
    for node, (x, y) in zip(graph.nodes, layout.centres, strict=True):
        w, h = node.size
        line = "--" if node.kind == "backward" else "-"
        look: Any = {"facecolor": _FILLS[node.kind], "edgecolor": _GREY, "linewidth": point, "linestyle": line}
        box = FancyBboxPatch((x - w / 2, y - h / 2), w, h, boxstyle="round,pad=0,rounding_size=7", **look)
        axes.add_patch(box)
        font: Any = {"ha": "center", "va": "center", "family": "monospace", "color": _INK}
        for i, text in enumerate(node.lines):
            base = y - h / 2 + _MARGIN + (i + 0.5) * _LINE
            axes.text(x, base, text.replace("$", r"\$"), size=_SIZES[i > 0] * point, **font)
    return figure


_FORMATS: dict[str, Callable[[_Graph], Any]] = {"matplotlib": _figure, "svg": _svg, "dot": _dot}
