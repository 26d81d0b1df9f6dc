"""The API's endpoints, one noun a file: what can be asked."""
