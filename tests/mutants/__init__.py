"""Taking away, one by one, what permits, filters and walls: something must turn red each time (S2).

`make mutants`, or `python -m tests.mutants --only casemgmt/access`. What stays green is printed: a survivor is a line
that no test would miss. Lines that do nothing to be missed stand in `equivalent.txt`, each with its reason.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgmt.settings.test")  # before anything of ours is imported
