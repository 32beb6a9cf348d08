"""Articles -> disk: the only place that knows how Whoosh stores things."""
