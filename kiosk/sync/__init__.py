"""Keeping in step with the central library: protocol codecs, connectors, and the push and pull over them."""
