"""Jobs and submissions, one file a place that keeps them."""
