"""`python -m peelgraph` is the command line."""

from peelgraph.cli import main

if __name__ == "__main__":
    main()
