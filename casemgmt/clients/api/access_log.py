"""Who looked at a client: the organization's own part of the audit trail, itself audited (HIP-02, F10)."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.access.models import Grant, Scope
from casemgmt.accounts.roles import Role
from casemgmt.api.paging import page
from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, PageIn
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from casemgmt.kernel.errors import NotPermitted, NotVisible

from .restricted import named
from .restricted_shapes import AccessOut

MAY_ASK = (Role.PRIVACY_OFFICER, Role.SUPERVISOR)


class AccessLogView(ApiView):
    """GET: who of the caller's organization saw or changed a client, newest first."""

    audit_action = "access_log"

    @extend_schema(operation_id="clients_access_log", parameters=[PageIn], responses=page_of(AccessOut))
    def get(self, request: Request, pk: UUID) -> Response:
        """List who looked; for privacy officers, also of restricted clients, and supervisors who see the client."""
        asked = self.asked(PageIn)
        organization_id = self.actor.organization_id
        if organization_id is None:
            raise NotPermitted()
        self._require_sight(pk, organization_id)
        rows = AuditEvent.objects.filter(client_ids__contains=[pk], organization_id=organization_id)
        told = named(rows, "actor_id")
        found, following = page(told, places=rows, ordering=("-id",), cursor=asked.get("cursor"), limit=asked["limit"])
        self.saw("access_log.listed", object_id=pk, client_ids=[pk])
        return Response({"results": AccessOut(found, many=True).data, "next": following})

    def _require_sight(self, client_id: UUID, organization_id: UUID) -> None:
        """Raise NotVisible for a client whom the organization does not care for, NotPermitted for other roles."""
        if self.actor.has_role(Role.PRIVACY_OFFICER):
            known = Grant.objects.filter(client_id=client_id, organization_id=organization_id, revoked_at__isnull=True)
            seen = known.filter(user_id__isnull=True).exclude(scope=Scope.PACKET).exists()
        else:
            seen = Client.objects.visible_to(self.actor).filter(pk=client_id).exists()
        if not seen:
            raise NotVisible()
        if not self.actor.has_role(*MAY_ASK):
            raise NotPermitted(who=sorted(MAY_ASK))
