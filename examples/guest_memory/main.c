/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts a guest, lets it write, sends its dirty pages twice, and looks whether all is as it must be. Exit
 * status 1 where it is not.
 */
#include "device.h"
#include "guest.h"

#include <stdio.h>
#include <string.h>

enum { PAGES = 1024, NODES = 8, CODE = 0x1000, HEAP = 0x200000, HEAP_PAGES = 512, TEXT_PAGE = 600 };

static _Alignas(GUEST_PAGE_BYTES) unsigned char memory[PAGES * GUEST_PAGE_BYTES];
static _Alignas(GUEST_PAGE_BYTES) unsigned char nodes[POOL_BYTES(sizeof(struct guest_node), GUEST_PAGE_BYTES, NODES)];
static _Alignas(TLB_ALIGNMENT) unsigned char store[128 * 1024];
static struct tlb tlb;
static struct guest guest;
static int wrong;

static void expect(bool is_so, const char *what) {
	if (is_so)
		return;
	printf("wrong: %s\n", what);
	wrong = 1;
}

static void say_sent(const char *when, struct guest_sent sent) {
	printf("%s: %u dirty pages: %u zero, %u unchanged, %u to be sent\n", when, sent.dirty, sent.zero,
	       sent.unchanged, sent.changed);
}

/* 100,000 bytes across page ends, there and back. */
static void copy_there_and_back(void) {
	static unsigned char there[100000], back[100000];
	for (size_t i = 0; i < sizeof there; i++)
		there[i] = (unsigned char)(i * 7 + i / 4096);
	expect(guest_write(&guest, HEAP + 123, there, sizeof there) == GUEST_OK, "a write to the heap");
	expect(guest_read(&guest, HEAP + 123, back, sizeof back) == GUEST_OK, "a read from the heap");
	expect(memcmp(there, back, sizeof there) == 0, "what came back");
	printf("copied %zu bytes to the guest and back: %llu walks, %llu more misses\n", sizeof there,
	       (unsigned long long)tlb.walks, (unsigned long long)tlb.refills);
}

static void faults(void) {
	unsigned char byte = 0;
	int code_write = guest_write(&guest, CODE, &byte, 1), hole = guest_read(&guest, 0x30000000, &byte, 1);
	expect(guest_read(&guest, CODE, &byte, 1) == GUEST_OK, "a read of the code");
	expect(code_write == GUEST_DENIED, "a write to the code");
	expect(hole == GUEST_UNMAPPED, "a read where nothing is");
	printf("a write to the code: %s; a read where nothing is: %s\n", code_write == GUEST_DENIED ? "denied" : "?",
	       hole == GUEST_UNMAPPED ? "unmapped" : "?");
}

int main(void) {
	struct pool_statistics nodes_in_use;
	if (guest_start(&guest, &tlb, simd_features_detect(), memory, PAGES, nodes, sizeof nodes, NODES, store,
			sizeof store) != GUEST_OK)
		return 1;
	printf("kernels: %s\n", guest.kernels.from[SIMD_FAMILY_COPIES]->name);
	expect(guest_map(&guest, CODE, TEXT_PAGE, 4, false) == GUEST_OK, "mapping the code");
	expect(guest_map(&guest, HEAP, 0, HEAP_PAGES, true) == GUEST_OK, "mapping the heap");
	pool_statistics_read(&guest.nodes, &nodes_in_use);
	printf("page table: %zu nodes of %zu\n", nodes_in_use.live, nodes_in_use.capacity);

	copy_there_and_back();
	expect(device_serve(&guest, HEAP + 0x40000, 20) == GUEST_OK, "20 sectors from the device");
	expect(guest_zero(&guest, HEAP + 0x80000, 3 * GUEST_PAGE_BYTES) == GUEST_OK, "zeroing three pages");
	say_sent("first round", guest_send(&guest));
	expect(device_serve(&guest, HEAP + 0x40000, 16) == GUEST_OK, "16 sectors again");
	expect(guest_zero(&guest, HEAP, 1) == GUEST_OK, "zeroing a byte that is zero");
	expect(guest_write(&guest, HEAP + 0x100000, "once", 4) == GUEST_OK, "a write to a clean page");
	say_sent("second round", guest_send(&guest));
	faults();

	guest_stop(&guest);
	pool_statistics_read(&guest.nodes, &nodes_in_use);
	expect(nodes_in_use.live == 0, "every node given back");
	printf("page table: %zu nodes after the end\n", nodes_in_use.live);
	return wrong;
}
