# A domain that needs more grows over the free neighbour of what it has (5.3, Appendix A).
#
# C1 has a /24. When its hosts want twice as much it claims the /23 around it; after the wait the
# /23 takes the place of the /24, and its hosts never lose an address.

seed 2
times short
trace normal

node T domain 1
node C1 domain 11
tld T 228.0.0.0/6 sole
parent C1 T
demand C1 200

within 15m C1 holds something
wait 10s
expect C1 holds 1 prefixes
mark
say twice as much is wanted
demand C1 400
within 15m logged expanded by C1 >= 1
wait 2s

expect C1 holds 1 prefixes
expect C1 inside T
expect sent CLAIM_TO_EXPAND by C1 to T >= 1
expect logged maas by C1 >= 1
expect no complaints
expect everybody knows
