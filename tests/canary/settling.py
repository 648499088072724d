"""`python -m tests.canary.settling`: make the matrix's client in the stack's database; tell ids and keys as JSON."""

from __future__ import annotations

import json
import sys

PHONE = "+13165550107"  # of somebody who is texted at once; their family name is the argument


def main() -> None:
    """Print ids, keys (bearer tokens by the names of the matrix's columns), and what else the scenes ask for."""
    import django

    django.setup()
    from django.db import transaction

    from casemgmt.access.models import BreakGlass
    from casemgmt.accounts.models import User
    from casemgmt.accounts.services import issue_token
    from casemgmt.kernel import clock
    from programs.rules.kinds import Kind
    from tests import database
    from tests.cast import gather
    from tests.factories import notifications, programs
    from tests.matrix.world import actors, relate, settle
    from tests.web import Web

    database.arrange_as_machine()
    with transaction.atomic():  # as in the matrix's tests: one moment
        cast = gather()
        world = settle(cast, Web)
        found = actors(cast)
        relate(world)
        phone = notifications.texted(notifications.organization("West"), phone=PHONE, family_name=sys.argv[1])
        notifications.message(phone, due_at=clock.now())
        more = {
            "south_program": programs.program(cast.south, kind=Kind.THERAPY, capacity_total=0).id,
            "full_program": programs.program(cast.north, kind=Kind.AFTERCARE, capacity_total=0).id,
            "south": cast.south.id,
            "neighbor": BreakGlass.objects.get().client_id,
        }
        importer = User.objects.get(pk=cast.case_manager.id).email
        keys = {name: issue_token(actor=actor)[1] for name, actor in found.items()}
    told = {"ids": world.ids, "known": world.known, "peer": str(cast.peer.id), "keys": keys, "more": more}
    told |= {"importer": importer, "phone": PHONE, "now": clock.now()}
    json.dump(told, sys.stdout, default=str)


if __name__ == "__main__":
    main()
