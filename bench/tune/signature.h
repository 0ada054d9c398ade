/* SPDX-License-Identifier: Apache-2.0
 *
 * What a profile is good for: the kind of core and the kernels that it was measured with. Terminated text throughout,
 * printable ASCII; "" is what nobody says.
 */
#pragma once

#include "bench/text.h"

#include <stdbool.h>

struct tune_signature {
	char architecture[16];
	char cpu[48];        /* "AuthenticAMD 26.2.1": family, model, stepping; "0x41 0xd0c r3p1": MIDR_EL1's fields */
	char core_type[16];  /* "P", "E", "big"; "": all cores are alike */
	char microcode[32];  /* as Linux has it; the image does not know it */
	char hypervisor[64]; /* "": none */
	char kernels[20];    /* hash of simd's objects: the same in the image and hosted */
	char model[64];      /* brand string, for people: no part of the comparison */
};

/* Of the core that this runs on; takes some ms. 0, or PLATFORM_ENOMEM. */
int tune_signature_read(struct tune_signature *signature);

/* Whether figures of `made` hold on `here`; else why not goes to `why`, without a line end: "it was made on
 * AuthenticAMD 25.33.2, this is AuthenticAMD 26.2.1". Microcode counts only where both know it. Pure. */
bool tune_signature_fits(const struct tune_signature *made, const struct tune_signature *here, struct text *why);
