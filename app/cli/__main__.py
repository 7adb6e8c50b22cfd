"""`python -m app.cli`: the same as `alur`."""

from app.cli import main

main()
