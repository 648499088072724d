"""The catalog over HTTP: what can be asked, under which license, in which words. It holds nothing of any client."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.views import ApiView
from casemgmt.measures.texts import NewText, accept_license, catalog_of, load_text

from . import catalog_shapes as shapes


class InstrumentsView(ApiView):
    """GET: the catalog as the actor's organization sees it."""

    audit_action = "measure_instrument"

    @extend_schema(
        operation_id="measures_instruments", parameters=[shapes.InstrumentsIn], responses=shapes.InstrumentsOut
    )
    def get(self, request: Request) -> Response:
        """Tell which instruments there are, with items, ranges, flags and licenses."""
        language = self.asked(shapes.InstrumentsIn)["language"]
        shown = catalog_of(organization_id=self.actor.organization_id, language=language)
        return Response(shapes.InstrumentsOut({"results": shown}).data)


class LicenseAcceptancesView(ApiView):
    """POST: accept the terms of an instrument for one's organization."""

    audit_action = "measure_instrument"

    @extend_schema(
        operation_id="measures_license_accept",
        request=shapes.LicenseAcceptanceIn,
        responses={201: shapes.LicenseAcceptanceOut},
    )
    def post(self, request: Request) -> Response:
        """Accept the terms as they were read; the same terms once."""
        row = accept_license(**self.given(shapes.LicenseAcceptanceIn), actor=self.actor)
        return Response(shapes.LicenseAcceptanceOut(row).data, status=201)


class TextsView(ApiView):
    """POST: load the wording of an instrument for one's organization."""

    audit_action = "measure_instrument"

    @extend_schema(
        operation_id="measures_text_load", request=shapes.InstrumentTextIn, responses={201: shapes.InstrumentTextOut}
    )
    def post(self, request: Request) -> Response:
        """Load a text for every item; it takes the place of what was loaded before."""
        row = load_text(new=NewText(**self.given(shapes.InstrumentTextIn)), actor=self.actor)
        return Response(shapes.InstrumentTextOut(row).data, status=201)
