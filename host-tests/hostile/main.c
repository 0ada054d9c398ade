/* SPDX-License-Identifier: Apache-2.0
 *
 * A programme that means no good, in the shipped one's place: asks the kernel for what it must not give, and faults
 * where it can. Each answer that is not the one wanted is a line; the last line counts. Exit status 0 where all were as
 * wanted. Where its last argument is `outside` it faults outside a guard instead, which ends the run; with `rounds` it
 * does what rounds.h says.
 */
#include "host-tests/hostile/requests.h"
#include "host-tests/hostile/rounds.h"
#include "host-tests/hostile/wild.h"
#include "kernel/user/gate_call.h"
#include "lib/conf.h"
#include "platform.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PAGE = 4096, OWN_BYTES = 4 * PAGE, TEXT_BYTES = 6, STACK_BYTES = 64 * 1024, RACES = 200 };
enum { READ_WRITE = PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE };

/* Of what waits for it, and of what never should: the host may be busy. */
static const uint64_t WAIT_NS = UINT64_C(100000000);
static const uint64_t HANG_NS = UINT64_C(60000000000);

/* Where the kernel and its RAM lie on the machines that this runs on, and the local APIC. */
static const uint64_t kernels[HOSTILE_KERNELS] = {0x100000, 0x40000000, 0xfee00000};

static unsigned asked, wrong;
static uint64_t own, constant, code, stack_top;

static void expect(const char *what, uint64_t detail, int64_t found, int64_t wanted) {
	asked++;
	if (found == wanted)
		return;
	wrong++;
	printf("hostile: %s, %" PRIx64 ": %" PRId64 ", wanted %" PRId64 "\n", what, detail, found, wanted);
}

static uint64_t address_of(const volatile void *pointer) {
	return (uint64_t)(uintptr_t)pointer;
}

static uint64_t map(size_t bytes, unsigned flags) {
	void *memory = NULL;
	expect("memory_map", flags, platform_memory_map(bytes, PAGE, flags, &memory), 0);
	return address_of(memory);
}

/* ---- memory that is not ours ------------------------------------------------------------------------------------- */

static int64_t request(const struct hostile_call *call, uint64_t address, uint64_t bytes) {
	uint64_t arguments[4];
	hostile_arguments(call, address, bytes, arguments);
	return gate_call(call->number, arguments[0], arguments[1], arguments[2]);
}

static void name_memory(void) {
	for (const struct hostile_call *call = hostile_calls; call < hostile_calls + HOSTILE_CALLS; call++) {
		if (call->memory == HOSTILE_NOTHING)
			continue;
		uint64_t addresses[HOSTILE_WRONG_MAX], bytes = call->bytes != 0 ? call->bytes : TEXT_BYTES;
		size_t count = hostile_addresses(own, OWN_BYTES, bytes < 16 ? 16 : bytes, kernels, addresses);
		for (size_t i = 0; i < count; i++)
			expect(call->name, addresses[i], request(call, addresses[i], bytes < 16 ? 16 : bytes),
			       PLATFORM_EINVAL);
		if (call->memory == HOSTILE_WRITES) {
			expect(call->name, constant, request(call, constant, bytes), PLATFORM_EINVAL);
			expect(call->name, code, request(call, code, bytes), PLATFORM_EINVAL);
			expect(call->name, GATE_START_BASE, request(call, GATE_START_BASE, bytes), PLATFORM_EINVAL);
		}
	}
}

static void name_lengths(void) {
	const uint64_t lengths[] = {0, OWN_BYTES + 1, UINT64_C(1) << 47, UINT64_MAX, UINT64_C(0) - own, 1 - own};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		expect("WRITE of bytes", lengths[i], gate_call(GATE_WRITE, PLATFORM_STREAM_TEXT, own, lengths[i]),
		       PLATFORM_EINVAL);
}

