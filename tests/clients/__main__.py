"""`python -m tests.clients [client ...]`: runs the client libraries and records the results."""

import sys

from tests.clients.run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
