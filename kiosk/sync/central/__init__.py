"""The central library in a database of one's own: PostgreSQL, or SQLite as the embedded form.

address.py         where it is; without SQLAlchemy
database.py        connections, and the turn of a school that every writer takes
schema.py          the tables and their versions; guard.py what a kiosk's role may do (PostgreSQL)
apply.py           an act into it: who and what it is about, then lending.py, and its record
pull.py            what changed since a cursor
intake.py          lists of patrons and items (intake_patrons.py, intake_items.py)
administration.py  schools, kiosks, pupils who move; status.py what there is
"""
