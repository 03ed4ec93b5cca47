"""The touchscreen: draws Views and sends touches. Decides nothing.

Importing this package, `environment` or `look` does not import Kivy. `environment.prepare` comes first, then `app`.
"""
