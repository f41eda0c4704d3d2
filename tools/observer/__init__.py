"""The observer: how much a validator can guess from what it stores.

    python -m tools.observer [--json] [--patients N …]

people      who takes part, by what hours, under what names
world       a network in simulated time, and an agenda; wire: the way to it
patients    what patients do; practitioners: what practitioners do
truth       what is to be guessed
observation what a validator stores of it, and nothing else
spoil       what the same would look like with handles used twice, and so on
profile     what is known of one handle or record
pairs       what two of them have in common: the features
houses      what organisations show
exact       values that occur twice
attack      rules, regression, AUC with an interval
tasks       which pairs are guessed, and the truth to judge by
knowledge   the same questions, asked by a hospital about others
figures     everything together
"""
