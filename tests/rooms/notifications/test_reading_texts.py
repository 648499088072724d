"""Who reads what was said in texts (SMS-43, table 1.9)."""

from __future__ import annotations

import pytest

from casemgmt.accounts.roles import Role
from notifications.models import InboundText
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from tests.factories import notifications as make


@pytest.fixture
def text(ada) -> InboundText:
    make.arrives(ada.number, "my sister came by")
    process_inbox()
    return InboundText.objects.get()


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR, Role.PRIVACY_OFFICER])
def test_these_read_the_words(cast, api, text, role) -> None:
    shown = api(cast.at_north[role]).get(f"inbound-texts/{text.id}/").json()

    assert (shown["body"], shown["understood_as"]) == ("my sister came by", "unparsed")


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER])
def test_these_learn_that_a_text_came_and_not_what_it_says(cast, api, text, role) -> None:
    shown = api(cast.at_north[role]).get(f"inbound-texts/{text.id}/").json()

    assert shown["id"] == str(text.id)
    assert not {"body", "unknown_sender"} & set(shown)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.INTAKE])
def test_these_see_nothing(cast, api, text, role) -> None:
    assert api(cast.at_north[role]).get("inbound-texts/").json()["results"] == []


def test_another_organization_does_not_see_the_text_of_a_shared_number(cast, api, ada, north) -> None:
    make.texted(north, phone=ada.number)
    make.arrives(ada.number, "hello")
    process_inbox()

    assert len(api(cast.case_manager).get("inbound-texts/").json()["results"]) == 1
    assert api(cast.outsider).get("inbound-texts/").json()["results"] == []


def test_a_list_of_messages_shows_neither_words_nor_numbers(cast, api, ada, gateway) -> None:
    message = make.message(ada)
    drain(gateway=gateway)

    answer = api(cast.case_manager).get(f"messages/?client={ada.client.id}&status=sent")

    (row,) = answer.json()["results"]
    assert (row["id"], row["template_version"]) == (str(message.id), "checkin.en.1")
    assert ada.number[1:] not in answer.content.decode()
    assert "How are you" not in answer.content.decode()


def test_a_number_stands_in_one_row_and_in_no_log(ada, gateway, caplog, django_db_blocker) -> None:
    """House 4.6: after everything was sent and answered, the number is only where it belongs."""
    from django.apps import apps

    make.message(ada)
    drain(gateway=gateway)
    make.arrives(ada.number, "3")
    process_inbox()

    holding = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.get_internal_type() in ("CharField", "TextField", "JSONField")
        and any(ada.number in str(value) for value in model.objects.values_list(field.name, flat=True))
    ]
    assert holding == ["ContactPoint.value"]
    assert ada.number not in caplog.text
