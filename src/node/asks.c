/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * asks: what a person may have done: claim, release, resolve, peer.
 *
 * Words are parsed here and nowhere else; the speaker decides whether it wants to (masc.h) and says
 * why not. Wrong words end with END_USAGE and a sentence that names the word and what was expected;
 * a refusal of the speaker ends with END_REFUSED and its reason. What was done is said in the end's
 * text; that it really happens (a claim has to wait, a session to come up) is seen in `watch`. A
 * claim is answered with the row of the prefix that was planned: with --size the speaker chose it.
 */
#include "node/answer.h"

#include "base/text.h"
#include "masc/role.h"

/* ---- claim ---- */

struct wish {
    struct masc_claim_wish masc;
    bool size_given, family_given;
    const char *scope; /* NULL: not given */
};

static bool parse_size(const struct asking *a, struct wish *w, const char *value)
{
    if (!text_parse_u64(&w->masc.addresses, value) || w->masc.addresses == 0) {
        answer_usage(a, value, "a number of addresses after --size, such as 256");
        return false;
    }
    w->size_given = true;
    return true;
}

static bool parse_life(const struct asking *a, struct wish *w, const char *value)
{
    uint64_t seconds;

    if (!text_parse_duration(&seconds, value) || seconds == 0 || seconds > UINT32_MAX) {
        answer_usage(a, value, "a length of time after --for, such as 30d, 12h or 1d12h");
        return false;
    }
    w->masc.lifetime_s = (uint32_t)seconds;
    return true;
}

static bool parse_family(const struct asking *a, struct wish *w, const char *value)
{
    if (text_equal(value, "ipv4")) {
        w->masc.family = FAMILY_IPV4;
    } else if (text_equal(value, "ipv6")) {
        w->masc.family = FAMILY_IPV6;
    } else {
        answer_usage(a, value, "ipv4 or ipv6 after --family");
        return false;
    }
    w->family_given = true;
    return true;
}

static bool parse_prefix(const struct asking *a, struct wish *w, const char *value)
{
    if (w->masc.prefix.family != 0) {
        answer_usage(a, value, "only one prefix");
        return false;
    }
    if (!prefix_parse(&w->masc.prefix, value) || !prefix_is_multicast(w->masc.prefix)) {
        answer_usage(a, value, "a multicast prefix such as 239.1.0.0/16, or --size N");
        return false;
    }
    return true;
}

static bool parse_option(const struct asking *a, struct wish *w, const char *name,
                         const char *value)
{
    bool known = text_equal(name, "--size") || text_equal(name, "--for") ||
                 text_equal(name, "--scope") || text_equal(name, "--family");

    if (!known) {
        answer_usage(a, name, "--size, --for, --scope or --family");
        return false;
    }
    if (value == NULL) {
        answer_usage(a, name, "a value after it");
        return false;
    }
    if (text_equal(name, "--size"))
        return parse_size(a, w, value);
    if (text_equal(name, "--for"))
        return parse_life(a, w, value);
    if (text_equal(name, "--family"))
        return parse_family(a, w, value);
    w->scope = value;
    return true;
}

static void scope_unknown(const struct asking *a, const char *name)
{
    const struct masc_config *c = masc_configuration(a->node->masc);
    struct wr w = answer_text(a);

    wr_text(&w, "claim: no scope is called '");
    wr_text(&w, name);
    wr_text(&w, "'; expected global");
    for (unsigned i = 0; i < c->scopes; i++) {
        wr_text(&w, ", ");
        wr_text(&w, c->scope[i].name);
    }
    answer_end(a, END_USAGE, &w);
}

static bool resolve_scope(const struct asking *a, struct wish *w)
{
    const struct masc_config *c = masc_configuration(a->node->masc);

    w->masc.scope = MASC_SCOPE_GLOBAL;
    if (w->scope == NULL || text_equal(w->scope, "global"))
        return true;
    for (unsigned i = 0; i < c->scopes; i++) {
        if (!text_equal(c->scope[i].name, w->scope))
            continue;
        w->masc.scope = (uint8_t)(i + 1);
        return true;
    }
    scope_unknown(a, w->scope);
    return false;
}

/* The words together: either a place or a size. */
static bool wish_complete(const struct asking *a, struct wish *w)
{
    const struct masc_config *c = masc_configuration(a->node->masc);
    bool place = w->masc.prefix.family != 0;

    if (!place && !w->size_given) {
        answer_usage(a, NULL, "a prefix such as 239.1.0.0/16, or --size N");
        return false;
    }
    if (place && (w->size_given || w->family_given || w->scope != NULL)) {
        answer_usage(a, w->scope != NULL ? "--scope" : w->size_given ? "--size" : "--family",
                     "either a prefix or --size N: a prefix has its size, family and scope");
        return false;
    }
    if (place)
        return true;
    if (!w->family_given)
        w->masc.family = c->ipv4 ? FAMILY_IPV4 : FAMILY_IPV6;
    return resolve_scope(a, w);
}

static bool parse_wish(const struct asking *a, struct wish *w)
{
    const struct ask *ask = a->ask;

    for (unsigned i = 1; i < ask->words; i++) {
        if (ask->word[i][0] != '-') {
            if (!parse_prefix(a, w, ask->word[i]))
                return false;
            continue;
        }
        if (!parse_option(a, w, ask->word[i], i + 1 < ask->words ? ask->word[i + 1] : NULL))
            return false;
        i++;
    }
    return wish_complete(a, w);
}

