"""Who hears of a fact, and when. The whole wiring between rooms, on one page.

`now`: in the transaction that made the fact; rows only, a handful of queries. If it fails, the fact did not happen.
`soon`: by the relay, after commit, repeated until it works. A topic without a line is a start-up error: `Route()` says
that somebody decided that nobody needs to hear it.
"""

from casemgmt.outbox.routing import Route

SILENT = Route()

ROUTES: dict[str, Route] = {
    "client.recorded": SILENT,
    "client.changed": SILENT,
    "client.contact_added": SILENT,
    "client.contact_ended": SILENT,
    "client.died": SILENT,
    "episode.*": SILENT,
}
