"""Two small charts as SVG, drawn from figures alone: the same figures give the same bytes."""

from collections.abc import Sequence
from html import escape
from typing import Final

WIDTH, HEIGHT, MARGIN = 480, 160, 28
_HEAD: Final = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
    'role="img" font-family="sans-serif" font-size="11">'
)
_INK, _BAR = "#333", "#3b6ea5"


def bars(title: str, values: Sequence[tuple[str, int | None]]) -> str:
    """A bar for each value, with its number above; what may not be known is a gap."""
    most = max((value for _, value in values if value is not None), default=0) or 1
    step = (WIDTH - 2 * MARGIN) / max(1, len(values))
    room = HEIGHT - 2 * MARGIN
    parts = [_HEAD, f"<title>{escape(title)}</title>"]
    for place, (label, value) in enumerate(values):
        left, middle = MARGIN + place * step, MARGIN + (place + 0.5) * step
        if value is not None:
            height = room * value / most
            top = HEIGHT - MARGIN - height
            size = f'x="{left + step * 0.15:.1f}" y="{top:.1f}" width="{step * 0.7:.1f}" height="{height:.1f}"'
            parts.append(f'<rect {size} fill="{_BAR}"/>')
            parts.append(_text(middle, top - 4, str(value)))
        parts.append(_text(middle, HEIGHT - MARGIN + 14, label))
    return "".join([*parts, "</svg>"])


def agreement(title: str, points: Sequence[tuple[float, float]]) -> str:
    """What was expected (across) against what came (up), with the line on which both agree."""
    side = HEIGHT - 2 * MARGIN
    bottom, right = HEIGHT - MARGIN, MARGIN + side
    line = f'x1="{MARGIN}" y1="{bottom}" x2="{right}" y2="{MARGIN}"'
    parts = [_HEAD, f"<title>{escape(title)}</title>", f'<line {line} stroke="{_INK}" stroke-dasharray="3 3"/>']
    for expected, came in points:
        across, up = MARGIN + side * expected, bottom - side * came
        parts.append(f'<circle cx="{across:.1f}" cy="{up:.1f}" r="4" fill="{_BAR}"/>')
    parts += [_text(MARGIN, bottom + 14, "0"), _text(right, bottom + 14, "1")]
    return "".join([*parts, "</svg>"])


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" fill="{_INK}">{escape(text)}</text>'
