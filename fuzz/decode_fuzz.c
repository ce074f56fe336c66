/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz target over all decoders of MASC messages: the input is read as a stream, and once more as
 * one message by each decoder regardless of its header. What must hold is in
 * tests/masc_roundtrip.h.
 */
#include <stddef.h>
#include <stdint.h>

#include "tests/masc_roundtrip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct roundtrip t = {.messages = 0};

    roundtrip_stream(data, size, &t);
    roundtrip_decoders(data, size, &t);
    return 0;
}
