"""What the fuzzer checks beyond the description, loaded by Schemathesis through SCHEMATHESIS_HOOKS (S5)."""

from __future__ import annotations

from typing import Any

import schemathesis

MOST = 1_000_000  # bytes of one answer


@schemathesis.check
def answer_is_small(ctx: Any, response: Any, case: Any) -> None:
    """Raise AssertionError for an answer over a megabyte."""
    size = len(response.content)
    assert size <= MOST, f"The answer has {size:,} bytes, more than {MOST:,}."
