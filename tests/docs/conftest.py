"""The folder's own helper on the path: `manual`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
