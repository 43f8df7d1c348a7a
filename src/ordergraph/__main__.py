"""``python -m ordergraph``."""

from ordergraph.cli import main

if __name__ == "__main__":
    main()
