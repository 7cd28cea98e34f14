"""Small faults put into the rules, one at a time: do the tests notice? `make mutants` prints the share that they do."""