/* Ends with what the speaker said, or with our words if it said nothing. */
static void end_with(const struct asking *a, bool done, struct wr *why, const char *words)
{
    if (why->len == 0)
        wr_text(why, done ? words : "refused");
    answer_end(a, done ? END_DONE : END_REFUSED, why);
}

/* The claim of an operator that was planned last; at `place` if that is given. */
static bool find_planned(const struct asking *a, struct prefix place, struct masc_own_view *found)
{
    struct masc_own_view v;
    uint64_t cursor = 0, last = 0;
    bool any = false;

    while (masc_own_next(a->node->masc, a->now, &cursor, &v)) {
        bool pending = v.state == MASC_OWN_DELAYED || v.state == MASC_OWN_WAITING;
        if (!pending || !v.by_operator || v.purpose == MASC_FOR_RENEWAL ||
            (place.family != 0 && !prefix_equal(v.prefix, place)))
            continue;
        /* Of two that were planned at once the later one has the higher cursor. */
        if (any && (v.began.ms < found->began.ms ||
                    (v.began.ms == found->began.ms && cursor < last)))
            continue;
        *found = v;
        last = cursor;
        any = true;
    }
    return any;
}

/* "2d", "1h30m", "0s": as text_parse_duration() reads it. */
static void write_span(struct wr *w, uint64_t seconds)
{
    static const struct {
        uint64_t seconds;
        const char *unit;
    } part[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};

    if (seconds == 0)
        wr_text(w, "0s");
    for (unsigned i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
        if (seconds < part[i].seconds)
            continue;
        wr_decimal(w, seconds / part[i].seconds);
        wr_text(w, part[i].unit);
        seconds %= part[i].seconds;
    }
}

/* What is claimed, when it is ours, and what happens if it is lost: 5.1 (a) to (d). */
static void say_planned(const struct asking *a, const struct masc_own_view *v, struct wr *w)
{
    const struct masc_config *c = masc_configuration(a->node->masc);
    char prefix[PREFIX_TEXT_MAX];

    wr_text(w, "claiming ");
    wr_text(w, prefix_format(v->prefix, prefix));
    wr_text(w, ": announced ");
    if (v->state == MASC_OWN_DELAYED && c->claim_delay_s > 0) {
        wr_text(w, "within ");
        write_span(w, c->claim_delay_s);
    } else {
        wr_text(w, "at once");
    }
    wr_text(w, ", ours ");
    write_span(w, c->waiting_period_s);
    wr_text(w, " after that unless somebody objects; if it loses, ");
    wr_text(w, v->purpose == MASC_FOR_SPACE ? "another of its size is chosen"
                                            : "nothing is claimed in its place");
}

void ask_claim(const struct asking *a)
{
    struct wish wish = {0};
    struct masc_own_view planned;
    struct wr why = answer_text(a);
    bool done;

    if (!parse_wish(a, &wish))
        return;
    done = masc_claim(a->node->masc, &wish.masc, &(struct masc_order){a->now, a->out, &why});
    if (done && find_planned(a, wish.masc.prefix, &planned)) {
        answer_prefix(a, &planned);
        say_planned(a, &planned, &why);
    }
    end_with(a, done, &why, "the claim is being made; `prefixes` shows it");
}

/* ---- release, resolve ---- */

static bool word_prefix(const struct asking *a, struct prefix *p)
{
    if (a->ask->words >= 2 && prefix_parse(p, a->ask->word[1]))
        return true;
    answer_usage(a, a->ask->words >= 2 ? a->ask->word[1] : NULL, "a prefix such as 239.1.0.0/16");
    return false;
}

void ask_release(const struct asking *a)
{
    struct prefix p;
    struct wr why = answer_text(a);
    bool done;

    if (!word_prefix(a, &p))
        return;
    if (a->ask->words > 2) {
        answer_usage(a, a->ask->word[2], "only one prefix");
        return;
    }
    done = masc_release(a->node->masc, p, &(struct masc_order){a->now, a->out, &why});
    end_with(a, done, &why, "released");
}

/* 12.4, manual mode */
void ask_resolve(const struct asking *a)
{
    const struct ask *ask = a->ask;
    struct prefix p;
    struct wr why = answer_text(a);
    bool withdraw, done;

    if (!word_prefix(a, &p))
        return;
    withdraw = ask->words == 3 && text_equal(ask->word[2], "withdraw");
    if (!withdraw && !(ask->words == 3 && text_equal(ask->word[2], "ignore"))) {
        answer_usage(a, ask->words > 2 ? ask->word[ask->words - 1] : NULL,
                     "withdraw or ignore after the prefix");
        return;
    }
    done = masc_resolve(a->node->masc, p, withdraw, &(struct masc_order){a->now, a->out, &why});
    end_with(a, done, &why, withdraw ? "withdrawn" : "ignored until the rival's end");
}

/* ---- peer ---- */

void ask_peer(const struct asking *a)
{
    const struct ask *ask = a->ask;
    struct wr why = answer_text(a);
    bool known = ask->words >= 2 &&
                 (text_equal(ask->word[1], "start") || text_equal(ask->word[1], "stop") ||
                  text_equal(ask->word[1], "clear"));
    bool done;

    if (!known) {
        answer_usage(a, ask->words >= 2 ? ask->word[1] : NULL, "start, stop or clear, and a name");
        return;
    }
    if (ask->words != 3) {
        answer_usage(a, ask->words > 3 ? ask->word[3] : NULL, "the name of one peer");
        return;
    }
    done = masc_peer_command(a->node->masc, ask->word[1], ask->word[2],
                             &(struct masc_order){a->now, a->out, &why});
    end_with(a, done, &why, "done");
}
