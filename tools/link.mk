# SPDX-License-Identifier: Apache-2.0
# For which architecture, with which tools, and how programme, image and loader are linked. The Makefile gives it its
# objects; where Anechoic is installed, tools/anechoic.mk gives it archives of them. HERE is the folder of tools/ and
# linker/ with a slash behind it, nothing in the tree.

ARCHES    := x86_64 aarch64
HOST_ARCH := $(shell uname -m)
ARCH      ?= $(or $(filter $(HOST_ARCH),$(ARCHES)),x86_64)
TOOLCHAIN ?= gcc
V         ?=

ifeq ($(filter $(ARCH),$(ARCHES)),)
$(error ARCH=$(ARCH): valid are $(ARCHES))
endif
ifeq ($(filter $(TOOLCHAIN),gcc clang),)
$(error TOOLCHAIN=$(TOOLCHAIN): valid are gcc clang)
endif

Q := $(if $(V),,@)
# By make itself, not by a shell: of thousands of files a compiler is all that is started.
say = $(if $(V),,$(info $()  $(1) $(2)))

CROSS        := $(if $(filter-out $(HOST_ARCH),$(ARCH)),$(ARCH)-linux-gnu-)
CLANG_TARGET := $(if $(CROSS),--target=$(ARCH)-linux-gnu)
ARCH_CC      := $(if $(filter clang,$(TOOLCHAIN)),clang $(CLANG_TARGET),$(CROSS)gcc)
ARCH_CXX     := $(if $(filter clang,$(TOOLCHAIN)),clang++ $(CLANG_TARGET),$(CROSS)g++)
ARCH_LD      := $(CROSS)ld
ARCH_AR      := $(CROSS)ar
ARCH_OBJCOPY := $(CROSS)objcopy
BOOT_LD      := lld-link
ARCH_LIBGCC   = $(shell $(CROSS)gcc -print-libgcc-file-name)

# Words kept in a file, so that other words rebuild what hangs on it: the command of a layer. $(3) are folders to make.
define kept
$(1): FORCE
	@mkdir -p $$(@D) $(3)
	@printf '%s\n' '$(subst ','\'',$(2))' | cmp -s - $$@ || printf '%s\n' '$(subst ','\'',$(2))' >$$@
endef

# Of an archive every object is taken, as if they were named one by one.
whole = $(if $(filter %.a,$(1)),--whole-archive $(filter %.a,$(1)) --no-whole-archive) $(filter %.o,$(1))

# Fixed address, position-independent objects: no relocation is left for the kernel to apply. Function symbols stay in
# it: a fault names its place. The address is beyond 32 bits: no relaxing into short immediates, and no weak call may
# stay unresolved. Pages are of 4 KiB: with the 64 KiB that ld takes for aarch64, as much of the file would be empty.
PROGRAM_LINK = $(ARCH_LD) -static -no-pie -z max-page-size=4096 -T $< -z noexecstack --gc-sections --no-relax \
               -u __call_exitprocs \
		-Map=$@.map -o $@.debug $(call whole,$^) \
		--start-group $(NEWLIB)/lib/libc.a $(NEWLIB)/lib/libm.a $(ARCH_LIBGCC) --end-group && \
		$(ARCH_OBJCOPY) --strip-debug $@.debug $@

KERNEL_LINK = $(ARCH_LD) -z max-page-size=4096 --no-dynamic-linker -z text -z noexecstack --gc-sections -Map=$@.map
KERNEL_LINK_PIE = $(KERNEL_LINK) -pie $(KERNEL_LINK_REST)
KERNEL_LINK_FIXED = $(KERNEL_LINK) -static -no-pie $(KERNEL_LINK_REST)
KERNEL_LINK_REST = -T $< -o $@.debug $(call whole,$^) $(ARCH_LIBGCC) && $(ARCH_OBJCOPY) --strip-all $@.debug $@

# What unpacks it is boot/lz4.c.
%/kernel.elf.lz4: %/kernel.elf
	$(call say,pack,$@)
	$(Q)lz4 -12 -q -f --content-size --no-frame-crc $< $@ && touch $@ # lz4 gives it the time of the file

LOADER_NAME_x86_64  := BOOTX64.EFI
LOADER_NAME_aarch64 := BOOTAA64.EFI
# Firmware with pages of 64 KiB, which aarch64 has, protects sections by them. lld warns of it but for what runs
# privileged, as this does.
LOADER_ALIGN_aarch64 := /driver /align:65536
LOADER_LINK = $(BOOT_LD) /subsystem:efi_application /entry:efi_main /nodefaultlib /Brepro /nxcompat /out:$@ \
              $(LOADER_ALIGN_$(ARCH)) \
              $(addprefix /wholearchive:,$(filter %.a,$^)) $(filter %.o,$^)

HOSTED_LINK = $(ARCH_CC) -pie $(SANFLAGS) $(CFLAGS) -Wl,-Map=$(L)/hosted.map -o $@ $(filter %.o,$^) \
              $(filter %.a,$^) $(LDFLAGS) $(HOSTED_LIBS)

# With which words the assembler makes the object that holds a programme (ELF), and the one that holds a kernel (COFF).
HOLD_PROGRAM = $(ARCH_CC) $(filter-out -std=c11 -MMD -MP,$(KERNEL_FLAGS)) -DPROGRAM_ELF='"$(@D)/program.elf"' \
               $(CFLAGS) -c $< -o $@
HOLD_KERNEL  = $(BOOT_CC) $(filter-out -std=c11 -MMD -MP,$(BOOT_FLAGS)) -DKERNEL_PACKED='"$(@D)/kernel.elf.lz4"' \
               -DPACKED_SECTION='.rdata,"dr"' $(CFLAGS) -c $< -o $@

# The image around a programme, $(1)/program.elf: the same objects, and those that hold it.
define image_around
$(1)/program.S.o: $$(HERE)kernel/program/program.S $(1)/program.elf $(O)/flags/kernel
	$$(call say,kernel,$$<)
	$$(Q)$$(HOLD_PROGRAM)
$(1)/kernel.elf: $$(HERE)linker/kernel-$$(ARCH).ld $$(KERNEL_OBJ) $(1)/program.S.o
	$$(call say,link,$$@)
	$$(Q)$$(KERNEL_LINK_PIE)
$(1)/kernel-pvh.elf: $$(HERE)linker/kernel-pvh.ld $$(KERNEL_OBJ) $(1)/program.S.o $$(PVH_OBJ)
	$$(call say,link,$$@)
	$$(Q)$$(KERNEL_LINK_FIXED)
$(1)/kernel_image.S.o: $$(HERE)boot/kernel_image.S $(1)/kernel.elf.lz4 $(O)/flags/boot
	$$(call say,boot,$$<)
	$$(Q)$$(HOLD_KERNEL)
$(1)/$$(LOADER_NAME_$$(ARCH)): $$(BOOT_OBJ) $(1)/kernel_image.S.o
	$$(call say,link,$$@)
	$$(Q)$$(LOADER_LINK)
$(1)/anechoic.img: $(1)/$$(LOADER_NAME_$$(ARCH)) $$(HERE)tools/mkimage.sh
	$$(call say,image,$$@)
	$$(Q)$$(HERE)tools/mkimage.sh $$@ $$<
endef
