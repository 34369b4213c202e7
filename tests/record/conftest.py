"""Helpers of other folders on the path: `made`, resources made at random."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "exchange" / "fhir"))
sys.path.insert(0, str(Path(__file__).parent))
