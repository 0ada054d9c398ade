/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/number_list.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void add(void *argument, unsigned number) {
	char *text = argument;
	size_t used = strlen(text);
	if (used < 100)
		snprintf(text + used, 128 - used, "%u ", number);
}

static const char *numbers(const char *list) {
	static char text[128];
	text[0] = '\0';
	number_list_read(list, add, text);
	return text;
}

Test(number_list, is_read_as_linux_writes_it) {
	cr_assert_str_eq(numbers("0-3,8"), "0 1 2 3 8 ");
	cr_assert_str_eq(numbers("7\n"), "7 ");
	cr_assert_str_eq(numbers(""), "");
	cr_assert_str_eq(numbers("x1"), "");
	cr_assert_str_eq(numbers("1,x,2"), "1 ");
	cr_assert_str_eq(numbers("3-1,5"), "5 ", "none from 3 to 1");
	cr_assert_str_eq(numbers("65534-99999999999999999999999"), "65534 65535 ", "bounded");
}
