"""Documents on paper, as PDF: class sheets, coverage, stock, debts, clearance, cards, labels.

A document is a function from facts (circulation/sheets.py) and words to a file's bytes. paper.py draws, table.py breaks
a table into pages, form.py has a page's head and foot, saving.py writes a file whole or not at all.
"""
