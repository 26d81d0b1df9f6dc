"""The hosted pages: what a person sees in a browser."""
