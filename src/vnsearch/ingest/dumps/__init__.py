"""A file of many records -> the records, one by one, and what their keys mean."""
