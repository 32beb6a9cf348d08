"""A text typed -> a plan of what to look for; no files, no arrays."""
