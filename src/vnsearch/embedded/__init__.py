"""The engine over an index in a folder: a plan -> articles."""