/* What platform.h itself lets through. */
static void through_the_platform(void) {
	static const char text[TEXT_BYTES + 1] = "wrong\n";
	for (unsigned bit = 47; bit < 64; bit++) {
		uint64_t bits = UINT64_C(1) << bit;
		expect("platform_write", bits,
		       platform_write(PLATFORM_STREAM_TEXT, (const void *)(uintptr_t)(address_of(text) ^ bits),
				      TEXT_BYTES),
		       PLATFORM_EINVAL);
		void *there = (void *)(uintptr_t)(own ^ bits);
		expect("platform_memory_protect", bits, platform_memory_protect(there, PAGE, PLATFORM_MEMORY_READ),
		       PLATFORM_EINVAL);
		expect("platform_memory_unmap", bits, platform_memory_unmap(there, OWN_BYTES), PLATFORM_EINVAL);
		expect("platform_clock_calibrate", bits, platform_clock_calibrate(there), PLATFORM_EINVAL);
	}
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

static void odd_numbers(void) {
	const uint64_t huge[] = {UINT64_C(1) << 40, UINT64_C(1) << 47, UINT64_C(1) << 63, UINT64_MAX - PAGE,
				 UINT64_MAX};
	expect("a call without a number", GATE_CALL_COUNT, gate_call(GATE_CALL_COUNT, 0, 0, 0), PLATFORM_EINVAL);
	for (size_t i = 0; i < sizeof(huge) / sizeof(huge[0]); i++) {
		uint64_t much = huge[i];
		expect("a call without a number", much, gate_call(much, 0, 0, 0), PLATFORM_EINVAL);
		expect("HEAP_GROW", much, gate_call(GATE_HEAP_GROW, much, 0, 0), PLATFORM_ENOMEM);
		expect("MEMORY_MAP", much, gate_call(GATE_MEMORY_MAP, much, PAGE, READ_WRITE), PLATFORM_ENOMEM);
		expect("MEMORY_MAP, pages", much, gate_call(GATE_MEMORY_MAP, PAGE, much, READ_WRITE), PLATFORM_EINVAL);
		expect("MEMORY_MAP, flags", much, gate_call(GATE_MEMORY_MAP, PAGE, PAGE, much), PLATFORM_EINVAL);
		expect("MEMORY_PROTECT", much, gate_call(GATE_MEMORY_PROTECT, own, much, READ_WRITE), PLATFORM_EINVAL);
		expect("MEMORY_UNMAP", much, gate_call(GATE_MEMORY_UNMAP, own, much, 0), PLATFORM_EINVAL);
		expect("WRITE, stream", much, gate_call(GATE_WRITE, much, own, 1), PLATFORM_EINVAL);
		expect("CORE_START", much, gate_call(GATE_CORE_START, much, own, 0), PLATFORM_EINVAL);
		expect("CORE_JOIN", much, gate_call(GATE_CORE_JOIN, much, 0, 0), PLATFORM_EINVAL);
		expect("CORE_RAISE", much, gate_call(GATE_CORE_RAISE, much, 0, 0), PLATFORM_EINVAL);
		expect("CORE_STOP", much, gate_call(GATE_CORE_STOP, much, 0, 0), PLATFORM_EINVAL);
		expect("CORE_REST", much, gate_call(GATE_CORE_REST, much, 0, 0), PLATFORM_EINVAL);
		expect("CORE_FIND", much, gate_call(GATE_CORE_FIND, much, 0, 0), PLATFORM_EINVAL);
		expect("CORE_FIND", much, gate_call(GATE_CORE_FIND, 0, much, 0), PLATFORM_EUNSUPPORTED);
		expect("CORE_DESCRIBE", much, gate_call(GATE_CORE_DESCRIBE, much, own, 0), PLATFORM_EINVAL);
		expect("CHECKPOINT", much, gate_call(GATE_CHECKPOINT, much, 0, 0), 0);
	}
	expect("MEMORY_PROTECT of text", GATE_PROGRAM_BASE,
	       gate_call(GATE_MEMORY_PROTECT, GATE_PROGRAM_BASE, PAGE, READ_WRITE), PLATFORM_EINVAL);
	expect("MEMORY_UNMAP of a stack", GATE_STACK_BASE + PAGE,
	       gate_call(GATE_MEMORY_UNMAP, GATE_STACK_BASE + PAGE, GATE_MAIN_STACK_BYTES, 0), PLATFORM_EINVAL);
}

/* ---- work on page tables ----------------------------------------------------------------------------------------- */

static int64_t ask_pages(uint64_t address, uint64_t bytes, uint64_t page_bytes, uint64_t work, uint64_t rounds) {
	struct platform_page_request *request = (struct platform_page_request *)(uintptr_t)(own + HOSTILE_OFFSET);
	*request = (struct platform_page_request){(void *)(uintptr_t)address, bytes, page_bytes, work, rounds};
	return gate_call(GATE_PAGES_REPEAT, address_of(request), 0, 0);
}

static void odd_pages(uint64_t work) {
	const uint64_t huge[] = {UINT64_C(1) << 31, UINT64_C(1) << 47, UINT64_C(1) << 63, UINT64_MAX - PAGE + 1,
				 UINT64_MAX};
	uint64_t addresses[HOSTILE_WRONG_MAX];
	size_t count = hostile_addresses(own, OWN_BYTES, PAGE, kernels, addresses);
	addresses[count++] = constant;
	addresses[count++] = code;
	addresses[count++] = GATE_PROGRAM_BASE;
	addresses[count++] = GATE_HEAP_BASE;
	addresses[count++] = GATE_STACK_BASE + PAGE;
	addresses[count++] = GATE_START_BASE;
	for (size_t i = 0; i < count; i++)
		expect("PAGES_REPEAT", addresses[i], ask_pages(addresses[i], PAGE, PAGE, work, 1), PLATFORM_EINVAL);
	for (size_t i = 0; i < sizeof(huge) / sizeof(huge[0]); i++) {
		uint64_t much = huge[i];
		expect("PAGES_REPEAT, bytes", much, ask_pages(own, much, PAGE, work, 1), PLATFORM_EINVAL);
		expect("PAGES_REPEAT, pages", much, ask_pages(own, PAGE, much, work, 1), PLATFORM_EINVAL);
		expect("PAGES_REPEAT, work", much, ask_pages(own, PAGE, PAGE, work | much, 1), PLATFORM_EINVAL);
		expect("PAGES_REPEAT, rounds", much, ask_pages(own, PAGE, PAGE, work, much), PLATFORM_EINVAL);
	}
	expect("PAGES_REPEAT, no bytes", work, ask_pages(own, 0, PAGE, work, 1), PLATFORM_EINVAL);
	expect("PAGES_REPEAT, no pages", work, ask_pages(own, PAGE, 0, work, 1), PLATFORM_EINVAL);
	expect("PAGES_REPEAT, a part", work, ask_pages(own, PAGE + 1, PAGE, work, 1), PLATFORM_EINVAL);
	expect("PAGES_REPEAT, too many", work, ask_pages(own, OWN_BYTES, PAGE, work, GATE_PAGES_MOST), PLATFORM_EINVAL);
}

/* ---- where to go on ---------------------------------------------------------------------------------------------- */

static int64_t arm(uint64_t instruction, uint64_t stack) {
	volatile struct gate_resume *resume = (volatile struct gate_resume *)(uintptr_t)own;
	resume->instruction = instruction;
	resume->stack = stack;
	int64_t result = gate_call(GATE_GUARD_ARM, own, 0, 0);
	if (result == 0)
		gate_call(GATE_GUARD_DISARM, 0, 0, 0);
	return result;
}

static int64_t start(uint64_t instruction, uint64_t stack) {
	volatile struct gate_task *task = (volatile struct gate_task *)(uintptr_t)own;
	task->instruction = instruction;
	task->stack = stack;
	return gate_call(GATE_CORE_START, 1, own, 0);
}

static void wild_places(void) {
	uint64_t places[HOSTILE_WRONG_MAX];
	size_t count = hostile_addresses(own, OWN_BYTES, PAGE, kernels, places);
	for (unsigned bit = 47; bit < 64; bit++)
		places[count++] = code ^ UINT64_C(1) << bit;
	places[count++] = own;
	places[count++] = constant;
	for (size_t i = 0; i < count; i++) {
		expect("GUARD_ARM, instruction", places[i], arm(places[i], stack_top - 64), PLATFORM_EINVAL);
		expect("CORE_START, instruction", places[i], start(places[i], stack_top), PLATFORM_EINVAL);
	}
	count = hostile_addresses(own, OWN_BYTES, 16, kernels, places);
	places[count++] = constant + 64;
	places[count++] = code + 64;
	for (size_t i = 0; i < count; i++) {
		if (places[i] == own + OWN_BYTES - 8 || places[i] == own + OWN_BYTES)
			continue; /* one is a stack, the other a stack's top */
		expect("GUARD_ARM, stack", places[i], arm(code, places[i]), PLATFORM_EINVAL);
		expect("CORE_START, stack", places[i], start(code, places[i]), PLATFORM_EINVAL);
	}
	expect("GUARD_ARM", code, arm(code, stack_top - 64), 0);
}

/* ---- faults ------------------------------------------------------------------------------------------------------ */

struct wild {
	void (*function)(uint64_t address);
	uint64_t address;
};

static void go_wild(void *argument) {
	const struct wild *wild = argument;
	wild->function(wild->address);
}

static void contained(const char *what, void (*function)(uint64_t), uint64_t address, enum platform_outcome outcome) {
	struct wild wild = {function, address};
	struct platform_fault fault;
	uint64_t timeout_ns = outcome == PLATFORM_TIMED_OUT ? WAIT_NS : HANG_NS;
	expect(what, address, platform_run_guarded(go_wild, &wild, timeout_ns, 0, &fault), 0);
	expect(what, address, fault.outcome, outcome);
}

static void read_word(uint64_t address) {
	(void)*(const volatile uint64_t *)(uintptr_t)address;
}

/* What is in it stays, and it can be written afterwards. */
static void work_on_pages(void) {
	volatile uint64_t *word = (volatile uint64_t *)(uintptr_t)(own + PAGE);
	for (uint64_t work = 0; work < PLATFORM_PAGE_WORKS; work++) {
		odd_pages(work);
		*word = work + 1;
		expect("PAGES_REPEAT", work, ask_pages(own, OWN_BYTES, PAGE, work, 3), 0);
		expect("what is in the page", work, (int64_t)*word, (int64_t)work + 1);
	}
	/* Three pages are withheld still; memory that is not there is told from such. */
	expect("WRITE of a withheld page", own, gate_call(GATE_WRITE, PLATFORM_STREAM_TEXT, own + 2 * PAGE, 1),
	       PLATFORM_EINVAL);
	contained("a read behind withheld pages", read_word, own + OWN_BYTES, PLATFORM_FAULTED);
	for (uint64_t page = 0; page < OWN_BYTES; page += PAGE)
		read_word(own + page);
	expect("MEMORY_PROTECT of what was withheld", own, gate_call(GATE_MEMORY_PROTECT, own, OWN_BYTES, READ_WRITE),
	       0);
}

/* Nothing that is not the programme's own changes places, and what does is there afterwards. */
static void exchange_pages(void) {
	volatile uint64_t *word = (volatile uint64_t *)(uintptr_t)own;
	int64_t done = gate_call(GATE_PAGE_EXCHANGE, own, own, PLATFORM_EXCHANGE_ALL);
	int64_t refused = done == 0 ? PLATFORM_EINVAL : PLATFORM_EUNSUPPORTED;
	uint64_t addresses[HOSTILE_WRONG_MAX];
	size_t count = hostile_addresses(own, OWN_BYTES, PAGE, kernels, addresses);
	addresses[count++] = constant;
	addresses[count++] = code;
	addresses[count++] = own + 8;
	addresses[count++] = GATE_PROGRAM_BASE;
	addresses[count++] = GATE_HEAP_BASE;
	addresses[count++] = GATE_STACK_BASE + PAGE;
	addresses[count++] = GATE_START_BASE;
	expect("PAGE_EXCHANGE", own, done, refused == PLATFORM_EINVAL ? 0 : PLATFORM_EUNSUPPORTED);
	for (uint64_t told = 0; told < PLATFORM_EXCHANGES; told++)
		for (size_t i = 0; i < count; i++) {
			expect("PAGE_EXCHANGE", addresses[i], gate_call(GATE_PAGE_EXCHANGE, own, addresses[i], told),
			       refused);
			expect("PAGE_EXCHANGE", addresses[i], gate_call(GATE_PAGE_EXCHANGE, addresses[i], own, told),
			       refused);
		}
	expect("PAGE_EXCHANGE, told", PLATFORM_EXCHANGES,
	       gate_call(GATE_PAGE_EXCHANGE, own, own + PAGE, PLATFORM_EXCHANGES), refused);
	expect("PAGE_EXCHANGE, told", UINT64_MAX, gate_call(GATE_PAGE_EXCHANGE, own, own + PAGE, UINT64_MAX), refused);
	word[0] = 1, word[PAGE / sizeof(*word)] = 2;
	expect("PAGE_EXCHANGE", own, gate_call(GATE_PAGE_EXCHANGE, own, own + PAGE, PLATFORM_EXCHANGE_PAGES), done);
	expect("what was in the other page", own, (int64_t)word[0], done == 0 ? 2 : 1);
	expect("PAGE_EXCHANGE", own, gate_call(GATE_PAGE_EXCHANGE, own, own + PAGE, PLATFORM_EXCHANGE_UNTOLD), done);
	(void)gate_call(GATE_MEMORY_FREE, 0, 0, 0);
	expect("what was in the page", own, (int64_t)word[0], 1);
}

static void wild_frames(void) {
	const uint64_t wild[] = {8, UINT64_C(1) << 47, UINT64_C(1) << 63, UINT64_C(0) - 4096, code ^ UINT64_C(1) << 48};
	for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		contained("a jump", wild_jump, wild[i], PLATFORM_FAULTED);
		contained("a call on a wild stack", wild_stack_call, wild[i], PLATFORM_FAULTED);
	}
	for (size_t i = 0; wild_instructions[i] != 0; i++)
		contained("an instruction", wild_jump, wild_instructions[i], PLATFORM_FAULTED);
	for (size_t i = 0; i < 2; i++)
		contained("a wait on a wild stack", wild_stack_wait, wild[i], PLATFORM_TIMED_OUT);
}

