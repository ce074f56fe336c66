/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each vector of rfc2909.vectors at the level of the decoders: its octets say what `expect` says,
 * our decoders read the same from it, a message that is good is written again octet for octet, and
 * one that is bad draws the error and the very NOTIFICATION of `reply`, as far as octets alone can
 * tell. What the configuration or the cache decides is in speaker_test.c.
 */
#include <stdio.h>
#include <string.h>

#include "masc/role.h"
#include "masc/wire.h"
#include "tests/conformance/fields.h"
#include "tests/conformance/vectors.h"
#include "tests/tap.h"

#define FIELDS_OF_ATTRS 4 /* `expect` never names more */

/* What our decoders made of a message. */
struct reading {
    struct masc_fault fault; /* the first one */
    struct vector_fields values;
    struct hex again; /* encoded from the values; empty if something was not understood */
};

static void read_open(struct reading *r, const struct hex *m)
{
    struct wr w = wr_init(r->again.at, sizeof(r->again.at));
    struct masc_open o;

    r->fault = masc_open_decode(&o, m->at, m->len);
    if (masc_fault_is(&r->fault))
        return;
    fields_of_open(&r->values, &o);
    masc_open_encode(&w, &o);
    r->again.len = w.len;
}

static void read_update(struct reading *r, const struct hex *m, enum masc_role local)
{
    struct wr w = wr_init(r->again.at, sizeof(r->again.at));
    struct rd rest = rd_init(m->at + 4, m->len - 4);
    struct masc_attr a;
    struct masc_fault fault;
    unsigned known = 0;
    const uint8_t *at = m->at + 4;

    r->fault = masc_update_check(m->at, m->len, true, true);
    if (masc_fault_is(&r->fault))
        return;
    masc_update_begin(&w);
    for (; masc_update_next(&rest, m->at, m->len, &a, &fault); known++, at = rest.p) {
        for (; at[2] >= 128; at += at[1])
            known++; /* passed over, but `expect` counts it */
        if (masc_fault_is(&fault)) {
            if (!masc_fault_is(&r->fault))
                r->fault = fault;
            continue;
        }
        if (known < FIELDS_OF_ATTRS)
            fields_of_attr(&r->values, known, &a, local);
        masc_attr_encode(&w, &a);
    }
    masc_update_end(&w, 0);
    r->again.len = w.len;
}

static void read_notification(struct reading *r, const struct hex *m)
{
    struct wr w = wr_init(r->again.at, sizeof(r->again.at));
    struct masc_notification n;
    bool erroneous;

    r->fault = masc_notification_decode(&n, &erroneous, m->at, m->len);
    fields_of_notification(&r->values, &n);
    if (erroneous)
        return;
    masc_notification_encode(&w, &(struct masc_fault){n.code, n.subcode, n.open, n.data,
                                                      n.data_len});
    r->again.len = w.len;
}

static void read_message(struct reading *r, const struct hex *m, enum masc_role local)
{
    struct wr w = wr_init(r->again.at, sizeof(r->again.at));
    struct masc_frame f;
    enum masc_frame_result result = masc_frame_next(&f, m->at, m->len);

    *r = (struct reading){.fault = {.code = MASC_E_NONE}};
    if (result == MASC_FRAME_FAULT) {
        r->fault = f.fault;
        return;
    }
    REQUIRE(result == MASC_FRAME_MESSAGE);
    EXPECT_UEQ(f.len, m->len);
    if (f.type == MASC_OPEN)
        read_open(r, m);
    if (f.type == MASC_UPDATE)
        read_update(r, m, local);
    if (f.type == MASC_NOTIFICATION)
        read_notification(r, m);
    if (f.type == MASC_KEEPALIVE) {
        masc_keepalive_encode(&w);
        r->again.len = w.len;
    }
}

/* Everything in `expect` must be in the octets; where our values have it too, it must agree. */
static void expect_fields(const struct vector *v, const struct vector_fields *octets,
                          const struct vector_fields *values)
{
    for (unsigned i = 0; i < v->expect.n; i++) {
        const struct vector_field *want = &v->expect.at[i];
        const char *value = vector_field(values, want->key);
        const char *text = vector_field(octets, want->key);
        bool good = text && strcmp(text, want->value) == 0 &&
                    (!value || strcmp(value, want->value) == 0);
        if (!good)
            tap_diag("%s: expected %s, octets %s, values %s", want->key, want->value,
                     text ? text : "nothing", value ? value : "nothing");
        EXPECT(good);
    }
}

/* 2/7 to 2/10, 3/15 and above: not for octets alone to say */
static bool is_decided_above(const struct vector *v)
{
    return (v->code == MASC_E_OPEN && v->subcode >= 7 && v->subcode <= 10) ||
           (v->code == MASC_E_UPDATE && v->subcode >= 15);
}

static void expect_reply(const struct vector *v, struct masc_fault f)
{
    uint8_t buf[MASC_MESSAGE_MAX];
    struct wr w = wr_init(buf, sizeof(buf));

    EXPECT_EQ(f.code, v->code);
    EXPECT_EQ(f.subcode, v->subcode);
    if (!masc_fault_is(&f))
        return;
    masc_notification_encode(&w, &f);
    EXPECT_UEQ(w.len, v->reply.len);
    if (w.len == v->reply.len)
        EXPECT_MEM(buf, v->reply.at, w.len);
}

