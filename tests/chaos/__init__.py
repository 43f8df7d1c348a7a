"""The kill test: many clients place orders while the gateway is killed and everything around it fails.

`python -m tests.chaos --orders 1000 --seed 1` runs it and prints the results. So does `make chaos N=1000`.
"""