/* The memory that the fault would be told in is asked for while the guard stands on it. */
static void take_away(void *argument) {
	uint64_t resume = address_of(argument);
	expect("MEMORY_UNMAP under a guard", resume, gate_call(GATE_MEMORY_UNMAP, resume, PAGE, 0), PLATFORM_EBUSY);
	expect("MEMORY_PROTECT under a guard", resume,
	       gate_call(GATE_MEMORY_PROTECT, resume, PAGE, PLATFORM_MEMORY_READ), PLATFORM_EBUSY);
	wild_jump(8);
}

static void fault_told_where_it_was_asked_away(void) {
	uint64_t page = map(PAGE, READ_WRITE);
	struct gate_resume *resume = (struct gate_resume *)(uintptr_t)page;
	expect("a guard on a page", page, gate_run_guarded(take_away, resume, stack_top, resume, 0, 0), 1);
	expect("its fault", page, resume->fault.outcome, PLATFORM_FAULTED);
	expect("MEMORY_UNMAP after it", page, gate_call(GATE_MEMORY_UNMAP, page, PAGE, 0), 0);
}

/* ---- another core ------------------------------------------------------------------------------------------------ */

static struct {
	volatile uint64_t *words;
	bool stop;
} flips;

/* Makes both words of a descriptor wild and good again, until it is stopped. */
static void flip(void *argument) {
	(void)argument;
	while (!__atomic_load_n(&flips.stop, __ATOMIC_RELAXED)) {
		for (unsigned word = 0; word < 2; word++) {
			uint64_t value = flips.words[word] & ~(UINT64_C(1) << 63);
			flips.words[word] = value | UINT64_C(1) << 63;
			flips.words[word] = value;
		}
	}
}

