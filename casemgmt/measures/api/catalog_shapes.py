"""Shapes of the catalog: instruments, their licenses and their wording."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.measures.models import InstrumentLicenseAcceptance, InstrumentText
from casemgmt.measures.words import InstrumentCode

from .serializers import LANGUAGE


class InstrumentsIn(StrictSerializer):
    """In which language the items should be worded."""

    language = serializers.RegexField(LANGUAGE, required=False, default="en")


class LicenseAcceptanceIn(StrictSerializer):
    """Which terms are accepted: those that the catalog shows under this hash."""

    instrument = serializers.ChoiceField(choices=InstrumentCode.choices)
    terms_hash = serializers.RegexField(r"^[0-9a-f]{64}$")


class LicenseAcceptanceOut(serializers.ModelSerializer[InstrumentLicenseAcceptance]):
    """An accepted license."""

    class Meta:
        model = InstrumentLicenseAcceptance
        fields = ("instrument", "holder", "terms_hash", "organization_id", "accepted_by_id", "at")


class InstrumentTextIn(StrictSerializer):
    """The wording of every item in one language, by item number, and what introduces them."""

    instrument = serializers.ChoiceField(choices=InstrumentCode.choices)
    language = serializers.RegexField(LANGUAGE)
    stem = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    texts = serializers.DictField(child=serializers.CharField(max_length=1000), allow_empty=False)


class InstrumentTextOut(serializers.ModelSerializer[InstrumentText]):
    """A loaded wording."""

    texts = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = InstrumentText
        fields = ("instrument", "version", "language", "stem", "texts", "organization_id", "loaded_by_id", "at")


class ItemOut(serializers.Serializer[Any]):
    """One item. `text` is null where the wording does not ship; `options` begin at `low`."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    text = serializers.CharField(allow_null=True)
    options = serializers.ListField(child=serializers.CharField())
    scored = serializers.BooleanField()
    optional = serializers.BooleanField()


class LicenseOut(serializers.Serializer[Any]):
    """What the owner of the wording allows. `terms_hash` names these terms when they are accepted."""

    holder = serializers.CharField()
    notice = serializers.CharField()
    text_may_ship = serializers.BooleanField()
    terms_hash = serializers.CharField()


class BandOut(serializers.Serializer[Any]):
    """One range of a scale, both ends included."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()


class FlagOut(serializers.Serializer[Any]):
    """Something a reader must not miss."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    risk = serializers.BooleanField()


class InstrumentOut(serializers.Serializer[Any]):
    """One instrument: its items, the ranges of its scales, its flags and its license.

    `text_language` says in which language the items are worded, '' where there are labels only. `license_accepted_at`
    is when your organization accepted the terms shown here.
    """

    code = serializers.ChoiceField(choices=InstrumentCode.choices, source="instrument.code")
    version = serializers.CharField(source="instrument.version")
    name = serializers.CharField(source="instrument.name")
    stem = serializers.CharField(source="instrument.stem", allow_null=True)
    items = ItemOut(many=True, source="instrument.items")
    bands = serializers.DictField(child=BandOut(many=True), source="instrument.bands")
    flags = FlagOut(many=True, source="instrument.flags")
    asks_sex = serializers.BooleanField(source="instrument.asks_sex")
    license = LicenseOut(source="instrument.license")
    text_language = serializers.CharField(allow_blank=True)
    license_accepted_at = serializers.DateTimeField(source="accepted_at", allow_null=True)


class InstrumentsOut(serializers.Serializer[Any]):
    """The whole catalog; it is short and comes on one page."""

    results = InstrumentOut(many=True)
