"""Files of any kind -> articles, with date, provinces and topics found in them; knows no index."""
