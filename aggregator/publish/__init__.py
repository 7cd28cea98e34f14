"""The third verb: what the store holds becomes the tree.

    arranging ─▶ selecting ─▶ presses ─▶ portion ─▶ the disk        publisher leads through it
                     ▲           ▲
      archiving ─▶ sealing     press ◀─ reusing

`arranging`: which feeds there are, and which of them are dirty. `selecting`: which entries stand in each, as rows
have it. `archiving`: which entries of each were never sealed, and which archives must begin anew; `sealing`: pages of
those that are full. `press`: entries and feeds as bytes, through the gate; `mate`: one in a process of its own;
`presses`: both at work, where that pays; `reusing`: entries that stand in the tree already. `portion`: files that go
to the disk together. `exporting` and `sharing` say what else is written: feeds as posts, the list of sources.
"""
