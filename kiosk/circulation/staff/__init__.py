"""Behind the public screen: who signs in there, and the stack of pages that their work is done on.

The way of an event: mode.py takes every one in and gives it to the page on top; a page (page.py) decides, and has
things recorded by the ways of state.py. signing.py lets staff in; home.py opens the modes, each a page in a file
of its own.
"""
