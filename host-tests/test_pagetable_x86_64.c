/* SPDX-License-Identifier: Apache-2.0
 *
 * Page tables of x86_64: the walker's cases, and entries against the bits of Intel SDM volume 3A, tables 4-15 to 4-20.
 */
#include "host-tests/pagetable_cases.h"

Test(pte_x86_64, bits_are_the_manuals) {
	/* P, A, D; R/W is bit 1, U/S bit 2, PWT 3, PCD 4, PS 7, XD 63 */
	cr_assert_eq(arch_pte_leaf((paddr_t){0x1000}, 0, PAGE_READ), UINT64_C(0x8000000000001061));
	cr_assert_eq(arch_pte_leaf((paddr_t){0x1000}, 0, PAGE_READ | PAGE_WRITE), UINT64_C(0x8000000000001063));
	cr_assert_eq(arch_pte_leaf((paddr_t){0x1000}, 0, PAGE_READ | PAGE_EXECUTE | PAGE_USER), UINT64_C(0x1065));
	cr_assert_eq(arch_pte_leaf((paddr_t){0x200000}, 1, PAGE_READ | PAGE_WRITE | PAGE_USER),
		     UINT64_C(0x80000000002000e7));
	cr_assert_eq(arch_pte_leaf((paddr_t){0x40000000}, 2, PAGE_READ | PAGE_EXECUTE), UINT64_C(0x400000e1));
	cr_assert_eq(arch_pte_leaf((paddr_t){0xfee00000}, 0, PAGE_READ | PAGE_WRITE | PAGE_DEVICE),
		     UINT64_C(0x80000000fee0007b));
	cr_assert_eq(arch_pte_leaf((paddr_t){0x80000000}, 1, PAGE_READ | PAGE_WRITE | PAGE_WRITE_COMBINE),
		     UINT64_C(0x80000000800000eb), "PAT index 1");
	cr_assert_eq(arch_pte_table((paddr_t){0x7000}), UINT64_C(0x7027));
}

Test(pte_x86_64, never_writable_and_executable_by_accident) {
	cr_assert(arch_pte_leaf((paddr_t){0x1000}, 0, PAGE_READ | PAGE_WRITE) >> 63);
	cr_assert_not(arch_pte_leaf((paddr_t){0x1000}, 0, PAGE_READ | PAGE_EXECUTE) & 2);
}

Test(pte_x86_64, address_has_52_bits) {
	uint64_t high = UINT64_C(0x000ffffffffff000);
	cr_assert_eq(arch_pte_address(arch_pte_leaf((paddr_t){high}, 0, PAGE_READ), 0).value, high);
}
