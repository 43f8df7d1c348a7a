"""`python -m tests.clients [client ...]`: run the client libraries and put on record what ran."""

import sys

from tests.clients.run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
