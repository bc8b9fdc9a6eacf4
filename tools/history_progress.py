"""What an import shows while it runs, on standard error, and what it says in the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from tools.history import Watch
from tools.history_checkpoint import Counts


@contextmanager
def shown(file: Path) -> Iterator[Watch]:
    """A bar for the file, and one for the profiles that are rebuilt if any are; what is wrong stands above them."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    size = file.stat().st_size if file.is_file() else None
    with Progress(*columns, console=console) as progress:
        reading = progress.add_task("0 answers", total=size)
        rebuilding = progress.add_task("rebuilding", total=None, visible=False)

        def read(offset: int, counts: Counts) -> None:
            progress.update(reading, completed=offset, description=f"{counts.answers:,} answers")

        def rebuilt(done: int, total: int) -> None:
            said = f"{done:,} of {total:,} profiles rebuilt"
            progress.update(rebuilding, completed=done, total=total, description=said, visible=True)

        yield Watch(lambda line: console.print(line, markup=False, soft_wrap=True), read, rebuilt)


def summary(file: Path, counts: Counts, *, dry_run: bool) -> str:
    """What became of a file, in a line."""
    if dry_run:
        parts = [f"{counts.accepted} answers can be counted", f"{counts.invalid} cannot"]
    else:
        kinds = {
            "accepted": counts.accepted,
            "duplicate": counts.duplicate,
            "conflict": counts.conflict,
            "invalid": counts.invalid,
        }
        parts = [f"{count} {kind}" for kind, count in kinds.items()]
        parts.append(f"{counts.rebuilt} profiles rebuilt")
    return f"{file.name}: {counts.lines} lines, {counts.wrong} wrong; {', '.join(parts)}"
