"""The SIP2 codec: bytes in, messages out, no sockets. Standard library only.

framing.py   a stream -> what stands between two terminators
layouts.py   every message as a table (fields.py: names and codes; dates.py: dates)
messages.py  Message, and what belongs to what
requests.py  what a kiosk asks, typed
codec.py     bytes <-> messages, and what is wrong with them

Source: 3M Standard Interchange Protocol 2.00, document revision 2.12. See docs/sip2.md.
"""
