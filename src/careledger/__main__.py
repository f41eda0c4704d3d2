"""`python -m careledger` is the command line."""

import sys

from careledger.cli import main

sys.exit(main())
