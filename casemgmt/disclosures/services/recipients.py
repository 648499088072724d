"""Whether an organization is what somebody says it is. Inner."""

from __future__ import annotations

from uuid import UUID

from casemgmt.accounts.models import HipaaStatus, Organization
from casemgmt.consent.elements import UNDER_HIPAA
from casemgmt.consent.packets import SERVICES
from casemgmt.kernel.errors import Invalid


def require_recipient(organization_id: UUID, recipient_class: str) -> None:
    """Raise Invalid unless an organization of the directory may be told as one of this class.

    A class can stand in for a name in a consent, so it is not the speaker's to choose: an organization with programs
    is what its programs are, and no residence becomes a treating provider by being called one (P2-22). One without any
    program is taken at the speaker's word, but as a provider, plan or payer only if HIPAA binds it.
    """
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is None:
        raise Invalid(fields={"recipient": ["The recipient must be an organization of the directory."]})
    kinds = organization.programs.order_by().values_list("kind", flat=True).distinct()
    shown = {SERVICES[kind].recipient_class for kind in kinds}
    bound = organization.hipaa_status in (HipaaStatus.COVERED_ENTITY, HipaaStatus.BUSINESS_ASSOCIATE)
    fits = recipient_class in shown if shown else bound or recipient_class not in UNDER_HIPAA
    if not fits:
        raise Invalid(fields={"recipient_class": ["The directory does not show this organization as one of these."]})
