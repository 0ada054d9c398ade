/* SPDX-License-Identifier: Apache-2.0
 *
 * profile.json written and read back, and what is no such file.
 */
#include "bench/json.h"
#include "bench/record.h"
#include "bench/tune/profile_read.h"
#include "host-tests/tune_fixture.h"

#include <criterion/criterion.h>
#include <math.h>

static simd_features features;
static struct tune *tune;
static struct text json, why;
static struct profile_file file;

static void start(void) {
	features = simd_features_detect();
	tune = fixture_tune(features);
	profile_json_write(&json, &fixture_about, tune);
}

static void end(void) {
	text_free(&json);
	text_free(&why);
	free(tune);
}

TestSuite(profile_read, .init = start, .fini = end);

static bool reads(const char *bytes, size_t length) {
	why.length = 0;
	bool good = profile_read(bytes, length, features, &file, &why);
	text_add(&why, "", 1);
	return good;
}

/* The file with one place of it changed. */
static bool reads_with(const char *from, const char *to) {
	struct text changed = {0};
	text_add(&json, "", 1);
	json.length--;
	const char *at = strstr(json.bytes, from);
	cr_assert_not_null(at, "%s", from);
	text_add(&changed, json.bytes, (size_t)(at - json.bytes));
	text_add_string(&changed, to);
	text_add_string(&changed, at + strlen(from));
	bool good = reads(changed.bytes, changed.length);
	text_free(&changed);
	return good;
}

static void expect_refused(const char *from, const char *to, const char *words) {
	cr_expect_not(reads_with(from, to), "%s", to);
	cr_expect(strstr(why.bytes, words), "%s: %s", to, why.bytes);
	cr_expect_null(strchr(why.bytes, '\n'));
}

static const char *expected_method(const struct tune_operation *operation, const struct tune_choice *choice,
				   size_t band) {
	return band < choice->band_count ? operation->methods[choice->bands[band].method].name : NULL;
}

static void expect_choice(int what_for, int i) {
	const struct tune_choice *made = &tune->choices[what_for][i];
	const struct simd_choice *read = &file.choices[what_for].choice[i];
	const char *name = simd_operation_name((enum simd_operation)i);
	for (size_t band = 0; band < SIMD_BANDS; band++) {
		const char *method = expected_method(&tune->operations[i], made, band);
		cr_expect_eq(read->method[band], method, "%s, band %zu: static text of simd's", name, band);
		if (band + 1 < SIMD_BANDS)
			cr_expect_eq(read->below[band], band + 1 < made->band_count ? made->bands[band].below : 0, "%s",
				     name);
	}
}

/* PROFILE_JSON names a file for those who look at it with another reader. */
Test(profile_read, what_was_written_comes_back) {
	const char *name = getenv("PROFILE_JSON");
	FILE *kept = name ? fopen(name, "we") : NULL;
	if (kept) {
		fwrite(json.bytes, 1, json.length, kept);
		fclose(kept);
	}
	cr_assert_eq(json_value_length((struct json_span){json.bytes, json.length}), json.length - 1, "a line's end");
	cr_assert(reads(json.bytes, json.length), "%s", why.bytes);
	why.length = 0;
	cr_expect(tune_signature_fits(&file.signature, &fixture_signature, &why));
	cr_expect_str_eq(file.signature.model, fixture_signature.model);
	cr_expect_str_eq(file.date, fixture_about.date);
	cr_expect_eq(file.what_for, TUNE_FOR_MIXED);
	cr_expect_eq(file.measured, SIMD_OPERATION_COUNT - 1);
	cr_expect_not(file.cut);
	cr_expect_str_empty(file.unknown);
	cr_expect_eq(strlen(file.hash), CRC32C_DIGITS);
	for (int what_for = 0; what_for < TUNE_FOR_COUNT; what_for++) {
		cr_expect_eq(file.choices[what_for].copy_stream_bytes, 3 << 20);
		cr_expect_eq(file.choices[what_for].zero_stream_bytes, SIZE_MAX);
		for (int i = 0; i < SIMD_OPERATION_COUNT; i++)
			expect_choice(what_for, i);
	}
}

/* With every condition measured at every size, as `tune --thorough` does. */
Test(profile_read, the_largest_profile_is_read) {
	struct text large = {0};
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++) {
		struct tune_operation *operation = &tune->operations[i];
		operation->size_count = i < SIMD_OPERATION_COPY_PAGE ? 68 : 13;
		for (size_t size = 0; size < operation->size_count; size++)
			operation->sizes[size] = 16 + size;
		for (size_t m = 0; m < operation->method_count; m++)
			for (unsigned c = 0; c < TUNE_CONDITIONS; c++)
				for (size_t size = 0; size < operation->size_count; size++)
					operation->ratio[m][c][size] = (struct tune_ratio){.point = 0.99876,
											   .lower = 0.98765,
											   .upper = 1.01234,
											   .ns = 123456.7F,
											   .rounds = TUNE_ROUNDS_LEAST};
	}
	profile_json_write(&large, &fixture_about, tune);
	cr_expect_leq(large.length, PROFILE_BYTES_MAX);
	cr_expect(reads(large.bytes, large.length), "%s", why.bytes);
	text_free(&large);
}

