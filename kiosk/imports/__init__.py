"""Class lists, catalogues and loan lists from files: CSV, XLSX, ISO 2709. Files in, checked rows out.

tables.py    what a file is, and its rows as text (delimited.py and coding.py for text, xlsx.py for workbooks)
headings.py  which column is which
values.py    cells -> values
marc.py      ISO 2709 records -> rows of items (iso2709.py frames and decodes them)
rows.py      one iterator of checked rows over all of these
rejects.py   the file of rows that have to be mended
run.py       an import from beginning to end, in short batches
"""
