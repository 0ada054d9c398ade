/* SPDX-License-Identifier: Apache-2.0
 *
 * The records' own channel; see recorder.h. One buffer is on its way at a time, a piece of a page each, given to the
 * device where it lies.
 */
#include "kernel/console/recorder.h"

#include "kernel/machine.h"
#include "kernel/memory/device.h"

#include <stddef.h>

/* VIRTIO 1.2, 4.2.2. */
enum mmio_register {
	MAGIC_VALUE = 0x000,
	VERSION = 0x004,
	DEVICE_ID = 0x008,
	DRIVER_FEATURES = 0x020,
	DRIVER_FEATURES_SEL = 0x024,
	QUEUE_SEL = 0x030,
	QUEUE_NUM_MAX = 0x034,
	QUEUE_NUM = 0x038,
	QUEUE_READY = 0x044,
	QUEUE_NOTIFY = 0x050,
	STATUS = 0x070,
	QUEUE_DESC_LOW = 0x080,
	QUEUE_DESC_HIGH = 0x084,
	QUEUE_DRIVER_LOW = 0x090,
	QUEUE_DRIVER_HIGH = 0x094,
	QUEUE_DEVICE_LOW = 0x0a0,
	QUEUE_DEVICE_HIGH = 0x0a4,
};

enum {
	MAGIC = 0x74726976,
	VERSION_MODERN = 2,
	DEVICE_CONSOLE = 3,
	STATUS_ACKNOWLEDGE = 1,
	STATUS_DRIVER = 2,
	STATUS_DRIVER_OK = 4,
	STATUS_FEATURES_OK = 8,
	FEATURES_HIGH_VERSION_1 = 1, /* VIRTIO_F_VERSION_1 is bit 32 */
	AVAIL_NO_INTERRUPT = 1,
	TRANSMIT_QUEUE = 1,
	QUEUE_ENTRIES = 2,
	TRANSPORT_BYTES = 0x200,
	TRANSPORTS_MAX = 32,
};

struct descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};

/* Shared with the device: volatile, and ordered by the fences where it says so. */
static volatile struct {
	struct descriptor descriptors[QUEUE_ENTRIES];
	struct {
		uint16_t flags, index, ring[QUEUE_ENTRIES], used_event;
	} available;
	struct {
		uint16_t flags, index;
		struct {
			uint32_t id, length;
		} ring[QUEUE_ENTRIES];
		uint16_t available_event;
	} used __attribute__((aligned(4)));
} queue __attribute__((aligned(16)));

static uint64_t transport; /* 0: none */

static uint32_t device_read(enum mmio_register offset) {
	return *(volatile uint32_t *)(uintptr_t)(transport + offset);
}

static void device_write(enum mmio_register offset, uint32_t value) {
	*(volatile uint32_t *)(uintptr_t)(transport + offset) = value;
}

static void address_write(enum mmio_register low, enum mmio_register high, const volatile void *address) {
	device_write(low, (uint32_t)(uintptr_t)address);
	device_write(high, (uint32_t)((uint64_t)(uintptr_t)address >> 32));
}

static uint64_t address_parse(const char *key) {
	static const char prefix[] = "virtio-mmio:0x";
	uint64_t value = 0;
	for (size_t i = 0; i < sizeof(prefix) - 1; i++) {
		if (key[i] != prefix[i])
			return 0;
	}
	for (const char *digit = key + sizeof(prefix) - 1; *digit != '\0'; digit++) {
		unsigned nibble = *digit >= '0' && *digit <= '9'   ? (unsigned)(*digit - '0')
				  : *digit >= 'a' && *digit <= 'f' ? (unsigned)(*digit - 'a' + 10)
								   : 16;
		if (nibble == 16)
			return 0;
		value = value << 4 | nibble;
	}
	return value & ~(uint64_t)(TRANSPORT_BYTES - 1);
}

static bool is_console(void) {
	return device_read(MAGIC_VALUE) == MAGIC && device_read(VERSION) == VERSION_MODERN &&
	       device_read(DEVICE_ID) == DEVICE_CONSOLE;
}

static bool find(uint64_t highest) {
	if (!device_map((paddr_t){highest - (TRANSPORTS_MAX - 1) * TRANSPORT_BYTES}, TRANSPORTS_MAX * TRANSPORT_BYTES,
			PAGE_READ | PAGE_WRITE | PAGE_DEVICE))
		return false;
	for (unsigned i = 0; i < TRANSPORTS_MAX; i++) {
		transport = highest - i * TRANSPORT_BYTES;
		if (is_console())
			return true;
	}
	return false;
}

/* 3.1.1, in its order. */
static bool initialise(void) {
	device_write(STATUS, 0);
	device_write(STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
	device_write(DRIVER_FEATURES_SEL, 0);
	device_write(DRIVER_FEATURES, 0);
	device_write(DRIVER_FEATURES_SEL, 1);
	device_write(DRIVER_FEATURES, FEATURES_HIGH_VERSION_1);
	device_write(STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
	if (!(device_read(STATUS) & STATUS_FEATURES_OK))
		return false;
	device_write(QUEUE_SEL, TRANSMIT_QUEUE);
	if (device_read(QUEUE_NUM_MAX) < QUEUE_ENTRIES)
		return false;
	queue.available.flags = AVAIL_NO_INTERRUPT;
	device_write(QUEUE_NUM, QUEUE_ENTRIES);
	address_write(QUEUE_DESC_LOW, QUEUE_DESC_HIGH, &queue.descriptors);
	address_write(QUEUE_DRIVER_LOW, QUEUE_DRIVER_HIGH, &queue.available);
	address_write(QUEUE_DEVICE_LOW, QUEUE_DEVICE_HIGH, &queue.used);
	device_write(QUEUE_READY, 1);
	device_write(STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
	return true;
}

bool recorder_start(const char *key) {
	uint64_t highest = address_parse(key);
	if (highest < TRANSPORTS_MAX * TRANSPORT_BYTES || highest >> machine.cpu.physical_bits != 0 || !find(highest) ||
	    !initialise())
		transport = 0;
	return transport != 0;
}

bool recorder_present(void) {
	return transport != 0;
}

static void send(uint64_t physical, uint32_t length) {
	queue.descriptors[0].address = physical;
	queue.descriptors[0].length = length;
	uint16_t index = (uint16_t)(queue.available.index + 1);
	/* The bytes and the descriptor are there before the index says so, and the index before the device is told. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	queue.available.index = index;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	device_write(QUEUE_NOTIFY, TRANSMIT_QUEUE);
	uint64_t start = arch_ticks();
	uint64_t limit = clock_hz(&machine.clock); /* a second */
	while (queue.used.index != index) {
		if (arch_ticks() - start > limit) {
			transport = 0;
			return;
		}
	}
}

void recorder_write(uint64_t address, uint64_t length) {
	while (length != 0 && transport != 0) {
		struct pagetable_leaf leaf;
		if (!pagetable_find(&machine.pages, (vaddr_t){address}, &leaf))
			return;
		uint64_t offset = address - leaf.address.value;
		uint64_t part = leaf.bytes - offset < length ? leaf.bytes - offset : length;
		part = part < INT32_MAX ? part : INT32_MAX;
		send(leaf.page.value + offset, (uint32_t)part);
		address += part;
		length -= part;
	}
}
