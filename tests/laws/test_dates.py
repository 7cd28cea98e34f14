"""Laws of dates: what a layout writes is read back, and no text raises."""

from datetime import UTC, datetime, timedelta
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.text.dates import DateReader
from aggregator.text.dates.reading import Order
from aggregator.text.dates.text_reader import read_text
from tests.support.date_layouts import EAST, Layout, layouts

LAYOUTS = tuple(layouts())
ORDERS: dict[str, Order] = {"day": "day", "month": "month", "": ""}


def read_back(layout: Layout, moment: datetime) -> datetime | None:
    """What was written, read with the order of the layout, on the writer's clock."""
    reading = read_text(layout.format(moment))
    if reading is None:
        return None
    if layout.has_zone:
        assert reading.zone is not None, layout
    read = reading.instant(ORDERS[layout.order], UTC)
    return read.replace(tzinfo=None) + (EAST if layout.has_zone else timedelta(0)) if read else None


def test_every_layout_is_read_back() -> None:
    moments = cycle((datetime(2025, 1, 25, 15, 4, 9), datetime(2025, 9, 5, 3, 14, 59)))  # noqa: DTZ001
    assert len(LAYOUTS) > 3000
    pairs = zip(LAYOUTS, moments, strict=False)
    lost = [one.format(moment) for one, moment in pairs if read_back(one, moment) != one.kept(moment)]
    assert lost == []


@pytest.mark.portions(3)
@given(st.sampled_from(LAYOUTS), st.datetimes(datetime(1970, 1, 1), datetime(2049, 12, 31)))  # noqa: DTZ001
@settings(max_examples=100)
def test_any_moment_is_read_back(layout: Layout, moment: datetime) -> None:
    assert read_back(layout, moment) == layout.kept(moment.replace(microsecond=0))


@pytest.mark.portions(3)
@given(
    st.text(max_size=60) | st.text(st.sampled_from("0123456789-:/., TZ+GMTOctFriam月年日午後()[]\0DMAP"), max_size=40)
)
@settings(max_examples=100)
def test_any_text_is_a_date_or_none(text: str) -> None:
    reader = DateReader([[text]])
    moment = reader.read(text)
    assert moment is None or moment.utcoffset() == timedelta(0)
    assert bool(reader.faults([text])) >= (moment is None and bool(text))
