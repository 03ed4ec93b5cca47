"""The screens on a real display: looked at, measured, touched."""
