"""The names of facts: single texts about the whole state, see facts.py."""

# What was last applied to everything, mostly as a digest: where it differs now, it is applied again.
ARCHIVE_FORMATS = "archive formats"  # JSON list: formats that all sealed pages have
CALLBACKS = "callbacks"  # server.public_url, as hubs were told
EXTRA_FEEDS = "extra"  # the config's extra feeds, as published
HEALTH_FEED = "health"  # the health feed, as published
INDEXES = "indexes"  # the index page, index.json and the OPML files, as published
LINKED_CATEGORIES = "linked"  # ids of categories with a feed, a line each: pages link to them
PLACEMENT_SETTINGS = "placing"  # what entries were placed and decided with
RENDER_VERSION = "render version"  # a digest of times of files, and the version that was computed of them
RENDERING_SETTINGS = "rendering"  # what feeds and pages were rendered with
RULES_OF_DROPPED = "rules of what was dropped"  # the cleaning version that sightings without content were outdated by
SOURCE_PAGES = "source pages"  # JSON: source id → digest of what its page says of it beside its entries
SIGNATURE_SETTINGS = "signatures"  # what signatures were made with
TAKEDOWN_SETTINGS = "takedown"  # how withdrawals were told

# What was decided, or waits.
EXPOSED_REPORTED = "told of hidden"  # JSON list: sources whose exposed secrets were reported
FEED_RULE_TOLD = "feed rule"  # "yes" once a run said which rule made how many feeds
FEEDS_THAT_LACK = "lacking"  # ids of feeds whose listing has omissions, a line each
HIDDEN_KINDS = "hidden"  # JSON: source id → digest of the kinds of secrets that stored entries were cleaned of
LAST_PRUNED_AT = "pruned"  # ISO 8601
MERGER = "merger"  # the token of the job that merges or publishes, where there are many workers
PUBLISHED_BEFORE = "published with a variable"  # JSON list: sources published before variables kept them back
RECOVERED_AT = "recalls"  # ISO 8601; "" where the state was never rebuilt from the published tree
REMOVAL_SALT = "removal salt"  # of the digests in removed.json
NOTHING_TO_DO = "nothing to do"  # JSON: when a run would find nothing to do (aggregator/one_shot/idle_run.py)
REPAIRS = "repaired"  # JSON list of problems that a command repaired beside a run: the next run reports them
REVISION = "revision"  # the number of transactions that changed the state
TREE_SHOWS = "tree"  # the number of the newest override that the tree of many workers shows; "" where it is behind
REPUBLISH_POLICIES = "republish"  # JSON: source id → `republish`, where that is not full
SOURCES_TO_DECIDE = "shown otherwise"  # ids of sources whose entries have to be decided again, a line each
