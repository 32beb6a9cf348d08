"""Characters, tokens, words: pure functions on text; no I/O but for their data files, no Whoosh."""
