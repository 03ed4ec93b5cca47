"""Class lists: what a list says (rows.py), what it would change in the store (plan.py), and the acts that do it
(acts.py). Pure."""
