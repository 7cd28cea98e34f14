"""Turns a `RawEntry` into a `CleanEntry`, which is safe to show and comparable. Pure."""
