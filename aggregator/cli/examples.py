"""Examples of every command, shown at the end of its help: what to type, and what it does."""

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("aggregator init my-planet", "a config and a first post to begin with"),
        ("aggregator help source add", "what a command takes"),
    ),
    "init": (
        ("aggregator init my-planet", "in a new folder"),
        ("aggregator init my-planet --from config.ini", "with the sources of a Planet, a reader's OPML or an address"),
    ),
    "check": (
        ("aggregator check", "finds mistakes in config and posts"),
        ("aggregator check --online", "also asks each source once"),
    ),
    "import": (
        ("aggregator import feeds.opml --dry-run", "lists what it would add"),
        ("aggregator import ~/.newsboat/urls", "adds it to the config"),
    ),
    "export": (
        ("aggregator export feeds.opml", "writes a file"),
        ("aggregator export > feeds.opml", "the same through stdout"),
    ),
    "run": (
        ("aggregator run", "once; suits cron"),
        ("aggregator run --source my-blog", "asks this source now"),
    ),
    "regenerate": (
        ("aggregator regenerate", "all feeds and pages"),
        ("aggregator regenerate all --dry-run", "what would change in the feed all"),
    ),
    "daemon": (
        ("aggregator daemon --port 8000", "pulls, publishes and serves"),
        ("aggregator daemon --no-server", "leaves serving to another server"),
    ),
    "worker": (
        ("aggregator worker", "all that is to do"),
        ("aggregator worker --roles pull --port 8081", "pulls only, and shows /readyz and /metrics"),
    ),
    "serve": (
        ("aggregator serve", "at the address in the config"),
        ("aggregator serve --host 0.0.0.0 --port 80", "for the whole network"),
    ),
    "status": (
        ("aggregator status", "what needs a person"),
        ("aggregator status --json", "for programs"),
    ),
    "explain": (
        ('aggregator explain "a title"', "by a part of its title"),
        ("aggregator explain posts/hello.md", "by the path of a post"),
    ),
    "plan": (
        ("aggregator plan", "the config as it is now"),
        ("aggregator plan --config new.yaml", "another one in its place"),
    ),
    "source add": (
        ("aggregator source add example.org", "the feed that a page names"),
        ("aggregator source add example.org/feed --category News", "with a category for its entries"),
    ),
    "source list": (
        ("aggregator source list", "ids, states and addresses"),
        ("aggregator source list --json", "for programs"),
    ),
    "source remove": (
        ("aggregator source list", "shows the ids"),
        ("aggregator source remove my-blog", "its entries leave the feeds"),
    ),
    "source pause": (
        ("aggregator source pause my-blog", "no longer asks it; entries stay"),
        ("aggregator source resume my-blog", "asks it again"),
    ),
    "source resume": (
        ("aggregator source resume my-blog", "a source that is paused or gone"),
        ("aggregator run --source my-blog", "asks it now"),
    ),
    "source trust": (
        ("aggregator status", "names the evidence of sources that seem to be another site"),
        ("aggregator source trust my-blog", "publishes what was held"),
    ),
    "feed list": (
        ("aggregator feed list", "addresses, entries, and why each is there"),
        ("aggregator feed list --json", "for programs"),
    ),
    "feed forget": (
        ("aggregator feed forget --empty --dry-run", "shows which addresses would end"),
        ("aggregator feed forget old-tag", "ends one for good"),
    ),
    "feed redirects": (
        ("aggregator feed redirects", "old addresses and new ones"),
        ("aggregator feed redirects --for nginx > redirects.map", "lines for a map of nginx"),
    ),
    "entry approve": (
        ("aggregator entry approve", "lists all that waits, and asks"),
        ("aggregator entry approve --source my-blog", "all of one source"),
    ),
    "source rename": (
        ("aggregator source rename my-blog blog", "another id; entries keep theirs"),
        ("aggregator source rename posts notes", "also a folder of posts"),
    ),
    "source move": (
        ("aggregator source move my-blog https://new.example/feed", "the site has moved"),
        ("aggregator source move my-blog feed.xml", "a file instead"),
    ),
    "categories": (
        ("aggregator categories", "what arrives and where it goes"),
        ("aggregator categories --unmapped", "only what no rule maps"),
    ),
    "categories review": (
        ("aggregator categories review", "asks about each proposal"),
        ("aggregator categories review --write review.yaml", "writes them to a file to answer"),
    ),
    "categories apply": (
        ("aggregator categories review --write review.yaml", "first; answer it in an editor"),
        ("aggregator categories apply review.yaml", "adds what is accepted to the config"),
    ),
    "entry split": (
        ('aggregator explain "a title"', "shows the numbers of its sightings"),
        ('aggregator entry split "a title" 2', "makes the second one an entry"),
    ),
    "entry join": (
        ('aggregator entry join "a title" "another title"', "the first keeps its id"),
        ("aggregator entry join '#12' '#15'", "by numbers of `explain`"),
    ),
    "entry hold": (
        ('aggregator entry hold "a title"', "by a part of its title"),
        ("aggregator entry hold https://example.org/post", "by its link"),
    ),
    "entry release": (
        ("aggregator entry release --all", "all that are held automatically"),
        ('aggregator entry release "a title"', "this one"),
    ),
    "entry remove": (
        ("aggregator entry remove https://example.org/post", "with the next run"),
        ('aggregator entry remove "a title" --now', "published at once"),
    ),
    "entry restore": (
        ('aggregator entry restore "a title"', "undoes remove"),
        ("aggregator run", "publishes it"),
    ),
    "db upgrade": (
        ("aggregator db upgrade", "after a new version; keeps a copy"),
        ("aggregator -c my/config.yaml db upgrade", "of another planet"),
    ),
    "db check": (
        ("aggregator db check", "exits with 4 if there is damage"),
        ("aggregator db check --json", "for programs"),
    ),
    "db prune": (
        ("aggregator db prune --dry-run", "counts what it would drop"),
        ("aggregator db prune --formats", "deletes archive pages in formats that are no longer written"),
    ),
    "db backup": (
        ("aggregator db backup state.copy", "also during a run"),
        ("aggregator db backup /mnt/usb/state.db", "to another disk"),
    ),
    "db copy": (
        ("aggregator db copy .aggregator/state.db 'postgresql://${LOGIN}@db.example/planet'", "to many machines"),
        ("aggregator db copy 'postgresql://${LOGIN}@db.example/planet' state.db", "back to one"),
    ),
    "db recover": (
        ("aggregator db recover", "when the state was lost"),
        ("aggregator run", "then goes on where the tree ends"),
    ),
    "db clock": (
        ("aggregator db clock", "shows times in the future"),
        ("aggregator db clock --accept-now", "sets them to now"),
    ),
    "doctor": (
        ("aggregator doctor", "what is wrong, and what to do"),
        ("aggregator doctor --offline --json", "for a report of a fault, without network"),
    ),
    "help": (
        ("aggregator help", "all commands"),
        ("aggregator help source add", "one of them"),
    ),
    "version": (
        ("aggregator version", "of this program"),
        ("aggregator version --json", "also of Python"),
    ),
}
