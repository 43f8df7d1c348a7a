"""``python -m ordergraph``."""

from ordergraph.cli.main import main

if __name__ == "__main__":
    main()
