"""The catalog: every instrument by its code. Adding one: docs/howto/add-an-instrument.md."""

from __future__ import annotations

from .audit_c import AUDIT_C
from .bam_r import BAM_R
from .barc10 import BARC10
from .cssrs import CSSRS
from .dast10 import DAST10
from .gad7 import GAD7
from .phq2 import PHQ2
from .phq9 import PHQ9
from .rulers import RULERS
from .shape import Instrument

CATALOG: dict[str, Instrument] = {
    each.code: each for each in (PHQ2, PHQ9, GAD7, BARC10, BAM_R, CSSRS, AUDIT_C, DAST10, *RULERS)
}
