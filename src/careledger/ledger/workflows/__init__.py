"""The workflows: one module, one private set of tables each.

Others call a workflow's functions and never write its keys. Every handler reads
alike: `# WHO` is it, `# MAY` they, `# DO` it, `# SAY` so.
"""
