/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers and bits as the manuals name them. Source: Intel SDM volumes 3A (2.5 control registers, 4.5 paging, 6
 * interrupts, 11 APIC) and 4 (MSRs); AMD APM volume 2. Included by assembly, too.
 */
#pragma once

#define CR0_PE                  (1 << 0)
#define CR0_MP                  (1 << 1)
#define CR0_EM                  (1 << 2)
#define CR0_TS                  (1 << 3)
#define CR0_NE                  (1 << 5)
#define CR0_WP                  (1 << 16)
#define CR0_PG                  (1 << 31)

#define CR4_PAE                 (1 << 5)
#define CR4_MCE                 (1 << 6)
#define CR4_PGE                 (1 << 7)
#define CR4_PCE                 (1 << 8)
#define CR4_OSFXSR              (1 << 9)
#define CR4_OSXMMEXCPT          (1 << 10)
#define CR4_UMIP                (1 << 11)
#define CR4_LA57                (1 << 12)
#define CR4_PCIDE               (1 << 17)
#define CR4_OSXSAVE             (1 << 18)
#define CR4_SMEP                (1 << 20)
#define CR4_SMAP                (1 << 21)

#define XCR0_X87                (1 << 0)
#define XCR0_SSE                (1 << 1)
#define XCR0_AVX                (1 << 2)
#define XCR0_OPMASK             (1 << 5)
#define XCR0_ZMM_HI256          (1 << 6)
#define XCR0_HI16_ZMM           (1 << 7)

#define RFLAGS_RESERVED         (1 << 1)
#define RFLAGS_IF               (1 << 9)

#define MSR_IA32_APIC_BASE      0x1b
#define MSR_IA32_TSC_DEADLINE   0x6e0
#define MSR_IA32_X2APIC         0x800 /* register at MMIO offset n: 0x800 + n / 16 */
#define MSR_IA32_MISC_ENABLE    0x1a0
#define MSR_IA32_EFER           0xc0000080
#define MSR_IA32_PAT            0x277
#define MSR_KVM_WALL_CLOCK_NEW  0x4b564d00
#define MSR_KVM_SYSTEM_TIME_NEW 0x4b564d01
#define MSR_KVM_STEAL_TIME      0x4b564d03
#define MSR_IA32_FS_BASE        0xc0000100
#define MSR_IA32_GS_BASE        0xc0000101
#define MSR_IA32_KERNEL_GS_BASE 0xc0000102
#define MSR_IA32_STAR           0xc0000081
#define MSR_IA32_LSTAR          0xc0000082
#define MSR_IA32_FMASK          0xc0000084

/* Of the upper half. */
#define MISC_ENABLE_XD_DISABLE_HIGH (1 << (34 - 32))

#define APIC_BASE_EXTD              (1 << 10)
#define APIC_BASE_ENABLE            (1 << 11)

/* As after reset, but for index 1: write combining in the place of write through. SDM volume 3A, table 11-12. */
#define PAT_VALUE 0x0007040600070106

#define EFER_SCE  (1 << 0)
#define EFER_LME  (1 << 8)
#define EFER_NXE  (1 << 11)

/* CPUID bits that assembly or more than one file asks for: SDM volume 2A, tables 3-10 and 3-11; AMD APM volume 3,
 * E.4.2. */
#define CPUID_1_EDX_MSR       (1 << 5)
#define CPUID_1_EDX_PAE       (1 << 6)
#define CPUID_1_EDX_APIC      (1 << 9)
#define CPUID_80000001_EDX_LM (1 << 29)

/* Our segment selectors (gdt in cpu.c). The TSS's is beyond the end of any firmware's GDT: where the firmware had no
 * task, ours stays in TR, and EDK II (RestoreVolatileRegisters, MpLib.c) loads a core that it wakes with what it found
 * in TR at the last call's end, if that is within its GDT: of an entry that is no TSS, a #GP. */
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_DATA   0x2b
#define SELECTOR_USER_CODE   0x33
#define SELECTOR_TSS         0x800

/* Vectors. The timer's priority class is above the task priority, every other interrupt's below (timer.c). */
#define VECTOR_DEBUG              1
#define VECTOR_NMI                2
#define VECTOR_INVALID_OPCODE     6
#define VECTOR_DOUBLE_FAULT       8
#define VECTOR_GENERAL_PROTECTION 13
#define VECTOR_PAGE_FAULT         14
#define VECTOR_MACHINE_CHECK      18
#define VECTOR_TIMER              0xf0
#define VECTOR_SPURIOUS           0xff
#define VECTOR_OTHER              0x100 /* of a trap whose vector no stub tells */

/* Stacks: arch_stacks[n]. A guard page lies under each; where the first one ends, stacks.c asserts. */
#define MAIN_STACK_TOP      20480
#define STACK_KERNEL        0
#define STACK_DOUBLE_FAULT  1
#define STACK_NMI           2
#define STACK_MACHINE_CHECK 3
#define STACK_COUNT         4
