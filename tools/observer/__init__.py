"""The observer: how much a validator can guess from what it stores.

    python -m tools.observer [--json] [--patients N …]

people      who takes part, by what hours, under what names
world       real client sessions live through days on a real ledger
observation what a validator stores of it, and nothing else
spoil       what the same would look like with handles used twice, and so on
profile     what is known of one handle or record
pairs       what two of them have in common: the features
attack      rules, regression, AUC with an interval
tasks       which pairs are guessed, and the truth to judge by
"""
