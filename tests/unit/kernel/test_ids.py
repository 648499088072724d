"""Ids are UUIDs of version 7 and keep the order in which a process made them."""

from casemgmt.kernel.ids import new_id


def test_ids_of_one_process_are_in_the_order_they_were_made() -> None:
    made = [new_id() for _ in range(2_000)]

    assert made == sorted(made)
    assert len(set(made)) == 2_000
    assert {(each.version, each.variant) for each in made} == {(7, "specified in RFC 4122")}
