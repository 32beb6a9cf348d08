"""A query -> hits: parse, plan, execute, present, a file for each."""
