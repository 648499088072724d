"""Where somebody comes from: an address and a kind of program, in as few words as recognize it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

# The first word found names it; order matters, because browsers name each other.
PROGRAMS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "Python"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
NEIGHBORHOOD = 64  # bits: an IPv6 customer holds at least that many addresses, so they count as one


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sign-in comes from: an address ('' when unknown) and what `shortened` says of the program."""

    address: str = ""
    agent: str = ""

    @property
    def neighborhood(self) -> str:
        """Return by what guesses are counted: the IPv4 address, or the first 64 bits of the IPv6 one."""
        if not self.address:
            return ""
        found = ip_address(self.address)
        if isinstance(found, IPv6Address):
            return f"{IPv6Address(int(found) >> 128 - NEIGHBORHOOD << 128 - NEIGHBORHOOD)}/{NEIGHBORHOOD}"
        return str(found)


def origin(*, address: str, agent: str) -> Origin:
    """Return where somebody comes from; what is no address counts as unknown."""
    try:
        found = ip_address(address)
    except ValueError:
        return Origin("", shortened(agent))
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return Origin(str(mapped or found).partition("%")[0], shortened(agent))


def shortened(agent: str) -> str:
    """Return a User-Agent as "Firefox on Windows": enough to recognize a device, too little to tell it from others."""
    program = next((name for mark, name in PROGRAMS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " on ".join(each for each in (program, system) if each)
