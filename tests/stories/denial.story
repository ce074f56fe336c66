# A parent denies a claim that would live too long; the child claims within the limit (11.3.3).
#
# The CLAIM_DENIED carries the longest life that the parent would give. Only the one who was denied
# hears of it: the sibling is told nothing of the claim that will not be.

seed 4
times short
trace normal

node T domain 1
node C1 domain 11
node C2 domain 12
tld T 228.0.0.0/6 sole
parent C1 T
parent C2 T

wait 10s
claim T 228.0.0.0/20
wait 150s
mark
say the parent now wants short lives
set T lifetime 15m
set T lifetime-max 15m
demand C1 200
within 5m logged in-use by C1 = 1
wait 2s

expect logged denied by C1 = 1
expect sent CLAIM_DENIED by T to C1 of C1 = 1
expect sent CLAIM_DENIED by T to C2 = 0
expect C1 holds 1 prefixes
expect C1 inside T
expect no complaints
