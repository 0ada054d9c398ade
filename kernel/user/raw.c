/* SPDX-License-Identifier: Apache-2.0
 *
 * platform_raw_read in the image: each core is asked where it runs, one after the other; tables come from the kernel.
 */
#include "kernel/user/raw.h"

#include "kernel/user/gate_call.h"
#include "lib/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t CORE_LIMIT_NS = 2 * NS_PER_SECOND;

static void take(const struct platform_raw_reader *reader, const struct platform_raw *raw) {
	reader->take(reader->argument, raw);
}

static void refuse(const struct platform_raw_reader *reader, const char *name, const char *why) {
	take(reader,
	     &(struct platform_raw){.kind = PLATFORM_RAW_REFUSED, .name = name, .bytes = why, .length = strlen(why)});
}

static void visit(void *argument) {
	struct raw_core *core = argument;
	raw_core_ask(core);
	if (core->reader->probe)
		core->probed = core->reader->probe();
}

static void tell(const struct raw_core *core, uint32_t cpu) {
	take(core->reader, &(struct platform_raw){.kind = PLATFORM_RAW_CPU, .cpu = cpu, .id = core->core == 0});
	raw_core_tell(core, cpu);
	if (core->reader->probe)
		take(core->reader, &(struct platform_raw){.kind = PLATFORM_RAW_PROBE,
							  .cpu = cpu,
							  .bytes = &core->probed,
							  .length = sizeof(core->probed)});
}

static void read_core(struct raw_core *core) {
	struct platform_core description;
	if (platform_core_describe(core->core, &description) != 0)
		return;
	int status = platform_core_start(core->core, visit, core);
	if (status == 0)
		status = platform_core_join(core->core, CORE_LIMIT_NS);
	if (status == PLATFORM_EBUSY)
		platform_core_stop(core->core);
	if (status == 0)
		tell(core, (uint32_t)description.cpu);
	else
		refuse(core->reader, description.text,
		       status == PLATFORM_EBUSY ? "it did not answer" : "it does not come");
}

static void read_tables(const struct platform_raw_reader *reader) {
	enum { TABLE_BYTES_MAX = 256 * 1024, SMBIOS = 5 /* as raw_table_copy counts */ };
	uint8_t *bytes = malloc(TABLE_BYTES_MAX);
	if (!bytes) {
		refuse(reader, "ACPI tables", "out of memory");
		return;
	}
	for (uint64_t number = 0;; number++) {
		int64_t length = gate_call(GATE_TABLE, number, (uint64_t)(uintptr_t)bytes, TABLE_BYTES_MAX);
		if (length < 0)
			break;
		if (length > TABLE_BYTES_MAX)
			refuse(reader, "an ACPI table", "it is too long");
		else if (length > 0)
			take(reader,
			     &(struct platform_raw){.kind = number == SMBIOS ? PLATFORM_RAW_SMBIOS : PLATFORM_RAW_TABLE,
						    .source = number == SMBIOS ? "SMBIOS" : "ACPI",
						    .bytes = bytes,
						    .length = (size_t)length});
	}
	free(bytes);
}

void platform_raw_read(const struct platform_raw_reader *reader) {
	struct raw_core *core = malloc(sizeof(*core));
	if (!core) {
		refuse(reader, "processors", "out of memory");
		return;
	}
	unsigned count = reader->brief ? 1 : platform_describe()->cores;
	for (unsigned number = 0; number < count; number++) {
		core->core = number;
		core->reader = reader;
		core->leaf_count = 0;
		if (number == 0) {
			visit(core);
			tell(core, 0);
		} else {
			read_core(core);
		}
	}
	free(core);
	read_tables(reader);
}
