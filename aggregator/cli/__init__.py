"""The command line: one small module a group of commands."""

from aggregator.cli.app import main

__all__ = ["main"]
