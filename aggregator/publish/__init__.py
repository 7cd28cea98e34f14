"""Stage 3: renders the store's entries into the published tree. `publish.publish` is the entry function.

    feed_plans ─▶ select ─▶ documents ─▶ write_batch ─▶ tree_writer ─▶ output_tree
                    ▲           ▲
    archive_state ─▶ archive_pages    rendered_entries

`feed_publisher` goes this way with the feeds. `feed_plans` decides which feeds there are and which are dirty;
`feed_quota` limits how many feeds upstream terms may create. `select` finds the entries of each feed, `entry_reader`
reads them. `archive_state` decides which entries wait for a sealed page and which archives restart, by the digests of
`archive_settings`; `archive_pages` seals full pages, `later_formats` completes them after a format was added, and
`feed_formats` says which formats there are.
`rendered_entries` has each entry in every format: kept from the last time, unless it is shown otherwise now or
another version of what renders is here (`render_version`). `documents` renders and validates feeds. `write_batch`
collects files that are written together, `tree_writer` records them in the state, `output_tree` replaces them,
`intact_files` finds damaged ones. `entry_pages`, `health_feed`, `indexes`, `posts_export` and `subscriptions_opml`
make the other files.
"""