static void fault_at_once(void *argument) {
	(void)argument;
	wild_jump(8);
}

/* A busy host may keep the core so long that the kernel gives it up. */
static void start_core(void (*function)(void *argument), uint64_t detail) {
	enum { TRIES = 50 };
	int result = PLATFORM_EIO;
	for (unsigned i = 0; i < TRIES && result == PLATFORM_EIO; i++)
		result = platform_core_start(1, function, NULL);
	expect("core_start", detail, result, 0);
}

static void race(void) {
	struct gate_resume *resume = (struct gate_resume *)(uintptr_t)(own + HOSTILE_OFFSET);
	flips.words = &resume->instruction;
	start_core(flip, RACES);
	for (unsigned i = 0; i < RACES; i++) {
		int64_t result = gate_run_guarded(fault_at_once, NULL, stack_top, resume, 0, 0);
		expect("a race", i, result == 1 || result == PLATFORM_EINVAL, true);
	}
	__atomic_store_n(&flips.stop, true, __ATOMIC_RELAXED);
	expect("core_join", 0, platform_core_join(1, HANG_NS), 0);
}

static void core_calls_the_gate(void *argument) {
	gate_call(GATE_WRITE, PLATFORM_STREAM_TEXT, address_of(argument), 1);
}

static void core_jumps(void *argument) {
	(void)argument;
	wild_jump(UINT64_C(1) << 63);
}

