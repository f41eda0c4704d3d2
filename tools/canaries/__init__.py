"""Leak canaries: whether a secret is anywhere in a node, its vault or its memory.

    python -m tools.canaries [--json]

forms       a marker in every encoding in which it could lie somewhere
search      finds thousands of them at once
streams     what is compressed inside, opened; escapes: percent signs, read
sources     files, cells of SQLite files, memory of a process: window by window
scan        all of these of one home and one process, with sizes
writings    how a text may have been written and packed
proof       the scanner finds what was planted, before it may say "nothing"
actors      homes, and the commands of their owners
known       the secrets of the homes, as markers
story       both record workflows with markers in them, then the scan

It reads memory of processes that it started, by Linux's /proc.
"""
