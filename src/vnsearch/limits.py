"""How much is taken of what comes from outside; beyond that there is a clear error.  `docs/limits.md` has the table."""

QUERY_CHARS = 20_000  # of a query, or of what is completed
QUERY_WORDS = 256  # of a whole query; each costs a look-up
RANGE_WORDS = 8  # for so many of them counts a word that stands for others: a prefix, a fuzzy word
FILTER_VALUES = 10_000  # names in one filter
DATE_CHARS = 200  # of a date that is typed
ARTICLE_BYTES = 64 << 20  # of an article as JSON
EXTRA_LEVELS = 64  # of an article's `extra`: reading it again takes as much of the caller's stack
MESSAGE_CHARS = 2_000  # of an error's message, about
MANIFEST_BYTES = 64 << 20
STORED_BYTES = 1 << 30  # of the articles that are packed together, once they are unpacked
RECORD_BYTES = 64 << 20  # of a record or a page that is read
PAGE_ATTRIBUTES = 1_000  # of one element of a page
ERRORS_KEPT = 10_000  # of each kind, of what is read; more are counted
SHOWING_MS = 20  # of a search's time for what is shown of it, where finding took all
POINT_IN_TIME = "2m"  # for which a cluster keeps one; it is closed where its reader has seen enough
