"""The accounting of disclosures on paper: text set in Courier, so that what is read out of it is what stands in it."""

from __future__ import annotations

import io
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pydyf

WIDTH, HEIGHT, MARGIN = 612, 792, 54  # US letter, in points
SIZE, LEADING = 9, 12
COLUMNS = int((WIDTH - 2 * MARGIN) / (SIZE * 0.6))  # a character of Courier is 0.6 of its size wide
LINES = (HEIGHT - 2 * MARGIN) // LEADING - 2  # the last two: a blank and the page's number
ENCODING = "cp1252"  # what PDF calls WinAnsiEncoding
REPLACED = "Some letters of names cannot be shown here and stand as '?'; the electronic accounting has them all."


def accounting_pdf(report: Mapping[str, Any]) -> bytes:
    """Return a report of `report.report_of` as a PDF: who, what left, on what ground, and the notice (P2-30, P2-56)."""
    lines = [line for paragraph in _paragraphs(report) for line in _wrapped(paragraph)]
    shown = [_shown(line) for line in lines]
    if any(new.count("?") > old.count("?") for old, new in zip(lines, shown, strict=True)):
        shown += ["", *_wrapped(REPLACED)]
    return _document([shown[start : start + LINES] for start in range(0, len(shown), LINES)])


def _paragraphs(report: Mapping[str, Any]) -> Iterator[str]:
    yield "ACCOUNTING OF DISCLOSURES"
    yield ""
    yield f"Organization: {report['organization']}"
    yield f"Client: {report['client']}"
    yield f"Asked by: {report['asked_by']}, on {_day(report['received_at'])}"
    yield f"Made with consent: from {_day(report['consent_from'])}. Others: from {_day(report['others_from'])}."
    yield f"Until: {_moment(report['until'])}. Times are those of {report['timezone']}."
    yield f"Basis: {report['basis']}"
    yield ""
    rows: Sequence[Mapping[str, Any]] = report["disclosures"]
    yield f"{len(rows)} disclosure{'' if len(rows) == 1 else 's'} in this period."
    for number, row in enumerate(rows, start=1):
        yield ""
        yield f"{number}. {_moment(row['at'])}"
        yield f"To: {row['recipient']}" + (f", {row['address']}" if row["address"] else "")
        yield f"What: {row['description']}"
        yield f"Information: {', '.join(word.replace('_', ' ') for word in row['categories'])}"
        yield f"Purpose: {_plain(row['purpose'])}. Basis: {_plain(row['basis'])}. Way: {_plain(row['method'])}."
        if row.get("nature"):
            yield f"Emergency: {row['nature']}"
    yield ""
    yield f"NOTICE (42 CFR 2.32, statement {report['notice']['statement']}, {report['notice']['version']})"
    yield str(report["notice"]["text"])
    yield f"Security labels: {', '.join(report['labels'])}"


def _day(moment: str) -> str:
    return moment[:10]


def _moment(moment: str) -> str:
    return f"{moment[:16].replace('T', ' ')} (UTC{moment[-6:]})"


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _wrapped(paragraph: str) -> list[str]:
    return textwrap.wrap(paragraph, COLUMNS, break_on_hyphens=False) or [""]


def _shown(line: str) -> str:
    """Return a line in letters that the font has: as they are, without their marks, or as `?`."""
    return "".join(_letter(each) for each in line)


def _letter(letter: str) -> str:
    if not letter.isprintable():
        return " "
    for form in (letter, unicodedata.normalize("NFKD", letter)[:1]):
        try:
            form.encode(ENCODING)
        except UnicodeEncodeError:
            continue
        return form
    return "?"


def _document(pages: Sequence[Sequence[str]]) -> bytes:
    document = pydyf.PDF()
    font = pydyf.Dictionary(
        {"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Courier", "Encoding": "/WinAnsiEncoding"}
    )
    document.add_object(font)
    for number, lines in enumerate(pages, start=1):
        foot = [""] * (LINES - len(lines) + 1) + [f"Page {number} of {len(pages)}"]
        stream = pydyf.Stream([_page([*lines, *foot])])
        document.add_object(stream)
        page = {
            "Type": "/Page",
            "Parent": document.pages.reference,
            "MediaBox": pydyf.Array([0, 0, WIDTH, HEIGHT]),
            "Contents": stream.reference,
            "Resources": pydyf.Dictionary({"Font": pydyf.Dictionary({"F1": font.reference})}),
        }
        document.add_page(pydyf.Dictionary(page))
    document.info["Title"] = pydyf.String("Accounting of disclosures")
    written = io.BytesIO()
    document.write(written)
    return written.getvalue()


def _page(lines: Sequence[str]) -> bytes:
    head = f"BT /F1 {SIZE} Tf {LEADING} TL {MARGIN} {HEIGHT - MARGIN} Td".encode()
    return b"\n".join([head, *(b"(" + _escaped(line) + b") Tj T*" for line in lines), b"ET"])


def _escaped(line: str) -> bytes:
    """Return a line as the inside of a PDF string: parentheses and the backslash are told from the string's own."""
    bare = line.encode(ENCODING)
    return bare.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
