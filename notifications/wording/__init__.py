"""What we say in a text: versioned templates, filled by named slots, and the linter every rendered text must pass."""

from .linter import lint
from .rendering import Rendered, WordingError, render
from .templates import Key, Language

__all__ = ["Key", "Language", "Rendered", "WordingError", "lint", "render"]
