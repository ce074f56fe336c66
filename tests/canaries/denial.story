# A parent denies a claim that would live too long (11.4.3): its other child must not hear of the
# claim. For planted faults: nothing is expected in words, the invariants judge (tests/mutants).

seed 4
times short
trace quiet

node T domain 1
node C1 domain 11
node C2 domain 12
tld T 228.0.0.0/6 sole
parent C1 T
parent C2 T

wait 10s
claim T 228.0.0.0/20
wait 150s
set T lifetime 15m
set T lifetime-max 15m
demand C1 200
wait 5m
expect no violations