Test(profile_read, figures_are_finite_and_there) {
	struct text second = {0};
	tune->operations[0].ratio[1][0][0].point = (double)NAN;
	tune->price.bound = (double)INFINITY;
	profile_json_write(&second, &fixture_about, tune);
	text_add(&second, "", 1);
	cr_expect_null(strstr(second.bytes, "nan"));
	cr_expect_null(strstr(second.bytes, "inf"));
	cr_expect(reads(second.bytes, second.length - 1), "%s", why.bytes);
	cr_expect(strstr(second.bytes, "\"curves\":[{\"heat\":\"L1\",\"place\":\"aligned\",\"ns\":["));
	cr_expect(strstr(second.bytes, "\"basis\":\"kept in company\",\"gain\":{\"point\":0.8,"));
	cr_expect(strstr(second.bytes, "{\"name\":\"popcount\",\"measured\":false}"));
	cr_expect(strstr(second.bytes, "\"virtual\":true"));
	text_free(&second);
}

Test(profile_read, no_part_of_a_file_is_one) {
	for (size_t length = 0; length < json.length - 1; length += 1 + length / 50) {
		char *part = malloc(length + 1); /* to the byte, for the sanitizers */
		memcpy(part, json.bytes, length);
		char *exact = realloc(part, length ? length : 1);
		cr_expect_not(reads(exact, length), "%zu bytes", length);
		free(exact);
	}
}

Test(profile_read, what_is_wrong_is_named) {
	expect_refused("anechoic-profile/1", "anechoic/1", "its schema is not anechoic-profile/1");
	expect_refused("\"made\":", "\"male\":", "made.machine is not an object");
	expect_refused("\"for\":\"mixed\"", "\"for\":\"both\"", "made.for: valid are mixed and bulk");
	expect_refused("\"for\":\"mixed\"", "\"for\":7", "made.for is not a word");
	expect_refused("\"cpu\":\"G", "\"cpu\":\"\\u0007", "made.machine.cpu is not a word of at most 47 letters");
	expect_refused("\"operations\":[", "\"operations\":{}, \"x\":[", "operations is not an array");
	expect_refused("{\"name\":\"fill\"", "{\"name\":\"copy\"", "copy: it is there twice");
	expect_refused("\"from\":0,\"below\":100", "\"from\":0,\"from\":0,\"below\":100", "names a member twice");
	expect_refused("\"from\":0,\"below\":100", "\"from\":1,\"below\":100", "copy, mixed: its bands do not ascend");
	expect_refused("\"from\":0,\"below\":100", "\"from\":0,\"below\":0", "do not ascend");
	expect_refused("\"from\":100,\"below\":4096", "\"from\":100,\"below\":-1", "do not ascend");
	expect_refused("\"from\":4096,\"below\":null", "\"from\":4096,\"below\":9000", "does not go to the end");
	expect_refused("\"basis\":\"chosen\"", "\"basis\":\"guessed\"", "basis is none that is known");
	expect_refused("\"method\":\"scalar\"", "\"method\":[]", "method is not a word");
	expect_refused("\"bulk\":", "\"bulky\":", "copy, bulk: there is no such choice");
	expect_refused("\"measured\":true", "\"measured\":1", "measured is neither true nor false");
	expect_refused("\"cut\":false", "\"cut\":null", "whether the profile was cut off");
	expect_refused("\"copy_bytes\":3145728", "\"copy_bytes\":1e9", "a size is neither null nor a number");
	expect_refused("]", "]]", "not JSON, or cut off");
}

Test(profile_read, too_many_bands_are_refused) {
	char many[512] = "";
	for (int i = 0; i < SIMD_BANDS; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many),
			 "\"from\":%d,\"below\":%d,\"method\":\"scalar\",\"basis\":\"kept\"},{", 10 * i, 10 * i + 10);
	strcat(many, "\"from\":40,\"below\":100");
	expect_refused("\"from\":0,\"below\":100", many, "copy, mixed: it has too many bands");
}

Test(profile_read, what_is_not_here_leaves_the_built_in_choice) {
	cr_assert(reads_with("\"method\":\"scalar\"", "\"method\":\"mmx\""), "%s", why.bytes);
	cr_expect_null(file.choices[TUNE_FOR_MIXED].choice[SIMD_OPERATION_COPY].method[0]);
	cr_expect_str_eq(file.unknown, "copy 'mmx'");
	cr_assert(reads_with("\"name\":\"fill\"", "\"name\":\"shred\""), "%s", why.bytes);
	cr_expect_null(file.choices[TUNE_FOR_MIXED].choice[SIMD_OPERATION_FILL].method[0]);
	cr_expect_str_eq(file.unknown, "operation 'shred'");
}

