"""What a feed or a post has and no feed may show is told: links, enclosures and pictures; once, and in `check`."""

from tests.commands.test_cli import aggregator
from tests.support.planet import NOON, Planet
from tests.support.simulation import Simulation, story


def test_a_run_tells_of_each_address_once(simulation: Simulation) -> None:
    enclosure = '<enclosure url="javascript:alert(1)" length="1" type="audio/mpeg"/>'
    odd = story("odd", 1, link="http://[bad")
    simulation.shows("blog", odd, story("picture", 2, description='<p>words <img src="ftp://x.example/a.png"></p>'))
    document = simulation.upstream.pages["/blog"][2].decode().replace("</item>", f"{enclosure}</item>", 1)
    simulation.serves("blog", document)
    simulation.run()
    why = "is left out, because it is no address that a feed may show"
    told = [
        f"About odd: its link {why}: http://[bad",
        f"About odd: its enclosure {why}: javascript:alert(1)",
        f"About picture: its <img> {why}: ftp://x.example/a.png",
    ]
    assert [problem.message for problem in simulation.report.problems] == told
    assert len(simulation.entries) == 2
    simulation.serves("blog", document + "<!-- -->")
    simulation.run()
    assert not simulation.report.problems


def test_many_unreadable_dates_end_with_their_number(simulation: Simulation) -> None:
    names = ["one", "two two", "three three three", "four-four", "five, five", "six/six", "seven.seven"]
    simulation.shows("blog", *(story(f"n{at}", pubDate=f"{name} 2026") for at, name in enumerate(names)))
    simulation.run()
    messages = [problem.message for problem in simulation.report.problems]
    assert messages[-1] == "… and 2 more dates that cannot be read"
    assert len(messages) == 6


def test_check_tells_of_pictures_that_a_post_lacks(planet: Planet) -> None:
    planet.config["posts"] = [{"path": "posts"}]
    planet.post("trip/index.md", "---\ntitle: Trip\ndate: 2026-11-01\n---\n![x](missing.png) and ![y](drawing.svg)\n")
    planet.post("trip/drawing.svg", "<svg/>")
    planet.run(NOON)
    done = aggregator(planet.root, "check", AGGREGATOR_NOW=NOON.isoformat())
    assert done.stdout.splitlines()[:2] == [
        "posts/trip/index.md: its <img> is left out, because it is no PNG, JPEG, GIF or WebP: drawing.svg",
        "posts/trip/missing.png: the picture of a post is missing",
    ]
    assert done.returncode == 1
