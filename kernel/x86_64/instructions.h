/* SPDX-License-Identifier: Apache-2.0
 *
 * Instructions that C cannot say, a function each. All are ordered against each other by `volatile`; those that give
 * memory to a device or change the mapping of memory name "memory", so that no access moves over them.
 */
#pragma once

#include "lib/cpuid.h"

#include <stdint.h>

static inline uint8_t port_read8(uint16_t port) {
	uint8_t value;
	__asm__ volatile("inb %w1, %b0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint32_t port_read32(uint16_t port) {
	uint32_t value;
	__asm__ volatile("inl %w1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void port_write8(uint16_t port, uint8_t value) {
	__asm__ volatile("outb %b0, %w1" : : "a"(value), "Nd"(port));
}

/* `length` bytes to the one port, one after the other. */
static inline void port_write8_each(uint16_t port, const char *bytes, uint64_t length) {
	__asm__ volatile("rep outsb" : "+S"(bytes), "+c"(length) : "d"(port) : "memory");
}

static inline void port_write16(uint16_t port, uint16_t value) {
	__asm__ volatile("outw %w0, %w1" : : "a"(value), "Nd"(port));
}

static inline void port_write32(uint16_t port, uint32_t value) {
	__asm__ volatile("outl %0, %w1" : : "a"(value), "Nd"(port));
}

static inline uint64_t msr_read(uint32_t msr) {
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value) {
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

static inline struct cpuid cpuid_read(uint32_t leaf, uint32_t subleaf) {
	struct cpuid result;
	__asm__ volatile("cpuid"
			 : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
			 : "a"(leaf), "c"(subleaf));
	return result;
}

static inline uint64_t cr0_read(void) {
	uint64_t value;
	__asm__ volatile("mov %%cr0, %0" : "=r"(value));
	return value;
}

static inline void cr0_write(uint64_t value) {
	__asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

static inline uint64_t cr2_read(void) {
	uint64_t value;
	__asm__ volatile("mov %%cr2, %0" : "=r"(value));
	return value;
}

static inline uint64_t cr3_read(void) {
	uint64_t value;
	__asm__ volatile("mov %%cr3, %0" : "=r"(value));
	return value;
}

static inline void cr3_write(uint64_t value) {
	__asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static inline uint64_t cr4_read(void) {
	uint64_t value;
	__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}

static inline void cr4_write(uint64_t value) {
	__asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static inline void xcr0_write(uint64_t value) {
	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static inline uint64_t tsc_read(void) {
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* Volatile: a device's register; every access is made once and in program order. */
static inline uint32_t mmio_read32(uint64_t address) {
	return *(volatile uint32_t *)(uintptr_t)address;
}

static inline void mmio_write32(uint64_t address, uint32_t value) {
	*(volatile uint32_t *)(uintptr_t)address = value;
}
