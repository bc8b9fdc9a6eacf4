"""The parsers of Markdown, made with the first text that is read: most requests read none, and start sooner for it."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


@cache
def commonmark() -> "MarkdownIt":
    """Blocks, and what stands in them."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


@cache
def with_tables() -> "MarkdownIt":
    """The same, and tables."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


@cache
def blocks_alone() -> "MarkdownIt":
    """Blocks, with their text as it is written."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").disable("inline")
