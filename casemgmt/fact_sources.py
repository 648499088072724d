"""Who knows what about an episode: one function per room, each filling its own fields of `episodes.facts.Facts`."""

FACT_SOURCES = (
    "casemgmt.clients.facts.for_episode",
    "casemgmt.consent.facts.for_episode",
    "casemgmt.measures.facts.for_episode",
    "casemgmt.safety.facts.for_episode",
    "casemgmt.chart.facts.for_episode",
    "casemgmt.guidance.facts.for_episode",
    "programs.facts.for_episode",
    "casemgmt.sessions.facts.for_episode",
    "referrals.facts.for_episode",
    "notifications.facts.for_episode",
)
