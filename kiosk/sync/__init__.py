"""Agreeing with the central library: connectors to it, and the push and pull that run over them."""
