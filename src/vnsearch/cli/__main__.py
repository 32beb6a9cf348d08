"""`python -m vnsearch.cli` is the `vnsearch` command."""

from . import main

if __name__ == "__main__":
    main()
