"""Measurements of DESIGN.md 9's budgets: ratios within one run, printed, never asserted."""