static void core_on_wild_stack(void *argument) {
	(void)argument;
	wild_stack_call(UINT64_C(1) << 63);
}

static bool leave_page;

static void read_on(void *argument) {
	(void)argument;
	while (!__atomic_load_n(&leave_page, __ATOMIC_RELAXED))
		(void)*(const volatile uint64_t *)(uintptr_t)own;
}

static void write_on(void *argument) {
	(void)argument;
	while (!__atomic_load_n(&leave_page, __ATOMIC_RELAXED))
		*(volatile uint64_t *)(uintptr_t)own = 1;
}

/* Rights change under a core that reads the page, which goes on, or writes it, which faults or is never met. Nothing is
 * taken from under either, and the page is whole afterwards. A busy host may keep a core from its answer. */
static void change_page_under(void (*function)(void *argument), bool writes) {
	enum { ROUNDS = 100 };
	static const uint64_t taken[] = {PLATFORM_PAGES_REMAP, PLATFORM_PAGES_WITHHOLD};
	volatile uint64_t *word = (volatile uint64_t *)(uintptr_t)own;
	__atomic_store_n(&leave_page, false, __ATOMIC_RELAXED);
	start_core(function, writes);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]) && !writes; i++)
		expect("PAGES_REPEAT under a core", taken[i], ask_pages(own, PAGE, PAGE, taken[i], 1), PLATFORM_EBUSY);
	if (!writes)
		expect("MEMORY_PROTECT under a core", own, gate_call(GATE_MEMORY_PROTECT, own, PAGE, READ_WRITE),
		       PLATFORM_EBUSY);
	int64_t result = ask_pages(own, PAGE, PAGE, PLATFORM_PAGES_PROTECT, ROUNDS);
	expect("PAGES_REPEAT, PROTECT under a core", writes, result == 0 || result == PLATFORM_EIO, true);
	__atomic_store_n(&leave_page, true, __ATOMIC_RELAXED);
	int joined = platform_core_join(1, HANG_NS);
	expect("core_join of who was on the page", writes, joined == 0 || (writes && joined == PLATFORM_EFAULT), true);
	*word = 5;
	expect("what is in the page", writes, (int64_t)*word, 5);
}

