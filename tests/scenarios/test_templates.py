"""Two sources that fill in one template show two entries, also where each is new here."""

import pytest

from aggregator.explain import explain
from tests.support.corpus import DATA
from tests.support.planet import Planet, Upstream, rss
from tests.support.simulation import Item, Simulation, prose, story

WARNING = prose("strong winds and delays", 52)
NAMES = ("north", "south")


def shown(simulation: Simulation, *documents: list[Item]) -> int:
    """How many entries there are where each source shows one of these documents for the first time."""
    for name, items in zip(NAMES, documents, strict=True):
        simulation.shows(name, *items, home=f"https://{name}.example/")
    simulation.run()
    return len(simulation.entries)


def warning(name: str, host: str = "https://met.example", **more: str) -> Item:
    return story(f"warnings-{name}-7", host=host, title="Yellow warning: wind", description=WARNING) | more


def test_a_warning_for_each_region_is_an_entry_and_each_names_the_other(simulation: Simulation) -> None:
    assert shown(simulation, *([warning(name)] for name in NAMES)) == 2
    ids = [f"https://met.example/warnings-{name}-7" for name in NAMES]
    with simulation.planet.app(simulation.now) as app:
        for mine, other in (ids, reversed(ids)):
            [like] = explain(app, mine).also_like
            assert (like.id, like.score) == (other, 1.0)
            assert like.why.endswith("they are two pages of one site")


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(("host", "count"), [("{name}.example", 2), ("audio.example", 1)], ids=["its own", "one"])
def test_first_episodes_are_one_entry_where_their_audio_is_one(simulation: Simulation, host: str, count: int) -> None:
    for name in NAMES:
        link, home = f"https://{name}.example/1", f"https://{name}.example/"
        document = rss({"title": "Episode 1", "link": link, "guid": link, "description": WARNING}, link=home)
        audio = f'<enclosure url="https://{host.format(name=name)}/1.mp3" length="9" type="audio/mpeg"/>'
        simulation.serves(name, document.replace("</item>", f"{audio}</item>"))
    simulation.run()
    assert len(simulation.entries) == count


def test_short_notes_under_one_long_footer_are_as_many_entries(simulation: Simulation) -> None:
    footer = f"<p>{prose('notes of the library', 200)}</p>"

    def notes(name: str) -> list[Item]:
        host = f"https://{name}.example"
        texts = [f"<p>{prose(f'{name} {n}', 12)}</p>{footer}" for n in range(12)]
        return [story(f"note-{n}", host=host, title="A note", description=text) for n, text in enumerate(texts)]

    assert shown(simulation, *map(notes, NAMES)) == 24


@pytest.mark.torture
def test_what_a_source_repeated_before_weighs_nothing(simulation: Simulation) -> None:
    """A form with one line for what is new: a document of one entry shows no form, the entries before do."""
    form = prose("the form that all offices use", 160)

    def told(name: str, day: int) -> Item:
        text = f"<p>{prose(f'{name} {day}', 8)} {form}</p>"
        host = f"https://{name}.example"
        return story(f"form-{day}", age=7 - day, host=host, title="Report of the day", description=text)

    for day, name in enumerate(NAMES * 3):
        simulation.shows(name, told(name, day), home=f"https://{name}.example/")
        simulation.run()
    assert len(simulation.entries) == 5  # of the first two nobody could know it


@pytest.mark.torture
def test_what_was_joined_stays_joined_and_explain_says_that_it_would_be_two_today(simulation: Simulation) -> None:
    """Here the audio was added later; an upgrade of the program changes the rules in the same way."""
    for audio in ("", '<enclosure url="{link}.mp3" length="9" type="audio/mpeg"/>'):
        for name in NAMES:
            link, home = f"https://{name}.example/1", f"https://{name}.example/"
            document = rss({"title": "Episode 1", "link": link, "guid": link, "description": WARNING}, link=home)
            simulation.serves(name, document.replace("</item>", f"{audio.format(link=link)}</item>"))
        simulation.run()
    assert len(simulation.entries) == 1
    with simulation.planet.app(simulation.now) as app:
        first, second = explain(app, "Episode 1").sightings
    assert (first.apart_today, second.apart_today) == (None, "their enclosures differ")


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("pair", ["falsemerge-Berlin", "jobs", "weather"])
@pytest.mark.skipif(not (DATA / "reports").is_dir(), reason="the reported documents are not here")
def test_what_was_reported_to_be_merged_is_two_entries(planet: Planet, upstream: Upstream, pair: str) -> None:
    documents = [(DATA / "reports" / f"{pair}-{side}.xml").read_bytes() for side in "ab"]
    planet.config["sources"] = [
        {"url": upstream.serve(f"/{n}", document), "id": f"source-{n}"} for n, document in enumerate(documents)
    ]
    planet.run()
    assert len(planet.ids()) == sum(document.count(b"<item>") for document in documents)


def test_what_two_sources_carry_of_one_template_is_an_entry_each(simulation: Simulation) -> None:
    """Each warns of two regions, and of one of them both."""

    def region(name: str, place: str) -> Item:
        text = f"Strong winds are expected in {place} from noon. {WARNING}"
        return story(place, host=f"https://{name}.example", title=f"Wind warning for {place}", description=text)

    places = (("Kent", "Essex"), ("Kent", "Norfolk"))
    documents = [[region(name, place) for place in some] for name, some in zip(NAMES, places, strict=True)]
    assert shown(simulation, *documents) == 3
    assert sorted(simulation.titles) == [f"Wind warning for {place}" for place in ("Essex", "Kent", "Norfolk")]
