"""An article found -> what of it is shown: title and extract with the words marked."""
