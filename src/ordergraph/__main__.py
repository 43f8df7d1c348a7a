"""``python -m ordergraph``."""

from ordergraph.cli.main.main import main

if __name__ == "__main__":
    main()
