"""What we say in a text: versioned templates, filled by named slots, and the linter every rendered text must pass."""

from .linter import lint
from .rendering import Rendered, WordingError, fill_in, render
from .templates import OWN, Key, Language, Template, named

__all__ = ["OWN", "Key", "Language", "Rendered", "Template", "WordingError", "fill_in", "lint", "named", "render"]
