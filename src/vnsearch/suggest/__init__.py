"""A text typed -> what was meant by it: diacritics restored, slips mended."""
