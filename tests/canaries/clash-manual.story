# As clash.story, but whoever loses waits for the operator (12.4, I-12). For planted faults:
# nothing is expected in words, the invariants judge (tests/mutants).

seed 3
times short
trace quiet

node T1 domain 1
node T2 domain 2
node T3 domain 3
node T4 domain 4
tld T1 228.0.0.0/6
tld T2 228.0.0.0/6
tld T3 228.0.0.0/6
tld T4 228.0.0.0/6
siblings T1 T2
siblings T2 T3
siblings T3 T4
set T4 clash manual
set T1 clash manual

at 30s cut T2 T3
at 31s claim T1 228.1.0.0/16
at 41s claim T4 228.1.0.0/16
wait 3m
excuse clashes
heal T2 T3
wait 5m
expect no violations
