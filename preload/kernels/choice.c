/* SPDX-License-Identifier: Apache-2.0 */
#include "preload/kernels/choice.h"

#include "preload/setting.h"

/* NULL: as built in, or no name. */
static const char *keep_name(struct setting_part name, char kept[CHOICE_NAME_BYTES]) {
	if (name.length == 0 || name.length >= CHOICE_NAME_BYTES || (name.length == 1 && *name.at == '-'))
		return NULL;
	for (size_t i = 0; i < name.length; i++)
		kept[i] = name.at[i];
	kept[name.length] = '\0';
	return kept;
}

static void read_bands(struct setting_part bands, enum simd_operation operation, struct choice *choice) {
	struct simd_choice *to = &choice->profile.choice[operation];
	struct setting_part band, name;
	for (unsigned i = 0; i < SIMD_BANDS && setting_next(&bands, ':', &band); i++) {
		if (setting_next(&band, '<', &name))
			to->method[i] = keep_name(name, choice->names[operation][i]);
		size_t below = 0;
		bool ends = !band.at || !setting_number(band, &below) || below == 0;
		if (ends || i == SIMD_BANDS - 1)
			return;
		to->below[i] = below;
	}
}

static size_t read_size(const char *setting, const char *key) {
	size_t size = 0;
	(void)setting_number(setting_item(setting, key), &size);
	return size;
}

/* "FROM-BELOW" or "FROM-", as sizes; "-": none. */
static struct choice_sizes read_sizes(struct setting_part sizes) {
	struct setting_part part;
	size_t from, below = SIZE_MAX;
	if (!sizes.at)
		return (struct choice_sizes){0, SIZE_MAX};
	if (!setting_next(&sizes, '-', &part) || !setting_number(part, &from))
		return (struct choice_sizes){0, 0};
	(void)setting_number(sizes, &below);
	return (struct choice_sizes){from, below > from ? below - from : 0};
}

void choice_read(const char *setting, struct choice *choice) {
	static const enum simd_operation operations[] = {SIMD_OPERATION_COPY, SIMD_OPERATION_FILL, SIMD_OPERATION_ZERO,
							 SIMD_OPERATION_COMPARE, SIMD_OPERATION_FIND_BYTE};
	*choice = (struct choice){0};
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		read_bands(setting_item(setting, simd_operation_name(operations[i])), operations[i], choice);
	choice->sizes[SIMD_OPERATION_COPY] = read_sizes(setting_item(setting, "copy_sizes"));
	choice->sizes[SIMD_OPERATION_FILL] = read_sizes(setting_item(setting, "fill_sizes"));
	choice->sizes[SIMD_OPERATION_ZERO] = read_sizes(setting_item(setting, "zero_sizes"));
	choice->sizes[SIMD_OPERATION_COMPARE] = read_sizes(setting_item(setting, "compare_sizes"));
	choice->sizes[SIMD_OPERATION_FIND_BYTE] = read_sizes(setting_item(setting, "find_byte_sizes"));
	choice->profile.copy_stream_bytes = read_size(setting, "copy_stream");
	choice->profile.zero_stream_bytes = read_size(setting, "zero_stream");
}
