/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin for QEMU that records the address stream of a guest, in the format of docs/formats.md:
 *
 *     qemu-x86_64 -plugin build/anechoic-stream.so,out=a.stream ./program
 *     qemu-system-x86_64 -plugin build/anechoic-stream.so,out=a.stream,skip=1000000,count=5000000 ...
 *
 * Of one virtual CPU, the first, or a program's first thread; how much others did is said at the end. QEMU tells of no
 * flush and of no address space, so that there are none in the stream. A process that the program forks is not
 * recorded. What is recorded is that of the guest's addresses.
 */
#include "plugin/qemu.h"

#include "bench/decimal.h"
#include "hosted/stream/filter.h"
#include "hosted/stream/write.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

enum { ADDRESS_BITS = 64, PAGE_SHIFT_X86 = 12 };

static struct stream_writer writer;
static struct stream_filter filter = {.count = UINT64_MAX};
static FILE *file;
static const char *name;
static struct stream_thin thin; /* what is written at the end, where samples */
static bool samples;
static bool is_other;   /* a process that was forked */
static uint64_t others; /* accesses of other CPUs */

/* ---- while the guest runs ---------------------------------------------------------------------------------------- */

static void keep(const struct stream_event *event) {
	stream_thin_take(&thin, event);
}

static void write_now(const struct stream_event *event) {
	stream_write(&writer, *event);
}

static void take(unsigned int cpu, uint64_t address, enum stream_kind kind) {
	struct stream_event event = {address, (uint8_t)kind};
	if (cpu != 0)
		__atomic_fetch_add(&others, 1, __ATOMIC_RELAXED);
	else if (!is_other && !writer.failed && stream_filter_takes(&filter, &event))
		(samples ? keep : write_now)(&event);
}

static void executed(unsigned int cpu, void *address) {
	take(cpu, (uintptr_t)address, STREAM_EXECUTE);
}

static void accessed(unsigned int cpu, uint32_t info, uint64_t address, void *unused) {
	(void)unused;
	take(cpu, address, qemu_plugin_mem_is_store(info) ? STREAM_WRITE : STREAM_READ);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
		uintptr_t address = qemu_plugin_insn_vaddr(instruction);
		if (!filter.data_only)
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, QEMU_PLUGIN_CB_NO_REGS,
							       (void *)address);
		/* Once for both: of two, QEMU 7.2 calls the wrong one. */
		qemu_plugin_register_vcpu_mem_cb(instruction, accessed, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW,
						 NULL);
	}
}

/* Nothing of what its parent has not written yet may leave a child. */
static void leave_to_parent(void) {
	is_other = true;
	close(fileno(file));
}

static void end(qemu_plugin_id_t id, void *unused) {
	(void)id;
	(void)unused;
	if (is_other)
		return;
	if (samples)
		stream_write_thin(&writer, &thin);
	bool written = stream_writer_end(&writer);
	int error = writer.error;
	if (fclose(file) != 0 && written) {
		written = false;
		error = errno;
	}
	if (!written)
		fprintf(stderr, "anechoic-stream: %s: %s\n", name, strerror(error));
	if (others > 0)
		fprintf(stderr, "anechoic-stream: %" PRIu64 " accesses of other CPUs or threads are not in %s\n",
			others, name);
}

/* ---- when it is loaded ------------------------------------------------------------------------------------------- */

static int refuse(const char *what, const char *more) {
	fprintf(stderr, "anechoic-stream: %s%s\n", what, more);
	return -1;
}

/* QEMU hands a word that has no value on as "word=on". */
static bool take_word(const char *word) {
	if (strncmp(word, "out=", 4) == 0 && word[4])
		return (name = strdup(word + 4)) != NULL;
	if (strncmp(word, "skip=", 5) == 0)
		return decimal_whole(word + 5, 0, UINT64_MAX, &filter.skip);
	if (strncmp(word, "count=", 6) == 0)
		return decimal_whole(word + 6, 1, UINT64_MAX, &filter.count);
	if (strcmp(word, "data=on") == 0)
		return filter.data_only = true;
	if (strcmp(word, "sample=on") == 0)
		return samples = true;
	return strcmp(word, "data=off") == 0 || strcmp(word, "sample=off") == 0;
}

static struct stream_note note_of(const qemu_info_t *info) {
	const char *target = info->target_name;
	bool is_x86 = strcmp(target, "x86_64") == 0 || strcmp(target, "i386") == 0;
	struct stream_note note = {.address_bits = ADDRESS_BITS,
				   .page_shift = is_x86 ? PAGE_SHIFT_X86 : 0,
				   .has_fetches = !filter.data_only};
	snprintf(note.source, sizeof(note.source), "qemu-%s%.11s", info->system_emulation ? "system-" : "", target);
	return note;
}

EXPORTED int qemu_plugin_version = QEMU_PLUGIN_VERSION;

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
	if (info->version.min > QEMU_PLUGIN_VERSION || info->version.cur < QEMU_PLUGIN_VERSION)
		return refuse("this QEMU has another interface for plugins than version 1", "");
	for (int i = 0; i < argc; i++)
		if (!take_word(argv[i]))
			return refuse("it takes out=FILE, skip=N, count=N, data=on and sample=on, and not ", argv[i]);
	if (!name)
		return refuse("where to? out=FILE", "");
	/* Emptied as the first access comes. */
	int opened = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	file = opened >= 0 ? fdopen(opened, "wb") : NULL;
	if (!file || (samples && !stream_thin_start(&thin, STREAM_THIN_WINDOW, STREAM_THIN_WINDOWS)) ||
	    pthread_atfork(NULL, NULL, leave_to_parent) != 0) {
		fprintf(stderr, "anechoic-stream: %s: %s\n", name, strerror(errno));
		return -1;
	}
	struct stream_note note = note_of(info);
	stream_writer_start(&writer, file, &note);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, end, NULL);
	return 0;
}
