"""The third verb: what the store holds becomes the tree.

    arranging ─▶ selecting ─▶ presses ─▶ portion ─▶ the disk        publisher leads through it
                     ▲           ▲
      archiving ─▶ sealing    reusing

`arranging`: which feeds there are, and which of them are dirty. `selecting`: which entries stand in each, as rows
have it. `archiving`: which entries of each were never sealed, and which archives must begin anew; `sealing`: pages of
those that are full. `presses`: entries and feeds as bytes, through the gate, in two processes where that pays;
`reusing`: those that stand in the tree already. `portion`: files that go to the disk together. `exporting` and
`sharing` say what else is written: feeds as posts, the list of sources.
"""
