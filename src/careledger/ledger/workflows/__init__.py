"""The workflows: each table belongs to one module, and no other touches it.

Others call that module's functions and never write its keys; some have handlers and
no table. Every handler reads alike: `# WHO` is it, `# MAY` they, `# DO` it, `# SAY` so.
"""
