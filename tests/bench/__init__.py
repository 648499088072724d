"""How fast the hot paths are, beside the limit and beside an ordinary build of the same (docs/performance.md).

Not a part of the product, and not under its rules: `stock` knows no visibility, no audit and no walls, `limit` no
framework. `python -m tests.bench` measures; the suite only proves that it runs.
"""
