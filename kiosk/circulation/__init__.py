"""The lending rules: pure functions over frozen facts. No IO, no clock, no randomness."""
