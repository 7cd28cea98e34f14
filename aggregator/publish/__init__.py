"""Stage 3: what the store holds becomes the published tree. `publish.publish` is the entry function.

    feed_plans ─▶ select ─▶ documents ─▶ write_batch ─▶ output_tree
                    ▲           ▲
    archive_state ─▶ archive_pages    unchanged_entries

`feed_plans` tells which feeds there are and which are dirty; `feed_quota` limits those that upstream terms found.
`select` finds the entries of each feed. `archive_state` tells which entries wait for a sealed page and which archives
begin anew; `archive_pages` seals full pages. `documents` renders feeds and validates them; `render_pool` shares work
with a second process (`render_process`); `unchanged_entries` takes entries from the tree where they did not change.
`write_batch` collects files that are written together, `output_tree` replaces them, `intact_files` finds damaged ones.
`posts_export`, `subscriptions_opml` and `health_feed` make the other files.
"""
