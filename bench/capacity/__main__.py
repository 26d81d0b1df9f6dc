"""`python -m bench.capacity`: reckon the tables of docs/capacity.md anew."""

from bench.capacity.measured import measured
from bench.capacity.page import PAGE, page_with

if __name__ == "__main__":
    PAGE.write_text(page_with(measured()))