static void other_core(void) {
	void (*const functions[])(void *argument) = {core_calls_the_gate, core_jumps, core_on_wild_stack};
	if (platform_describe()->cores < 2) {
		printf("hostile: one core\n");
		return;
	}
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		start_core(functions[i], i);
		expect("core_join", i, platform_core_join(1, HANG_NS), PLATFORM_EFAULT);
	}
	race();
	change_page_under(read_on, false);
	change_page_under(write_on, true);
}

static bool asked_for(int argc, char **argv, const char *word) {
	const struct platform_text config = platform_config();
	struct conf_span words = conf_find(config.bytes, config.length, NULL, 0, "arguments");
	return (argc > 1 && strcmp(argv[argc - 1], word) == 0) ||
	       (words.length == strlen(word) && memcmp(words.bytes, word, words.length) == 0);
}

int main(int argc, char **argv) {
	if (asked_for(argc, argv, "outside"))
		wild_jump(UINT64_C(1) << 63);
	if (asked_for(argc, argv, "rounds"))
		return rounds_run() == 0 ? 0 : 1;
	own = map(OWN_BYTES, READ_WRITE);
	constant = map(PAGE, PLATFORM_MEMORY_READ);
	code = map(PAGE, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_EXECUTE);
	stack_top = map(STACK_BYTES, READ_WRITE) + STACK_BYTES;
	name_memory();
	name_lengths();
	through_the_platform();
	odd_numbers();
	work_on_pages();
	exchange_pages();
	wild_places();
	wild_frames();
	fault_told_where_it_was_asked_away();
	other_core();
	printf("hostile: %u answers, %u wrong\n", asked, wrong);
	return wrong == 0 ? 0 : 1;
}
