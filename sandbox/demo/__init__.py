"""One registration told from chat to receipt: `python -m sandbox demo`."""
