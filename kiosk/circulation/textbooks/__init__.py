"""Textbook days: what a class's set has room for, who gets which copy, and the pages on which that is done."""
