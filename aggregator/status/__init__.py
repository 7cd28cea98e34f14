"""How the sources are: what ails them, in plain words and with a way out; what befell them, each thing told once.

`noting` finds out, when a batch was settled, what is to be told; `bulletin` is what the world may read of it; `survey`
answers a keeper who asks. Nothing is imported here: who settles need not load what renders.
"""
