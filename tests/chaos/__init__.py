"""The kill test: orders placed by many clients while the gateway is killed and everything around it fails.

`python -m tests.chaos --orders 1000 --seed 1` runs it and prints its figures; `make chaos N=1000` does the same.
"""