Test(profile_read, size_is_bounded) {
	char *much = malloc(PROFILE_BYTES_MAX + 1);
	memset(much, ' ', PROFILE_BYTES_MAX + 1);
	memcpy(much, json.bytes, json.length);
	cr_expect(reads(much, PROFILE_BYTES_MAX));
	cr_expect_not(reads(much, PROFILE_BYTES_MAX + 1));
	cr_expect_str_eq(why.bytes, "it is larger than 1 MiB");
	free(much);
}

/* ---- records ----------------------------------------------------------------------------------------------------- */

static void take_part(struct text *record, const char *name, const char **part) {
	struct json_span rest = {record->bytes, record->length}, value;
	struct record read;
	cr_assert(record_next(&rest, &read), "%s", name);
	cr_expect_str_eq(read.tag, "TUNE");
	cr_assert(json_member(read.json, name, &value), "%s", name);
	char *copy = calloc(1, value.length + 1);
	memcpy(copy, value.bytes, value.length);
	*part = copy;
}

Test(profile_read, records_make_the_same_file) {
	struct profile_parts parts = {.head = NULL};
	struct text record = {0}, composed = {0};
	profile_record_head(&record, &fixture_about, tune);
	take_part(&record, "made", &parts.head);
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++) {
		profile_record_operation(&record, tune, (enum simd_operation)i);
		take_part(&record, "operation", &parts.operations[i]);
	}
	profile_record_price(&record, tune);
	take_part(&record, "price", &parts.price);
	profile_record_end(&record, &fixture_about, tune);
	take_part(&record, "end", &parts.end);
	profile_json_compose(&composed, &parts);
	cr_assert_eq(composed.length, json.length);
	cr_expect_arr_eq(composed.bytes, json.bytes, json.length);
}

Test(profile_read, a_cut_off_log_keeps_what_is_finished) {
	struct profile_parts parts = {.head = NULL};
	struct text record = {0}, composed = {0};
	profile_record_head(&record, &fixture_about, tune);
	take_part(&record, "made", &parts.head);
	profile_record_operation(&record, tune, SIMD_OPERATION_COPY);
	take_part(&record, "operation", &parts.operations[SIMD_OPERATION_COPY]);
	profile_json_compose(&composed, &parts);
	cr_assert(reads(composed.bytes, composed.length), "%s", why.bytes);
	cr_expect(file.cut);
	cr_expect_eq(file.measured, 1);
	cr_expect_eq(file.choices[TUNE_FOR_BULK].copy_stream_bytes, 0, "as built in");
	expect_choice(TUNE_FOR_BULK, SIMD_OPERATION_COPY);
	cr_expect_null(file.choices[TUNE_FOR_BULK].choice[SIMD_OPERATION_FILL].method[0]);
}

/* ---- signature --------------------------------------------------------------------------------------------------- */

static void expect_misfit(size_t field, const char *value, const char *words) {
	struct tune_signature here = fixture_signature;
	struct text text = {0};
	strcpy((char *)&here + field, value);
	cr_expect_not(tune_signature_fits(&fixture_signature, &here, &text), "%s", words);
	text_add(&text, "", 1);
	cr_expect_str_eq(text.bytes, words);
	text_free(&text);
}

Test(profile_read, a_signature_says_what_does_not_fit) {
	expect_misfit(offsetof(struct tune_signature, architecture), "aarch64",
		      "it was made on x86_64, this is aarch64");
	expect_misfit(offsetof(struct tune_signature, cpu), "AuthenticAMD 26.2.1",
		      "it was made on GenuineIntel 6.85.7, this is AuthenticAMD 26.2.1");
	expect_misfit(offsetof(struct tune_signature, core_type), "E",
		      "it was made on a core of type P, this one is of type E");
	expect_misfit(offsetof(struct tune_signature, core_type), "",
		      "it was made on a core of type P, this one is of none");
	expect_misfit(offsetof(struct tune_signature, hypervisor), "", "it was made under KVM, this is no guest");
	expect_misfit(offsetof(struct tune_signature, hypervisor), "Xen",
		      "it was made under KVM, this is a guest of Xen");
	expect_misfit(offsetof(struct tune_signature, microcode), "0x1",
		      "it was made with microcode 0x5003604, here it is 0x1");
	expect_misfit(offsetof(struct tune_signature, kernels), "fedcba9876543210",
		      "it was made for other kernels: 0123456789abcdef, these are fedcba9876543210");
	struct tune_signature here = fixture_signature;
	here.microcode[0] = '\0';
	strcpy(here.model, "another name of the same");
	cr_expect(tune_signature_fits(&fixture_signature, &here, &why));
}

Test(profile_read, this_machine_has_a_signature_and_fits_it) {
	struct tune_signature here;
	cr_assert_eq(tune_signature_read(&here), 0);
	cr_expect_str_not_empty(here.architecture);
	cr_expect_str_not_empty(here.cpu);
	cr_expect_eq(strlen(here.kernels), 16);
	cr_expect(tune_signature_fits(&here, &here, &why));
}