/* Reserved octets, parameters and unknown attributes are not written again. */
static bool has_what_is_ignored(const struct vector *v, const struct vector_fields *octets)
{
    const char *r = vector_field(octets, "r"), *params = vector_field(octets, "params");

    if (v->message.at[3] != 0 || (r && strcmp(r, "0") != 0) || (params && strcmp(params, "0") != 0))
        return true;
    for (unsigned i = 0; i < octets->n; i++) {
        const char *dot = strchr(octets->at[i].key, '.');
        if (dot && strcmp(dot, ".type") == 0 && strlen(octets->at[i].value) == 3)
            return true;
    }
    return false;
}

static void expect_written_again(const struct vector *v, const struct reading *r,
                                 const struct vector_fields *octets)
{
    if (has_what_is_ignored(v, octets)) {
        EXPECT(r->again.len <= v->message.len);
        return;
    }
    EXPECT_UEQ(r->again.len, v->message.len);
    if (r->again.len == v->message.len)
        EXPECT_MEM(r->again.at, v->message.at, v->message.len);
}

static void run(const char *id)
{
    const struct vector *v = vector_named(id);
    struct vector_fields octets;
    struct reading r;

    fields_of_octets(&octets, &v->message, (enum masc_role)v->role);
    read_message(&r, &v->message, (enum masc_role)v->role);
    expect_fields(v, &octets, &r.values);
    if (strcmp(v->outcome, "error") == 0 && !is_decided_above(v)) {
        expect_reply(v, r.fault);
        return;
    }
    EXPECT_EQ(r.fault.code, MASC_E_NONE);
    /* a NOTIFICATION in error is answered by nothing, and not ours to write */
    if (r.again.len > 0 || strcmp(v->outcome, "close") != 0)
        expect_written_again(v, &r, &octets);
}

#define VECTORS(X)                                                                                 \
    X(V01) X(V02) X(V03) X(V04) X(V05) X(V06) X(V07) X(V08) X(V09) X(V10) X(V11) X(V12) X(V13)     \
    X(V14) X(V15) X(V16) X(V17) X(V18) X(V19) X(V20) X(V21) X(V22) X(V23) X(V24) X(V25) X(V26)     \
    X(V27) X(V28) X(V29) X(V30) X(V31) X(V32) X(V33) X(V34) X(V35)

#define VECTOR(id_)                                                                                \
    TEST(id_, "")                                                                                  \
    {                                                                                              \
        run(#id_);                                                                                 \
    }
VECTORS(VECTOR)

/* No vector of the file is without a test. */
TEST(every_vector_is_run, "")
{
#define NAME(id_) #id_,
    static const char *const names[] = {VECTORS(NAME)};
    unsigned known = sizeof(names) / sizeof(names[0]);

    EXPECT_EQ(vector_count(), known);
    for (unsigned i = 0; i < known && i < vector_count(); i++)
        EXPECT_STR(vector_at(i)->id, names[i]);
}

/* Messages too long to print: V36, V37 and V38 of the readings. */

#define CLAIM                                                                                      \
    "0024 03 00 00 04 0000 40000000 00278D00 0002A300 0000FDE9 C0000201 E4010200 FFFFFF00"

TEST(V36_notification_is_cut_at_4096, "M-7.5-11 M-8.1-08")
{
    struct hex m = hex("1000 09 00");
    struct reading r;
    static uint8_t buf[5000];
    struct wr w = wr_init(buf, sizeof(buf));
    struct hex start = hex("1000 03 00 81 02");

    for (unsigned i = 0; m.len < 4096; i++)
        m.at[m.len++] = (uint8_t)i;
    read_message(&r, &m, MASC_PARENT);
    REQUIRE(masc_fault_is(&r.fault));
    masc_notification_encode(&w, &r.fault);
    EXPECT_UEQ(w.len, 4096);
    EXPECT_MEM(buf, start.at, 6);
    EXPECT_MEM(buf + 6, m.at, 4090);
}

TEST(V37_113_claims_in_one_update, "M-7.3-01")
{
    struct hex m = hex("0000 02 00");
    struct rd rest;
    struct masc_attr a;
    struct masc_fault f;
    unsigned n = 0;

    hex_append(&m, CLAIM, 113);
    hex_set_length(&m);
    EXPECT_UEQ(m.len, 4072);
    f = masc_update_check(m.at, m.len, true, true);
    REQUIRE(!masc_fault_is(&f));
    rest = rd_init(m.at + 4, m.len - 4);
    while (masc_update_next(&rest, m.at, m.len, &a, &f) && !masc_fault_is(&f))
        n++;
    EXPECT_EQ(n, 113);
}

TEST(V38_error_in_an_update_of_4096, "M-7.5-11 M-8.3-05 M-7-03")
{
    struct hex m = hex("1000 02 00" CLAIM);
    struct reading r;
    static uint8_t buf[5000];
    struct wr w = wr_init(buf, sizeof(buf));

    m.at[6] = 6;
    hex_append(&m, CLAIM, 107);
    hex_append(&m, "00CC C8 00", 1);
    hex_append(&m, "00", 200);
    EXPECT_UEQ(m.len, 4096);
    read_message(&r, &m, MASC_PARENT);
    EXPECT(r.fault.code == 3 && r.fault.subcode == 2 && r.fault.open);
    masc_notification_encode(&w, &r.fault);
    EXPECT_UEQ(w.len, 4096);
    EXPECT_MEM(buf + 6, m.at + 4, 4090);
}
