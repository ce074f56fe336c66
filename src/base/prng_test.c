/* SPDX-License-Identifier: BSD-2-Clause */
/* prng: known sequences, and shares that are fair by chi-square with fixed seeds. */
#include "base/prng.h"

#include "tests/tap.h"

/* The published generator from the state 1, 2, 3, 4. */
TEST(known_sequence, "")
{
    static const uint64_t expected[] = {
        11520u,
        0u,
        1509978240u,
        1215971899390074240u,
        1216172134540287360u,
        607988272756665600u,
        16172922978634559625u,
        8476171486693032832u,
        10595114339597558777u,
        2904607092377533576u,
    };
    struct prng g = {{1, 2, 3, 4}};

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        EXPECT_UEQ(prng_u64(&g), expected[i]);
}

/* The state is four steps of splitmix64. */
TEST(known_seeding, "")
{
    struct prng g = prng_init(1234567);

    EXPECT_UEQ(g.s[0], 6457827717110365317u);
    EXPECT_UEQ(g.s[1], 3203168211198807973u);
    EXPECT_UEQ(g.s[2], 9817491932198370423u);
    EXPECT_UEQ(g.s[3], 4593380528125082431u);
}

TEST(same_seed_same_sequence, "")
{
    struct prng a = prng_init(42), b = prng_init(42), c = prng_init(43);
    int different = 0;

    for (int i = 0; i < 1000; i++) {
        uint64_t x = prng_u64(&a);
        EXPECT_UEQ(x, prng_u64(&b));
        different += x != prng_u64(&c);
    }
    EXPECT(different > 990);
}

TEST(seed_zero_moves, "")
{
    struct prng g = prng_init(0);

    EXPECT((g.s[0] | g.s[1] | g.s[2] | g.s[3]) != 0);
    EXPECT(prng_u64(&g) != prng_u64(&g));
}

/* Chi-square of `draws` draws below `n`, in `bins` bins of equal width (n is a multiple). */
static double chi_square(uint64_t seed, uint64_t n, unsigned bins, unsigned draws)
{
    struct prng g = prng_init(seed);
    unsigned seen[100] = {0};
    double share = (double)draws / bins;
    double sum = 0;

    for (unsigned i = 0; i < draws; i++) {
        uint64_t v = prng_below(&g, n);
        if (v >= n)
            return 1e9;
        seen[v / (n / bins)]++;
    }
    for (unsigned i = 0; i < bins; i++)
        sum += (seen[i] - share) * (seen[i] - share) / share;
    return sum;
}

/* Bounds are those of one chance in a thousand at bins-1 degrees of freedom. */
TEST(below_is_uniform, "")
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        EXPECT(chi_square(seed, 2, 2, 100000) < 10.83);
        EXPECT(chi_square(seed, 10, 10, 100000) < 27.88);
        EXPECT(chi_square(seed, 100, 100, 200000) < 148.23);
        EXPECT(chi_square(seed, 172800, 100, 200000) < 148.23);
    }
}

/* With a plain remainder the lowest third would be drawn every second time. */
TEST(below_has_no_modulo_bias, "")
{
    for (uint64_t seed = 1; seed <= 3; seed++)
        EXPECT(chi_square(seed, (uint64_t)3 << 62, 3, 100000) < 13.82);
}

/* Without drawing again, multiples of three would come twice as often as the others: four draws
 * share three values. */
TEST(below_draws_again, "")
{
    struct prng g = prng_init(9);
    int seen[3] = {0, 0, 0};

    for (int i = 0; i < 30000; i++)
        seen[prng_below(&g, (uint64_t)3 << 62) % 3]++;
    for (int i = 0; i < 3; i++)
        EXPECT(seen[i] > 9500 && seen[i] < 10500);
}

TEST(below_edges, "")
{
    struct prng g = prng_init(7);
    bool seen[3] = {false, false, false};

    for (int i = 0; i < 100; i++) {
        EXPECT_UEQ(prng_below(&g, 1), 0);
        EXPECT(prng_below(&g, UINT64_MAX) < UINT64_MAX);
        seen[prng_below(&g, 3)] = true;
    }
    EXPECT(seen[0] && seen[1] && seen[2]);
    EXPECT_PANIC(prng_below(&g, 0));
}
