/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tune/publish.h"

#include "bench/compact/stream.h"
#include "bench/context.h"
#include "bench/ticks.h"
#include "platform.h"

int publish_about(const struct tune_request *request, struct tune_signature *signature, struct profile_about *about) {
	struct platform_clock clock;
	static const char *const commands[2][2][2] = {
		{{"anechoic tune", "anechoic tune --for=bulk"},
		 {"anechoic tune --in-caches", "anechoic tune --in-caches --for=bulk"}},
		{{"anechoic tune --thorough", "anechoic tune --thorough --for=bulk"},
		 {"anechoic tune --thorough --in-caches", "anechoic tune --thorough --in-caches --for=bulk"}},
	};
	bool bulk = request->what_for == TUNE_FOR_BULK;
	int error = tune_signature_read(signature);
	if (error == 0)
		error = platform_clock_calibrate(&clock);
	if (error != 0)
		return error;
	*about = (struct profile_about){
		.signature = signature,
		.what_for = request->what_for,
		.command = commands[request->thorough][request->in_caches][bulk],
	};
	context_utc(ticks_begin(), clock.hz, about->date);
	return 0;
}

static void emit(struct text *record) {
	if (record->length != 0)
		(void)record_stream_write(record);
}

static void emit_records(const struct tune *tune, const struct profile_about *about) {
	struct text record = {0};
	profile_record_head(&record, about, tune);
	emit(&record);
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		profile_record_operation(&record, tune, (enum simd_operation)i);
		emit(&record);
	}
	profile_record_price(&record, tune);
	emit(&record);
	profile_record_end(&record, about, tune);
	emit(&record);
	text_free(&record);
}

int publish_profile(const struct tune *tune, const struct profile_about *about) {
	struct text file = {0};
	emit_records(tune, about);
	profile_json_write(&file, about, tune);
	int error = file.failed ? PLATFORM_ENOMEM : platform_write(PLATFORM_STREAM_RESULTS, file.bytes, file.length);
	text_free(&file);
	if (error == 0)
		error = platform_results_close();
	return error == PLATFORM_EUNSUPPORTED ? 0 : error;
}
