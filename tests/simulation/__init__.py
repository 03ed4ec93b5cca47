"""Several kiosks, a central library and everything that can go wrong between them, all from one seed.

python -m tests.simulation --seed 7          one run, told step by step
python -m tests.simulation --seeds 1000      many; the failing seeds are named, each replays exactly
"""
