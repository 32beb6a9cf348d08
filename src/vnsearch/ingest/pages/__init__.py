"""A saved web page, or its text, -> title, lead, body, date, authors."""
