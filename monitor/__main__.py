"""`python -m monitor` is `replyby`."""

import sys

from monitor.cli import main

sys.exit(main())
