"""`python -m lbctl`: the console script for whoever has no PATH entry."""

from lbctl.cli import main

main()
