"""Corpora by name: the catalogue, how they are fetched and what they become."""
