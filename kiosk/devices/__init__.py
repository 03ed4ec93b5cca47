"""Scanners, card readers and the clock: each gives the desk what it read."""
