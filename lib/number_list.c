/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/number_list.h"

/* More than Linux numbers of anything that it lists. */
enum { NUMBER_MAX = 1 << 16 };

/* Behind the digits at `text`; a number beyond NUMBER_MAX is that. */
static const char *read_number(const char *text, unsigned *number) {
	for (*number = 0; *text >= '0' && *text <= '9'; text++)
		if (*number < NUMBER_MAX)
			*number = *number * 10 + (unsigned)(*text - '0');
	return text;
}

void number_list_read(const char *text, void (*add)(void *argument, unsigned number), void *argument) {
	while (*text >= '0' && *text <= '9') {
		unsigned first, last;
		text = read_number(text, &first);
		last = first;
		if (*text == '-')
			text = read_number(text + 1, &last);
		for (; first <= last && first < NUMBER_MAX; first++)
			add(argument, first);
		text += *text == ',';
	}
}
