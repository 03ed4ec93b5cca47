"""A self-service kiosk for school libraries."""
